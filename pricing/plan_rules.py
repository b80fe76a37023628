"""What keeps terms from being a price plan, said at the field it is about."""

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from .arbitrage import arbitrage_fault
from .money import MINOR_UNITS
from .plans import PlanTerms, ScenarioPrice, is_payable, places_of, tier_faults
from .states import Period, PlanKind, Regime
from .wording import fault_text

GUARANTEE_DAYS_MOST: Final = 365
NOTICE_DAYS_MOST: Final = 365
AMOUNT_MOST: Final = Decimal("9999999999999999.99")
RATE_MOST: Final = Decimal(100)
RATE_PLACES_MOST: Final = 4
UNITS_MOST: Final = 10**9
PACKAGES_MOST: Final = 8
ROWS_MOST: Final = 20

Faults = dict[str, list[str]]


def faults_of_terms(terms: PlanTerms) -> Faults:
    """Say by field what keeps terms from being a plan; empty when nothing does."""
    if terms.currency not in MINOR_UNITS:
        return {"currency": [_("This currency is not accepted.")]}
    faults: Faults = {}
    for name in ("price", "minimum", "revenue_cap"):
        amount = getattr(terms, name)
        if amount is not None and not _is_amount(amount, terms):
            faults[name] = [_("An amount is not negative and no finer than the currency.")]
    if not faults:
        _check_kind(terms, faults)
        _check_scenarios(terms, faults)
        _check_companions(terms, faults)
        _check_regime(terms, faults)
        _check_floor(terms, faults)
    if not 0 <= terms.trial_quota <= UNITS_MOST:
        faults["trial_quota"] = [_("A trial quota is not negative.")]
    if not faults and (cheaper := arbitrage_fault(terms)):
        faults["packages" if terms.packages else "tiers"] = [cheaper]
    if terms.guarantee_days is not None and not 0 <= terms.guarantee_days <= GUARANTEE_DAYS_MOST:
        faults["guarantee_days"] = [_("A price is guaranteed for at most a year.")]
    return faults


def _check_kind(terms: PlanTerms, faults: Faults) -> None:
    kind = terms.kind
    if kind == PlanKind.FREE and (terms.price or terms.minimum):
        faults["price"] = [_("A free product has no price.")]
    has_price = kind in {PlanKind.ONE_OFF, PlanKind.SUBSCRIPTION} and not terms.packages
    if has_price and terms.price <= 0:
        faults["price"] = [_("A price above zero is needed; choose the free plan otherwise.")]
    _check_subscription(terms, faults)
    if terms.packages:
        _check_packages(terms, faults)
        return
    if kind.is_metered:
        _check_meter(terms, faults)
        return
    if terms.tiers:
        faults["tiers"] = [_("Only metered plans have tiers.")]
    if terms.minimum:
        faults["minimum"] = [_("Only metered plans have a minimum charge.")]
    if terms.trial_quota:
        faults["trial_quota"] = [_("Only metered plans have a trial quota.")]


def _check_meter(terms: PlanTerms, faults: Faults) -> None:
    if terms.price:
        faults["price"] = [_("A metered plan is priced by its tiers.")]
    if found := tier_faults(terms.tiers):
        faults["tiers"] = [fault_text(code) for code in found]


def _check_packages(terms: PlanTerms, faults: Faults) -> None:
    """Let packages be the whole price list: beside a meter one would undercut the other."""
    sizes = [package.units for package in terms.packages]
    if not terms.kind.is_packed:
        faults["packages"] = [_("Rows and gigabytes are sold whole, not in packages.")]
    elif terms.price or terms.tiers or terms.minimum:
        faults["packages"] = [_("A plan is priced by packages or by units, not by both.")]
    elif len(sizes) > PACKAGES_MOST or len(set(sizes)) != len(sizes):
        faults["packages"] = [
            _("Give at most %(count)d packages, each of another size.") % {"count": PACKAGES_MOST}
        ]
    elif any(not 1 <= units <= UNITS_MOST for units in sizes):
        faults["packages"] = [fault_text("out_of_range")]
    elif any(not _is_amount(row.price, terms) or row.price <= 0 for row in terms.packages):
        faults["packages"] = [_("A package has a price above zero, no finer than the currency.")]
    if terms.trial_quota and not terms.kind.is_metered:
        faults["trial_quota"] = [_("Only metered plans have a trial quota.")]


def _check_subscription(terms: PlanTerms, faults: Faults) -> None:
    if terms.kind == PlanKind.SUBSCRIPTION and terms.period not in Period:
        faults["period"] = [_("A subscription needs a period.")]
    if terms.kind != PlanKind.SUBSCRIPTION and terms.period:
        faults["period"] = [_("Only a subscription has a period.")]
    if terms.renewable and terms.kind != PlanKind.SUBSCRIPTION:
        faults["renewable"] = [_("Only a subscription is renewed.")]
    if terms.notice_days and not terms.renewable:
        faults["notice_days"] = [_("Notice is given of what can be renewed.")]
    elif not 0 <= terms.notice_days <= NOTICE_DAYS_MOST:
        faults["notice_days"] = [_("Notice is given at most a year ahead.")]


