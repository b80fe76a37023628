"""Why an alert of surveillance was raised, for those who watch."""

from decimal import Decimal

from django.utils.translation import gettext as _

from audit.decisions.explanations import Explanation, bars, explains
from audit.decisions.models import Decision
from audit.decisions.verification import acts_by

acts_by("surveillance.alert.raised", "surveillance")
TOLD = ("rule", "measured", "threshold", "pack")


@explains("surveillance")
def explain_alert(decision: Decision) -> Explanation:
    """Say which rule fired, by how much, and with which figures."""
    told = decision.explanation
    reasons = [
        _("Rule %(rule)s of %(pack)s measured %(measured)s; its threshold is %(threshold)s.")
        % {name: told[name] for name in TOLD}
    ]
    reasons += [f"{name}: {value}" for name, value in told.items() if name not in TOLD]
    return Explanation(
        decided=_("An alert was raised by rule %(rule)s, score %(score)s.")
        % {"rule": told["rule"], "score": decision.output["score"]},
        inputs=_(
            "Facts of the log and the ledger within the period of the rule. The alert names those "
            "concerned to nobody but who watches until a person has found a case."
        ),
        recompute=("facts_sha256", "pack", "rule"),
        reasons=tuple(reasons),
        shares=bars(
            [
                (_("measured"), told["measured"], Decimal(told["measured"])),
                (_("threshold"), told["threshold"], Decimal(told["threshold"])),
            ]
        ),
        picture=_("Measured beside the threshold"),
    )
