"""Why a measurement of contributions came out as it did, for the parties of an agreement."""

from decimal import Decimal

from django.utils.translation import gettext as _

from audit.decisions.explanations import Explanation, bars, explains
from audit.decisions.models import Decision
from audit.decisions.verification import acts_by

acts_by("settlement.measurement.finished", "value_measurement")


@explains("value_measurement")
def explain_contributions(decision: Decision) -> Explanation:
    """Say how much each party added to the success of the task."""
    rows, total = decision.explanation["parties"], Decimal(str(decision.output["total"]))
    reasons = [
        _("%(party)s added %(value)s of the success (standard error %(error)s; %(rows)s rows).")
        % {
            "party": row["party"] or row["name"],
            "value": f"{Decimal(row['value']):.4f}",
            "error": f"{Decimal(row['standard_error']):.4f}",
            "rows": f"{row['rows']:,}",
        }
        for row in rows
    ]
    reasons.append(
        _("All together reach %(total)s on %(rows)s rows of the buyer's own.")
        % {"total": f"{total:.4f}", "rows": f"{decision.explanation['holdout_rows']:,}"}
    )
    return Explanation(
        decided=_("What each source contributed to one task was measured."),
        inputs=_(
            "The releases that the agreement names, the task as the buyer stated it, and rows of "
            "the buyer's own on which success is counted."
        ),
        recompute=("agreement_sha256", "holdout_sha256", "inputs_sha256", "task"),
        reasons=tuple(reasons),
        shares=bars(
            (row["party"] or row["name"], f"{Decimal(row['value']):.4f}", Decimal(row["value"]))
            for row in rows
        ),
        picture=_("What each source added"),
    )
