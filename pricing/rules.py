"""Who may set a price or appraise, what a price may be, and how far it may stand from value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.rulebook.queries import Pack

from .appraising import AppraisalInputs
from .models import Appraisal, Plan
from .money import MINOR_UNITS, Money
from .plans import PlanTerms, is_payable, price_of, reference_quantity, tier_faults
from .policy import policy_of
from .states import AppraisalState, Period, PlanKind, Regime, Zone
from .wording import fault_text

GUARANTEE_DAYS_MOST: Final = 365
AMOUNT_MOST: Final = Decimal("9999999999999999.99")

REGIMES_BY_ORIGIN: Final = {
    "PUBLIC": frozenset({Regime.PUBLIC_FREE, Regime.PUBLIC_CAPPED}),
    "ENTERPRISE": frozenset({Regime.MARKET}),
    "PERSONAL": frozenset({Regime.MARKET}),
}


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """How an asking price stands to the appraised value, and what the policy says of it."""

    zone: Zone
    rate: Decimal
    ask: Money
    low: Money
    mid: Money
    high: Money
    green: Decimal
    amber: Decimal
    appraisal: str
    pack: str

    @property
    def is_in_band(self) -> bool:
        """Whether the price lies inside the appraised band itself."""
        return self.low <= self.ask <= self.high

    @property
    def needs_justification(self) -> bool:
        """Whether the provider must say why before listing."""
        return self.zone != Zone.GREEN

    @property
    def needs_review(self) -> bool:
        """Whether a person must look at it before listing."""
        return self.zone == Zone.RED


def why_not_set_plan(actor: Actor, owner: str, current: Plan | None = None) -> str | None:
    """Only the provider prices its product (《上海市数据条例》第五十七条: 自主定价)."""
    if not owner or actor.organization != owner:
        return _("Only the provider sets the price of its product.")
    if not actor.has_role("PROVIDER"):
        return _("The organization is not admitted as a provider.")
    if not actor.may_write:
        return _("Your role in the organization only allows looking.")
    if current is not None and current.owner != owner:
        return _("The price of this product was set by another organization.")
    return None


def why_not_appraise(actor: Actor, owner: str) -> str | None:
    """Keep the appraiser independent of the provider (《资产评估法》第四条)."""
    if actor.is_system:
        return None
    if actor.organization == owner:
        return _("The provider may not appraise its own product.")
    if not actor.has_role("ASSESSOR"):
        return _("Only an admitted assessor or the platform itself appraises.")
    if actor.has_role("OPERATOR"):
        return _("The operator of the exchange may not appraise.")
    if not actor.may_write:
        return _("Your role in the organization only allows looking.")
    return None


def why_not_withdraw(actor: Actor, appraisal: Appraisal) -> str | None:
    """Whoever signed an appraisal, or supervises the exchange, may take it back."""
    if actor.is_system or actor.has_role("OPERATOR", "REGULATOR"):
        return None if actor.may_write else _("Your role in the organization only allows looking.")
    if actor.has_role("ASSESSOR") and actor.organization == appraisal.appraiser:
        return None if actor.may_write else _("Your role in the organization only allows looking.")
    return _("Only its appraiser, the operator or a regulator withdraws an appraisal.")


def why_not_see_inputs(actor: Actor, appraisal: Appraisal) -> str | None:
    """Costs and forecasts are the provider's business secrets; the band is public."""
    if actor.is_system or actor.has_role("OPERATOR", "REGULATOR"):
        return None
    if actor.organization and actor.organization in {appraisal.owner, appraisal.appraiser}:
        return None
    return _("The inputs of an appraisal are shown to its provider, appraiser and supervisors.")


def why_not_rely_on(appraisal: Appraisal | None, *, release: str, at: datetime) -> str | None:
    """Rely only on a true, current appraisal (《明码标价和禁止价格欺诈规定》第十六条)."""
    if appraisal is None:
        return _("There is no appraisal of this product.")
    if appraisal.status != AppraisalState.SIGNED:
        return _("The appraisal is no longer valid.")
    if appraisal.is_stale(at):
        return _("The appraisal was valid until %(day)s.") % {"day": appraisal.valid_until}
    if release and appraisal.release != release:
        return _("The appraisal is of another release.")
    return None


def why_not_regime(regime: str, origin: str) -> str | None:
    """Public data is free or capped, other data priced by the market (数据二十条第八条)."""
    permitted = REGIMES_BY_ORIGIN.get(origin)
    if permitted is None or regime in permitted:
        return None
    if origin == "PUBLIC":
        return _("Products from public data are free or have a price cap.")
    return _("Public price regimes apply to public data only.")


def why_not_charge(terms: PlanTerms, *, ask: Money, revenue: Money) -> str | None:
    """Keep a capped product from earning more than allowed (发改价格〔2025〕65号: 最高准许收入)."""
    if terms.regime != Regime.PUBLIC_CAPPED or terms.revenue_cap is None:
        return None
    if (revenue + ask).amount > terms.revenue_cap:
        return _("This sale would exceed the maximum allowed revenue of %(cap)s.") % {
            "cap": Money(terms.revenue_cap, terms.currency).formatted()
        }
    return None


def asking_price(plan: Plan, *, rows: int, size: int) -> Money:
    """Return what the plan asks for one license, the quantity an appraisal values."""
    return price_of(plan.terms, reference_quantity(plan.terms, rows=rows, size=size))


