"""Public registers: algorithms with their measured accuracy, and the rules in force."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from audit.disclosure.fields import BY_CODE, FIELDS, GROUPS
from audit.disclosure.models import Disclosure
from audit.disclosure.queries import (
    accuracy_of,
    get_disclosure_for,
    history_of,
    latest_measurements_of,
    measurements_of,
    register,
)
from audit.disclosure.states import DisclosureState
from audit.disclosure.verification import faults_of_disclosure
from audit.rulebook.queries import Pack, get_pack, list_kinds, list_packs
from exchange.catalog.models import Product
from exchange.catalog.vocabulary import ProductType
from exchange.parties.queries import organization_names
from exchange.settlement.fees import ANY_TYPE, Fee, FeeSchedule
from exchange.settlement.states import FeeSide
from exchange.web.components import Column, Head, Link
from exchange.web.pages import Page
from exchange.web.paging import paginate
from exchange.web.screenings import ACTIONS, OVERRIDES
from pricing.policy import policy_of
from pricing.states import PlanKind

KINDS: Final[dict[str, str | Promise]] = {
    "compliance": gettext_lazy("Forbidden and gated data"),
    "export": gettext_lazy("Export of data"),
    "fees": gettext_lazy("Fee schedule"),
    "pricing": gettext_lazy("Appraisal and deviation"),
    "retention": gettext_lazy("Retention and destruction"),
    "trading": gettext_lazy("Trade floor"),
}
MAIN_FIELDS = ("technique", "prediction_target", "stakeholders")
ACCURACY_COLUMNS = (
    Column(label=gettext_lazy("Metric")),
    Column(
        label=gettext_lazy("Declared"),
        meaning=gettext_lazy("What the owner claims"),
        number=True,
    ),
    Column(
        label=gettext_lazy("Measured"),
        meaning=gettext_lazy("What the platform found, with the interval of 95 %"),
        number=True,
    ),
    Column(label=gettext_lazy("Cases"), number=True),
    Column(label=gettext_lazy("Data")),
    Column(label=gettext_lazy("Measured at")),
)
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


class Algorithms(Page):
    """The register of algorithms: what each does, to what end, for whom, and how accurately."""

    public = True
    template_name = "registers/algorithms.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = paginate(register(), self.request.GET, order=("owner", "algorithm"), size=20)
        rows = list(page)
        measured = latest_measurements_of(rows)
        names = organization_names(row.owner for row in rows if row.owner)
        return super().get_context_data(
            head=Head(
                title=_("Register of algorithms"),
                kind=_("Public register"),
                summary=_(
                    "Every algorithm that decides about data or prices here: the technique it "
                    "uses, what it predicts, how accurate it was measured, and whom it concerns."
                ),
            ),
            page=page,
            rows=[
                {
                    "disclosure": row,
                    "owner": names.get(row.owner, row.owner) if row.owner else "",
                    "accuracy": accuracy_of(row, measured.get(row.pk, [])),
                }
                for row in rows
            ],
            **kwargs,
        )


class Algorithm(Page):
    """One disclosure with everything it says, its measurements, its history, its signature."""

    public = True
    template_name = "registers/algorithm.html"
    disclosure: Disclosure

    def load(self, **kwargs: Any) -> None:
        self.disclosure = get_disclosure_for(self.actor, kwargs["reference"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.disclosure
        owner = organization_names([row.owner]).get(row.owner, row.owner) if row.owner else ""
        listed = Product.objects.filter(reference__in=row.products, status="LISTED")
        return super().get_context_data(
            head=Head(
                title=row.name,
                kind=row.get_algorithm_type_display(),
                reference=row.reference,
                owner=Link(label=owner, url=reverse("participants")) if owner else None,
                status=row.status,
                status_label=row.get_status_display(),
                since=row.ended_at or row.filed_at or row.drafted_at,
                summary="" if owner else _("An algorithm of the exchange itself."),
                crumbs=[Link(label=_("Register of algorithms"), url=reverse("algorithms"))],
            ),
            disclosure=row,
            main=[(BY_CODE[code].label, row.text(code)) for code in MAIN_FIELDS],
            groups=_groups(row),
            accuracy=accuracy_of(row),
            accuracy_columns=ACCURACY_COLUMNS,
            measurements=measurements_of(row.algorithm, owner=row.owner)[:60],
            history=history_of(row.algorithm, owner=row.owner),
            products=listed,
            faults=faults_of_disclosure(row) if row.status != DisclosureState.DRAFT else None,
            here=self.request.build_absolute_uri(),
            **kwargs,
        )


def _groups(row: Disclosure) -> list[dict[str, Any]]:
    shown = []
    for code, label in GROUPS.items():
        fields = [
            (field, row.text(field.code))
            for field in FIELDS
            if field.group == code and field.code not in MAIN_FIELDS and row.text(field.code)
        ]
        if fields:
            shown.append({"label": label, "fields": fields})
    return shown


class RulePacks(Page):
    """The rules in force: what is forbidden, what is charged, how far prices may stand."""

    public = True
    template_name = "registers/rules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = self.now.date()
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
    path("algorithms/", Algorithms.as_view(), name="algorithms"),
    path("algorithms/<str:reference>/", Algorithm.as_view(), name="algorithm"),
    path("rules/", RulePacks.as_view(), name="rule_packs"),
]
