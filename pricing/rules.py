"""Who may set a price or appraise, what a price may be, and how far it may stand from value."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.rulebook.queries import Pack

from .models import Appraisal, Plan
from .money import Money
from .plans import PlanTerms
from .policy import policy_of
from .quotes import price_of, reference_quantity
from .states import AppraisalState, PlanKind, Regime, Zone
from .verification import is_as_signed

IN_A_ROW_MOST: Final = 2
ADJUSTER: Final = Actor.system("price_adjustment")
"""Who puts announced price steps in force, and nobody else."""


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
    """Only the provider prices its product (《上海市数据条例》第五十七条: 自主定价).

    Not even the platform does; its price adjustment puts in force what the provider let a price
    follow, and what a regulator ordered.
    """
    if actor == ADJUSTER:
        return None
    if not owner or actor.organization != owner:
        return _("Only the provider sets the price of its product.")
    if not actor.has_role("PROVIDER"):
        return _("The organization is not admitted as a provider.")
    if not actor.may_write:
        return _("Your role in the organization only allows looking.")
    if current is not None and current.owner != owner:
        return _("The price of this product was set by another organization.")
    return None


def why_not_appraise(actor: Actor, owner: str, *, related: Collection[str] = ()) -> str | None:
    """Keep the appraiser independent of the provider (《资产评估法》第四条)."""
    if actor.is_system:
        return None
    if refusal := _why_not_independent(actor, owner, related):
        return refusal
    if not actor.has_role("ASSESSOR"):
        return _("Only an admitted assessor or the platform itself appraises.")
    if actor.has_role("OPERATOR"):
        return _("The operator of the exchange may not appraise.")
    if not actor.may_write:
        return _("Your role in the organization only allows looking.")
    return None


def _why_not_independent(actor: Actor, owner: str, related: Collection[str]) -> str | None:
    if actor.organization == owner:
        return _("The provider may not appraise its own product.")
    if actor.organization in related:
        return _("The assessor is related to the provider and may not appraise for it.")
    return None


def why_not_again(
    appraiser: str, *, of_provider: Sequence[str], of_product: Sequence[str]
) -> str | None:
    """Rotate appraisers: none signs three times in a row (RISK26 art. 12).

    Neither for one provider nor for one product. The sequences are the appraisers of the earlier
    appraisals, the latest first. The platform makes no choice of figures and is not counted; what
    it works out does not break a row either.
    """
    if appraiser.startswith("system"):
        return None
    row = [appraiser] * IN_A_ROW_MOST
    if [name for name in of_product if not name.startswith("system")][:IN_A_ROW_MOST] == row:
        return _(
            "The last %(count)d appraisals of this product were by the same assessor: another "
            "one is needed."
        ) % {"count": IN_A_ROW_MOST}
    if [name for name in of_provider if not name.startswith("system")][:IN_A_ROW_MOST] == row:
        return _(
            "The last %(count)d appraisals for this provider were by the same assessor: another "
            "one is needed."
        ) % {"count": IN_A_ROW_MOST}
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
    if not is_as_signed(appraisal):
        return _("The appraisal was changed after it was signed.")
    if appraisal.is_stale(at):
        return _("The appraisal was valid until %(day)s.") % {"day": appraisal.valid_until}
    if release and appraisal.release != release:
        return _("The appraisal is of another release.")
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


def why_not_agree(
    terms: PlanTerms, offered: Money, *, posted: Money, quantity: int, scenario: str
) -> str | None:
    """Keep a negotiated price between what the plan states and what may be asked at all.

    Not below the plan's floor; not above what is posted (《价格法》第十三条: 不得在标价之外加价);
    not above the cap of guidance prices for each unit (发改价格〔2025〕65号).
    """
    if not offered.is_positive:
        return _("A price above zero is needed; what is given away is posted as free.")
    if offered > posted:
        return _("Nobody pays more than the posted price of %(posted)s.") % {
            "posted": posted.formatted()
        }
    least = terms.negotiated_least(posted)
    if offered < least:
        return _("The provider states that it does not go below %(least)s.") % {
            "least": least.formatted()
        }
    cap = terms.cap_in(scenario)
    if terms.regime == Regime.PUBLIC_CAPPED and cap is not None and offered.amount > cap * quantity:
        return _("The price is above the cap set by the authorizing body.")
    return None
