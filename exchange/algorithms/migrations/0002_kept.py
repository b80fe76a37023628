from django.db import migrations

from audit.log.completeness import require_entry
from audit.log.immutability import forbid_changes

SEALED = (
    "reference",
    "sealed_by",
    "title",
    "task",
    "target",
    "features",
    "group_columns",
    "query_column",
    "time_column",
    "positive_class",
    "columns",
    "rows",
    "provenance",
    "licence",
    "stored",
    "sha256",
    "salt",
    "commitment",
    "sealed_at",
)
ASKED = (
    "reference",
    "kind",
    "disclosure",
    "owner",
    "model_object",
    "model_source",
    "evaluation_set",
    "own_rows",
    "training",
    "card",
    "limits",
    "requested_by",
    "requested_at",
)


class Migration(migrations.Migration):
    """What was sealed, handed in and asked for stays, and no status changes without its entry."""

    dependencies = [("algorithms", "0001_initial"), ("log", "0006_completeness")]

    operations = [
        forbid_changes("algorithms", "EvaluationSet", columns=SEALED),
        forbid_changes("algorithms", "AlgorithmFile"),
        forbid_changes("algorithms", "EvaluationRun", columns=ASKED),
        require_entry("algorithms", "EvaluationSet", kind="evaluation_set"),
        require_entry("algorithms", "AlgorithmFile", kind="algorithm_file", status=""),
        require_entry("algorithms", "EvaluationRun", kind="evaluation_run"),
    ]
