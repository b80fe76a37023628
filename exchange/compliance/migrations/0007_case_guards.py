from typing import Any

from django.apps.registry import Apps
from django.db import migrations

from audit.log.completeness import require_entry
from audit.log.immutability import forbid_changes

FIXED = {
    "Case": ("screening", "kind", "grade"),
    "Proposal": (
        "case",
        "approve",
        "reason",
        "conditions",
        "valid_until",
        "content_sha256",
        "pack",
        "file_sha256",
        "proposed_by",
        "proposed_as",
        "proposed_for",
        "by_regulator",
        "proposed_at",
    ),
    "Appeal": ("screening", "case", "grade", "wish", "grounds", "documents", "lodged_at"),
}


def tell_grades(apps: Apps, _editor: Any) -> None:
    """Give cases that were opened before the grade and kind of their screening."""
    for case in apps.get_model("compliance", "Case").objects.select_related("screening"):
        case.grade = case.screening.grade or "GENERAL"
        if case.grade != "GENERAL":
            case.kind = "IMPORTANT"
        elif case.screening.personal == "SENSITIVE":
            case.kind = "SENSITIVE_PERSONAL"
        case.save(update_fields=["grade", "kind"])


class Migration(migrations.Migration):
    """What a case is about, what was proposed and what was shown is never changed afterwards."""

    dependencies = [("compliance", "0006_cases"), ("log", "0006_completeness")]

    operations = [
        migrations.RunPython(tell_grades, migrations.RunPython.noop, elidable=True),
        forbid_changes("compliance", "FilePart"),
        *(
            forbid_changes("compliance", model, columns=columns)
            for model, columns in FIXED.items()
        ),
        require_entry("compliance", "Proposal", kind="proposal"),
        require_entry("compliance", "Appeal", kind="appeal"),
    ]