def judge_price(
    ask: Money, appraisal: Appraisal, pack: Pack, *, kind: str = PlanKind.ONE_OFF
) -> Deviation:
    """Judge an asking price against the middle of the band by the published policy.

    Giving data away is always within policy: no buyer is harmed by a price of nothing.
    """
    policy = policy_of(pack).deviation_for(kind)
    rate = Decimal(0)
    zone = Zone.GREEN
    if not ask.is_zero:
        rate = Decimal(1)
        if appraisal.mid.is_positive:
            rate = (ask - appraisal.mid).ratio_to(appraisal.mid).quantize(Decimal("0.0001"))
        distance = abs(rate)
        if distance > policy.amber:
            zone = Zone.RED
        elif distance > policy.green:
            zone = Zone.AMBER
    return Deviation(
        zone=zone,
        rate=rate,
        ask=ask,
        low=appraisal.low,
        mid=appraisal.mid,
        high=appraisal.high,
        green=policy.green,
        amber=policy.amber,
        appraisal=appraisal.reference,
        pack=pack.label,
    )


def judge_plan(plan: Plan, appraisal: Appraisal, pack: Pack) -> Deviation:
    """Judge what a plan asks for one license of the appraised release."""
    facts = appraisal.inputs["facts"]
    ask = asking_price(plan, rows=facts["rows"], size=facts["bytes"])
    return judge_price(ask, appraisal, pack, kind=plan.kind)


def faults_of_terms(terms: PlanTerms) -> dict[str, list[str]]:
    """Say by field what keeps terms from being a plan; empty when nothing does."""
    if terms.currency not in MINOR_UNITS:
        return {"currency": [_("This currency is not accepted.")]}
    faults: dict[str, list[str]] = {}
    for name in ("price", "minimum", "revenue_cap"):
        amount = getattr(terms, name)
        if amount is not None and not (
            is_payable(amount, terms.currency) and amount <= AMOUNT_MOST
        ):
            faults[name] = [_("An amount is not negative and no finer than the currency.")]
    if not faults:
        _check_kind(terms, faults)
        _check_regime(terms, faults)
    if terms.trial_quota < 0:
        faults["trial_quota"] = [_("A trial quota is not negative.")]
    if terms.guarantee_days is not None and not 0 <= terms.guarantee_days <= GUARANTEE_DAYS_MOST:
        faults["guarantee_days"] = [_("A price is guaranteed for at most a year.")]
    return faults


def faults_of_inputs(inputs: AppraisalInputs) -> dict[str, list[str]]:
    """Say by field what keeps inputs from being appraised."""
    faults: dict[str, list[str]] = {}

    def note(prefix: str, found: Mapping[str, str]) -> None:
        for name, code in found.items():
            faults[f"{prefix}.{name}"] = [fault_text(code)]

    note("facts", inputs.facts.problems())
    note("costs", inputs.costs.problems())
    for place, item in enumerate(inputs.comparables):
        note(f"comparables.{place}", item.problems())
    if inputs.income is not None:
        note("income", inputs.income.problems())
    references = [item.reference for item in inputs.comparables]
    if len(set(references)) != len(references):
        faults["comparables"] = [_("A comparable is named twice.")]
    if len(_currencies(inputs)) > 1:
        faults["currency"] = [_("All amounts must be in one currency.")]
    if inputs.facts.updated_on > inputs.basis_on:
        faults["facts.updated_on"] = [_("The data cannot be newer than the basis date.")]
    return faults


def _check_kind(terms: PlanTerms, faults: dict[str, list[str]]) -> None:
    kind = terms.kind
    if kind == PlanKind.FREE and (terms.price or terms.minimum):
        faults["price"] = [_("A free product has no price.")]
    if kind in {PlanKind.ONE_OFF, PlanKind.SUBSCRIPTION} and terms.price <= 0:
        faults["price"] = [_("A price above zero is needed; choose the free plan otherwise.")]
    if kind == PlanKind.SUBSCRIPTION and terms.period not in Period:
        faults["period"] = [_("A subscription needs a period.")]
    if kind != PlanKind.SUBSCRIPTION and terms.period:
        faults["period"] = [_("Only a subscription has a period.")]
    if kind.is_metered:
        _check_meter(terms, faults)
        return
    if terms.tiers:
        faults["tiers"] = [_("Only metered plans have tiers.")]
    if terms.minimum:
        faults["minimum"] = [_("Only metered plans have a minimum charge.")]
    if terms.trial_quota:
        faults["trial_quota"] = [_("Only metered plans have a trial quota.")]


def _check_meter(terms: PlanTerms, faults: dict[str, list[str]]) -> None:
    if terms.price:
        faults["price"] = [_("A metered plan is priced by its tiers.")]
    if found := tier_faults(terms.tiers):
        faults["tiers"] = [fault_text(code) for code in found]


def _check_regime(terms: PlanTerms, faults: dict[str, list[str]]) -> None:
    regime = terms.regime
    if regime == Regime.PUBLIC_FREE and terms.kind != PlanKind.FREE:
        faults.setdefault("kind", []).append(
            _("Public data for governance and welfare is free of charge.")
        )
    if regime != Regime.PUBLIC_CAPPED:
        if terms.cap is not None or terms.revenue_cap is not None:
            faults["cap"] = [_("Only capped public data has a price cap.")]
        return
    if terms.cap is None or not terms.cap.is_finite() or terms.cap <= 0 or not terms.cap_basis:
        faults["cap"] = [_("The cap and the document that sets it are needed.")]
        return
    unit_prices = [tier.unit_price for tier in terms.tiers] or [terms.price]
    if max(*unit_prices, terms.minimum) > terms.cap and "tiers" not in faults:
        name = "tiers" if terms.tiers else "price"
        faults[name] = [_("The price is above the cap set by the authorizing body.")]


def _currencies(inputs: AppraisalInputs) -> set[str]:
    amounts = [amount for amount in inputs.costs.items().values() if not amount.is_zero]
    amounts += [item.price for item in inputs.comparables]
    amounts += inputs.income.yearly if inputs.income else ()
    return {amount.currency for amount in amounts}
