"""The fields of a disclosure: the union of what the known registers ask for.

Sources: P the exchange's own four; CN 《互联网信息服务算法推荐管理规定》 and its form; EU4, EU8
the AI Act's Annexes IV and VIII; UK the Algorithmic Transparency Recording Standard; NYC Local Law
144; HF and GMC model cards; NL the Dutch algorithm reporting standard.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Field:
    """One thing a disclosure says, under which heading, and who asks for it."""

    code: str
    label: str | Promise
    group: str
    sources: tuple[str, ...]
    required: bool = False


GROUPS: Final[dict[str, str | Promise]] = {
    "identity": _("What it is and whose"),
    "function": _("What it does and for whom"),
    "making": _("How it was made"),
    "operation": _("How it is run and watched"),
    "recourse": _("Limits, risks and recourse"),
}


def _field(
    code: str, label: str | Promise, group: str, sources: str, *, required: bool = False
) -> Field:
    return Field(code, label, group, tuple(sources.split()), required)


FIELDS: Final[tuple[Field, ...]] = (
    _field("name", _("Name"), "identity", "CN EU4 EU8 UK HF GMC NL", required=True),
    _field("provider", _("Provider and contact"), "identity", "CN EU4 EU8 UK HF GMC NL"),
    _field("responsible", _("Responsible person by office"), "identity", "CN UK NL"),
    _field("suppliers", _("External suppliers and terms of access"), "identity", "UK"),
    _field(
        "technique",
        _("Technique used"),
        "function",
        "P CN EU4 EU8 UK HF GMC NL",
        required=True,
    ),
    _field(
        "prediction_target",
        _("Prediction target"),
        "function",
        "P CN EU4 EU8 UK NYC HF GMC NL",
        required=True,
    ),
    _field(
        "stakeholders",
        _("Stakeholders"),
        "function",
        "P CN EU4 UK NYC HF GMC NL",
        required=True,
    ),
    _field("domain", _("Domain and scenario of use"), "function", "CN EU4 EU8 UK HF GMC NL"),
    _field("lawful_basis", _("Lawful basis"), "function", "CN EU4 EU8 UK NL"),
    _field("interaction", _("Interaction with other systems"), "function", "EU4 UK NL"),
    _field("forms", _("Software, hardware and form of service"), "function", "CN EU4 EU8 HF NL"),
    _field("instructions", _("Instructions for use"), "function", "EU4 EU8 UK HF NL"),
    _field("development", _("Steps of development"), "making", "CN EU4 UK HF GMC NL"),
    _field("design", _("Design choices and trade-offs"), "making", "CN EU4 UK HF NL"),
    _field("training_data", _("Training data"), "making", "CN EU4 EU8 UK NYC HF GMC NL"),
    _field(
        "sensitive_attributes", _("Sensitive attributes used"), "making", "CN EU4 UK NYC HF GMC NL"
    ),
    _field("validation", _("Validation and testing"), "making", "CN EU4 UK NYC HF GMC NL"),
    _field("standards", _("Standards applied"), "making", "CN EU4 NL"),
    _field(
        "operational_data",
        _("Data in operation and its retention"),
        "operation",
        "CN EU8 UK NYC NL",
    ),
    _field("human_oversight", _("Human oversight"), "operation", "CN EU4 UK NL"),
    _field("security", _("Security measures"), "operation", "CN EU4 UK NL"),
    _field("monitoring", _("Monitoring in operation"), "operation", "CN EU4 UK NL"),
    _field("changes", _("Changes since the last version"), "operation", "CN EU4 UK HF NL"),
    _field("auditor", _("Auditor, independence and scope"), "operation", "CN EU4 NYC NL"),
    _field("filing", _("Filing or certificate number"), "operation", "CN EU4 EU8 UK NL"),
    _field("jurisdictions", _("Where it is in use"), "operation", "CN EU8 UK NL"),
    _field("environment", _("Environmental cost"), "operation", "HF GMC"),
    _field("performance_by_group", _("Performance by group"), "recourse", "EU4 UK NYC HF GMC NL"),
    _field("unknown_category", _("Cases of unknown category"), "recourse", "NYC"),
    _field(
        "limitations", _("Limitations and foreseeable misuse"), "recourse", "CN EU4 UK HF GMC NL"
    ),
    _field("fairness", _("Measures against bias"), "recourse", "CN EU4 UK NYC HF GMC NL"),
    _field("explanation", _("Explanation of results"), "recourse", "CN EU4 UK NYC GMC NL"),
    _field("risks", _("Risks and their mitigation"), "recourse", "CN EU4 UK HF GMC NL"),
    _field("impact_assessment", _("Impact assessment"), "recourse", "CN EU4 EU8 UK NL"),
    _field("appeal", _("Appeal and time limit"), "recourse", "CN UK HF"),
    _field("opt_out", _("How to do without it"), "recourse", "CN NYC"),
)

BY_CODE: Final = {field.code: field for field in FIELDS}
REQUIRED: Final = tuple(field.code for field in FIELDS if field.required)
