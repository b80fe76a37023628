"""The public register of the rules in force: what is forbidden, charged and allowed."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from audit.rulebook.queries import Pack, day_of, get_pack, list_kinds, list_packs
from exchange.catalog.vocabulary import ProductType
from exchange.settlement.fees import ANY_TYPE, Fee, FeeSchedule
from exchange.settlement.states import FeeSide
from exchange.web.components import Column, Head
from exchange.web.pages import Page
from exchange.web.screenings import ACTIONS, OVERRIDES
from pricing.policy import policy_of
from pricing.states import PlanKind

KINDS: Final[dict[str, str | Promise]] = {
    "audits": gettext_lazy("Audits of algorithms and appeals"),
    "cases": gettext_lazy("Compliance cases"),
    "compliance": gettext_lazy("Forbidden and gated data"),
    "disclosure": gettext_lazy("Register of algorithms"),
    "export": gettext_lazy("Export of data"),
    "fees": gettext_lazy("Fee schedule"),
    "pricing": gettext_lazy("Appraisal and deviation"),
    "quality": gettext_lazy("Quality of data"),
    "retention": gettext_lazy("Retention and destruction"),
    "surveillance": gettext_lazy("Surveillance of trading"),
    "trading": gettext_lazy("Trade floor"),
    "workdays": gettext_lazy("Working days"),
}
PACK_COLUMNS = (
    Column(label=gettext_lazy("Rules")),
    Column(label=gettext_lazy("Version")),
    Column(label=gettext_lazy("In force since")),
    Column(label=gettext_lazy("Text")),
)
FEE_COLUMNS = (
    Column(label=gettext_lazy("Fee")),
    Column(label=gettext_lazy("Borne by")),
    Column(label=gettext_lazy("Products")),
    Column(
        label=gettext_lazy("Rate"),
        meaning=gettext_lazy("Each tier charges the part of the price that falls into it"),
    ),
    Column(label=gettext_lazy("At least"), number=True),
    Column(label=gettext_lazy("At most"), number=True),
)
DEVIATION_COLUMNS = (
    Column(label=gettext_lazy("Kind of price")),
    Column(label=gettext_lazy("No justification up to"), number=True),
    Column(label=gettext_lazy("With a justification up to"), number=True),
    Column(label=gettext_lazy("Beyond")),
)
RULE_COLUMNS = (
    Column(label=gettext_lazy("Rule")),
    Column(label=gettext_lazy("What follows")),
    Column(label=gettext_lazy("Legal basis")),
    Column(label=gettext_lazy("What to do")),
)


def tongue() -> str:
    """Return the key of the reader's language in data files."""
    return "zh" if (get_language() or "").startswith("zh") else "en"


class RulePacks(Page):
    """The rules in force: what is forbidden, what is charged, how far prices may stand."""

    public = True
    template_name = "registers/rules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = day_of(self.now)
        compliance = get_pack("compliance", on=today)
        fees = FeeSchedule.from_pack(get_pack("fees", on=today))
        policy = policy_of(get_pack("pricing", on=today))
        return super().get_context_data(
            head=Head(
                title=_("Rules in force"),
                kind=_("Public register"),
                summary=_(
                    "Rules are versioned files, published before they bind. Every decision names "
                    "the version it was made under."
                ),
            ),
            packs=[_pack(pack, today) for kind in list_kinds() for pack in list_packs(kind)],
            pack_columns=PACK_COLUMNS,
            fees=[_fee(fee) for fee in fees.fees],
            fee_columns=FEE_COLUMNS,
            schedule=fees,
            schedule_title=fees.title[tongue()],
            tax_title=fees.tax_title[tongue()],
            deviations=[
                {
                    "kind": PlanKind(kind).label if kind in PlanKind.values else _("all others"),
                    "green": band.green,
                    "amber": band.amber,
                }
                for kind, band in sorted(
                    policy.deviation.items(), key=lambda pair: pair[0] == "default"
                )
            ],
            deviation_columns=DEVIATION_COLUMNS,
            rules=[_rule(rule) for rule in compliance.data["rules"] if rule.get("enabled", True)],
            rule_columns=RULE_COLUMNS,
            compliance=compliance,
            pricing=policy,
            **kwargs,
        )


def _pack(pack: Pack, today: date) -> dict[str, Any]:
    since = pack.effective_on
    current = since <= today and pack == get_pack(pack.kind, on=today)
    state = ("DRAFT", _("not yet in force")) if since > today else ("SUPERSEDED", _("superseded"))
    return {
        "pack": pack,
        "label": KINDS.get(pack.kind, pack.kind),
        "since": since,
        "state": ("FILED", _("in force")) if current else state,
    }


def _fee(fee: Fee) -> dict[str, Any]:
    known = [t for t in ProductType if t.value in fee.product_types]
    tiers, floor = [], Decimal(0)
    for tier in fee.tiers:
        tiers.append({"over": floor, "up_to": tier.up_to, "rate": tier.rate})
        floor = tier.up_to or floor
    return {
        "fee": fee,
        "title": fee.title[tongue()],
        "side": FeeSide(fee.side).label,
        "types": _("all others")
        if ANY_TYPE in fee.product_types
        else _("; ").join(str(t.label) for t in known),
        "tiers": tiers,
    }


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    words, tone = ACTIONS[rule["action"]]
    return {
        "id": rule["id"],
        "title": rule[tongue()],
        "action": rule["action"],
        "words": words,
        "tone": tone,
        "override": OVERRIDES[rule["override"]],
        "basis": rule[f"basis_{tongue()}"],
        "remedy": rule[f"remedy_{tongue()}"],
    }


urlpatterns = [
    path("rules/", RulePacks.as_view(), name="rule_packs"),
]
