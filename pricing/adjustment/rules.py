"""Who may let a price follow triggers, decline, freeze and order; and what a choice may be."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from pricing.methods.adjusting import sequence_of
from pricing.methods.policies import AdjustmentPolicy
from pricing.models import Plan
from pricing.money import Money
from pricing.plan_rules import AMOUNT_MOST
from pricing.plans import PlanTerms, is_payable

from .models import PriceCeiling, PriceFreeze, PriceStep
from .states import FreezeAuthority, OrderedState
from .terms import can_move

REASON_MOST = 2000
BASIS_MOST = 200
RATE_PLACES = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a provider lets a price follow, and its own bounds; amounts are of one license."""

    triggers: tuple[str, ...]
    step_most: Decimal
    floor: Decimal | None = None
    ceiling: Decimal | None = None


def why_not_adjust(actor: Actor, owner: str) -> str | None:
    """Only the provider lets its own price follow triggers (自主定价)."""
    if not owner or actor.organization != owner or not actor.has_role("PROVIDER"):
        return _("Only the provider decides whether its price follows triggers.")
    if not actor.may_write:
        return _("Your role in the organization only allows looking.")
    return None


def why_not_answer(actor: Actor, step: PriceStep) -> str | None:
    """Let the provider consent or decline; a regulator's order is not declined."""
    if refusal := why_not_adjust(actor, step.owner):
        return refusal
    if step.binds:
        return _("A regulator ordered this price: it binds.")
    return None


def why_not_supervise_prices(actor: Actor) -> str | None:
    """Freezes of others and ceilings are the regulator's (《价格法》第三十条、第三十一条)."""
    if not actor.has_role("REGULATOR"):
        return _("Only a regulator freezes other parties' prices or orders a ceiling.")
    if not actor.may_write:
        return _("Your place in the authority lets you look, not act.")
    return None


def why_not_lift_freeze(actor: Actor, freeze: PriceFreeze) -> str | None:
    """Let a freeze be lifted by who ordered it."""
    if freeze.status != OrderedState.IN_FORCE:
        return _("It was lifted already.")
    if freeze.authority == FreezeAuthority.REGULATOR:
        return why_not_supervise_prices(actor)
    return why_not_adjust(actor, freeze.organization)


def why_not_above(ceiling: PriceCeiling | None, ask: Money) -> str | None:
    """Keep a price under the ceiling that a regulator ordered, whoever sets it."""
    if ceiling is None or (ask.currency == ceiling.currency and ask.amount <= ceiling.amount):
        return None
    return _("A regulator ordered that one license of this product asks at most %(amount)s.") % {
        "amount": ceiling.money.formatted()
    }


def faults_of_choice(choice: Choice, plan: Plan, policy: AdjustmentPolicy) -> dict[str, list[str]]:
    """Say by field what keeps a choice from being switched on."""
    faults: dict[str, list[str]] = {}
    if not can_move(plan.terms):
        faults["plan"] = [_("There is no price that could move.")]
    try:
        chosen = sequence_of(choice.triggers)
    except ValueError:
        chosen = ()
    if not chosen:
        faults["triggers"] = [_("Choose at least one of the triggers.")]
    most = choice.step_most
    if not most.is_finite() or not policy.least <= most <= policy.step_most:
        faults["step_most"] = [
            _("One step is between %(least)s and %(most)s of the price.")
            % {"least": percent(policy.least), "most": percent(policy.step_most)}
        ]
    elif most != most.quantize(RATE_PLACES):
        faults["step_most"] = [_("Give a rate with at most four decimal places.")]
    for name in ("floor", "ceiling"):
        amount = getattr(choice, name)
        if amount is not None and not _is_price(amount, plan.currency):
            faults[name] = [_("An amount is above zero and no finer than the currency.")]
    if not faults and choice.floor and choice.ceiling and choice.floor > choice.ceiling:
        faults["floor"] = [_("The lowest price is above the highest.")]
    return faults


def needs_consent(terms: PlanTerms, factor: Decimal, policy: AdjustmentPolicy) -> bool:
    """Whether the pack asks for the provider's yes: public data, and larger steps."""
    return terms.regime in policy.consent_regimes or abs(factor - 1) > policy.consent_above


def percent(rate: Decimal) -> str:
    """Write a rate in percent, without needless zeros."""
    text = f"{rate * 100:.2f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "\u00a0%"


def _is_price(amount: Decimal, currency: str) -> bool:
    return is_payable(amount, currency) and 0 < amount <= AMOUNT_MOST