def _check_scenarios(terms: PlanTerms, faults: Faults) -> None:
    names = [row.scenario for row in terms.scenarios]
    if not names:
        return
    if terms.kind == PlanKind.FREE:
        faults["scenarios"] = [_("A free product costs nothing in any scenario.")]
    elif len(names) > ROWS_MOST or len(set(names)) != len(names) or not all(map(str.strip, names)):
        faults["scenarios"] = [
            _("Name each scenario once, at most %(count)d.") % {"count": ROWS_MOST}
        ]
    elif any(not _is_rate(row.rate) for row in terms.scenarios):
        faults["scenarios"] = [
            _("A scenario pays 0 to 100 times the price, with at most four decimal places.")
        ]
    elif any(row.cap is not None for row in terms.scenarios) and (
        terms.regime != Regime.PUBLIC_CAPPED
    ):
        faults["scenarios"] = [_("Only capped public data has a price cap.")]
    elif any(row.public_good and row.rate for row in terms.scenarios):
        faults["scenarios"] = [_("Public data for governance and welfare is free of charge.")]
    elif any(row.public_good for row in terms.scenarios) and terms.regime == Regime.MARKET:
        faults["scenarios"] = [_("Public price regimes apply to public data only.")]


def _check_floor(terms: PlanTerms, faults: Faults) -> None:
    if terms.negotiable and terms.kind == PlanKind.FREE:
        faults["negotiable"] = [_("A free product leaves nothing to negotiate.")]
    if terms.floor_rate is None:
        return
    if not terms.negotiable:
        faults["floor_rate"] = [_("Only a negotiable price has a floor.")]
    elif not _is_rate(terms.floor_rate) or not 0 < terms.floor_rate <= 1:
        faults["floor_rate"] = [
            _("The floor is a share of the price above 0 and up to 1, with four decimal places.")
        ]


def _check_companions(terms: PlanTerms, faults: Faults) -> None:
    products = [row.product for row in terms.companions]
    if not products:
        return
    if terms.kind == PlanKind.FREE:
        faults["companions"] = [_("A free product needs no bundle.")]
    elif len(products) > ROWS_MOST or len(set(products)) != len(products) or not all(products):
        faults["companions"] = [
            _("Name each product of a bundle once, at most %(count)d.") % {"count": ROWS_MOST}
        ]
    elif any(not _is_amount(r.reduction, terms) or r.reduction <= 0 for r in terms.companions):
        faults["companions"] = [_("A bundle takes off an amount above zero.")]


def _check_regime(terms: PlanTerms, faults: Faults) -> None:
    regime = terms.regime
    if regime == Regime.PUBLIC_FREE and terms.kind != PlanKind.FREE:
        faults.setdefault("kind", []).append(
            _("Public data for governance and welfare is free of charge.")
        )
    if regime != Regime.PUBLIC_CAPPED:
        if terms.cap is not None or terms.revenue_cap is not None or terms.revenue_period:
            faults["cap"] = [_("Only capped public data has a price cap.")]
        return
    caps = [terms.cap, *(row.cap for row in terms.scenarios if row.cap is not None)]
    if any(cap is None or not cap.is_finite() or cap <= 0 for cap in caps) or not terms.cap_basis:
        faults["cap"] = [_("The cap and the document that sets it are needed.")]
        return
    if terms.revenue_period and terms.revenue_cap is None:
        faults["revenue_cap"] = [_("Say how much may be earned in the period.")]
    _check_caps(terms, faults)


def _check_caps(terms: PlanTerms, faults: Faults) -> None:
    """No unit may cost more than its cap, in general and in each scenario."""
    if faults.keys() & {"tiers", "packages", "scenarios"}:
        return
    units = [tier.unit_price for tier in terms.tiers]
    units += [package.price / package.units for package in terms.packages]
    highest = max([terms.price, terms.minimum, *units])
    usual = terms.cap or Decimal(0)
    if highest > usual:
        name = "packages" if terms.packages else "tiers" if terms.tiers else "price"
        faults[name] = [_("The price is above the cap set by the authorizing body.")]
        return
    above = [row.scenario for row in terms.scenarios if _is_above(row, highest, usual)]
    if above:
        faults["scenarios"] = [
            _("The price is above the cap in these scenarios: %(names)s.")
            % {"names": "; ".join(above)}
        ]


def _is_above(row: ScenarioPrice, highest: Decimal, usual: Decimal) -> bool:
    return row.rate * highest > (usual if row.cap is None else row.cap)


def _is_amount(amount: Decimal, terms: PlanTerms) -> bool:
    return is_payable(amount, terms.currency) and amount <= AMOUNT_MOST


def _is_rate(rate: Decimal) -> bool:
    return rate.is_finite() and 0 <= rate <= RATE_MOST and places_of(rate) <= RATE_PLACES_MOST
