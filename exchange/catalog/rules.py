"""Who may do what with products and releases, and what a listing needs.

Each `why_not_…` returns the reason for a no, or None.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import Actor
from audit.rulebook.queries import day_of, get_pack
from exchange.registry.states import Right
from pricing.models import Appraisal, Plan
from pricing.rules import Deviation, why_not_rely_on

from .manual import manual_of, missing_to_list
from .models import PriceReview, Product, Release
from .plan_rules import plan_gap
from .states import EDITABLE, ProductState, ReleaseState
from .vocabulary import DeliveryLevel, SuspensionAuthority

REQUEST_TERMS: Final = ("purposes", "scenarios_allowed", "time_limit")
"""What makes a scenario: purpose, situation, time (无场景不交易)."""

LEAST_DELIVERY: Final = {
    1: DeliveryLevel.S1,
    2: DeliveryLevel.S1,
    3: DeliveryLevel.S2,
    4: DeliveryLevel.S3,
}
"""The openest delivery a level of general data allows."""

AUTHORITY_RANK: Final = {
    SuspensionAuthority.PROVIDER: 0,
    SuspensionAuthority.SYSTEM: 1,
    SuspensionAuthority.OPERATOR: 2,
    SuspensionAuthority.REGULATOR: 3,
}


@dataclass(frozen=True, kw_only=True)
class ListingFacts:
    """Everything a listing is judged by, read together at one moment."""

    product: Product
    release: Release | None
    plan: Plan | None
    appraisal: Appraisal | None
    deviation: Deviation | None
    at: datetime
    review: PriceReview | None = None


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One thing a listing needs, and why it is not met yet."""

    key: str
    label: str | Promise
    reason: str | None

    @property
    def is_met(self) -> bool:
        """Whether nothing is missing here."""
        return self.reason is None


def why_not_create(actor: Actor, provider: str) -> str | None:
    """Only an admitted provider describes products, and only its own (数据二十条（九）)."""
    if actor.organization != provider or not actor.has_role("PROVIDER"):
        return _("Only an admitted provider describes products, and only its own.")
    if actor.has_role("OPERATOR", "REGULATOR"):
        return _("Who runs or supervises the exchange cannot offer products on it.")
    if not actor.may_write:
        return _("Your place in the organization allows looking only.")
    return None


def why_not_edit(actor: Actor, product: Product) -> str | None:
    """Keep the description of a listed product as buyers read it."""
    if refusal := why_not_create(actor, product.provider.reference):
        return refusal
    if product.status not in EDITABLE:
        return _(
            "The description of a listed product stands. "
            "Delist and reopen the product to change it."
        )
    return None


def why_not_upload(actor: Actor, product: Product) -> str | None:
    """Let new content be brought at any time before the end of the listing."""
    if refusal := why_not_create(actor, product.provider.reference):
        return refusal
    if product.status == ProductState.DELISTED:
        return _("The product was delisted. Reopen it first.")
    return None


def why_no_model(product: Product) -> str | None:
    """Keep what is asked of models away from data."""
    if product.is_model:
        return None
    return _("This is asked of products of the type “trained model” only.")


def why_a_model(thing: Product | Release) -> str | None:
    """Keep what is asked of tables away from models, which have no rows."""
    if not thing.is_model:
        return None
    return _("This is a model: it has no rows and columns. What is known of it stands on its page.")


def why_not_enter(actor: Actor, product: Product) -> str | None:
    """Let the provider bring content, and the platform what the provider had it derive."""
    if not actor.is_system:
        return why_not_upload(actor, product)
    if product.status == ProductState.DELISTED:
        return _("The product was delisted. Reopen it first.")
    return None


def why_not_withdraw(actor: Actor, release: Release) -> str | None:
    """Refuse to pull away what buyers can order now; the listing ends first."""
    product = release.product
    if refusal := why_not_create(actor, product.provider.reference):
        return refusal
    if product.is_listed and product.current_id == release.pk:
        return _("This release is on the market. Suspend or end the listing first.")
    return None


def why_not_screen(actor: Actor, release: Release) -> str | None:
    """Let the platform, the operator, a regulator or the provider start the filter."""
    if actor.organization == release.product.provider.reference and actor.may_write:
        return None
    return why_not_decide(actor)


def why_not_decide(actor: Actor) -> str | None:
    """Let the platform, or who decides cases, record what the filter says."""
    if actor.is_system or (actor.has_role("OPERATOR", "REGULATOR") and actor.may_write):
        return None
    return _("Only the filter, the operator or a regulator decides about a release.")


def why_not_order_appraisal(actor: Actor, product: Product) -> str | None:
    """Let the provider ask the platform for an appraisal; appraisers work under engagements."""
    if actor.is_system:
        return None
    return why_not_upload(actor, product)


def why_not_attach_appraisal(actor: Actor, product: Product, appraisal: Appraisal) -> str | None:
    """Put an appraisal only beside the product it is of."""
    parties = {product.provider.reference, appraisal.appraiser}
    involved = actor.organization in parties and actor.may_write
    if not (involved or why_not_decide(actor) is None):
        return _("Only the provider, the appraiser or the exchange attaches an appraisal.")
    if appraisal.asset != product.reference or appraisal.owner != product.provider.reference:
        return _("The appraisal is of another product.")
    if product.status == ProductState.DELISTED:
        return _("The product was delisted. Reopen it first.")
    return None


def why_not_commit(actor: Actor, product: Product) -> str | None:
    """Let the provider answer for what it can still change."""
    return why_not_edit(actor, product)


def listing_conditions(facts: ListingFacts, *, justification: str) -> list[Condition]:
    """Return what a listing needs from the provider, in the order of the work."""
    product = facts.product
    rows: tuple[tuple[str, str | Promise, str | None], ...] = (
        ("provider", gettext_lazy("provider admitted"), _provider_gap(product)),
        ("manual", gettext_lazy("manual complete"), _manual_gap(product)),
        ("scenario", gettext_lazy("scenarios stated"), _scenario_gap(product)),
        ("rights", gettext_lazy("rights stated"), why_no_right_to_operate(product, facts.at)),
        ("release", gettext_lazy("release cleared"), why_not_listable(facts.release, facts.at)),
        ("delivery", gettext_lazy("delivery fits the level"), _delivery_gap(facts)),
        ("plan", gettext_lazy("price set"), plan_gap(facts.product, facts.plan, facts.appraisal)),
        ("appraisal", gettext_lazy("appraisal signed"), _appraisal_gap(facts)),
        ("price", gettext_lazy("price explained"), _price_gap(facts, justification)),
        ("commitment", gettext_lazy("commitment accepted"), _commitment_gap(product)),
    )
    return [Condition(key=key, label=label, reason=reason) for key, label, reason in rows]


def why_not_request(actor: Actor, facts: ListingFacts, *, justification: str) -> str | None:
    """Let the provider request a listing when nothing is missing (不合规不挂牌)."""
    if refusal := why_not_create(actor, facts.product.provider.reference):
        return refusal
    return _reasons(listing_conditions(facts, justification=justification))


def why_not_review(actor: Actor, product: Product) -> str | None:
    """Let the operator decide about listings, never about its own (数据二十条（九）)."""
    if not actor.has_role("OPERATOR") or not actor.may_write:
        return _("Only the operator of the exchange decides about listings.")
    provider = product.provider
    if actor.organization == provider.reference or "OPERATOR" in provider.roles:
        return _("The operator cannot list products of its own.")
    return None


def why_not_list(actor: Actor, facts: ListingFacts) -> str | None:
    """Everything the request needed still holds."""
    if refusal := why_not_review(actor, facts.product):
        return refusal
    conditions = listing_conditions(facts, justification=facts.product.justification)
    return _reasons(conditions)


def authority_of(actor: Actor, product: Product) -> SuspensionAuthority | None:
    """Return in which capacity an actor may stop a listing, if in any."""
    if actor.is_system:
        return SuspensionAuthority.SYSTEM
    if not actor.may_write:
        return None
    if actor.has_role("REGULATOR"):
        return SuspensionAuthority.REGULATOR
    if actor.has_role("OPERATOR"):
        return SuspensionAuthority.OPERATOR
    if why_not_create(actor, product.provider.reference) is None:
        return SuspensionAuthority.PROVIDER
    return None


def why_not_stop(actor: Actor, product: Product) -> str | None:
    """Let the provider, the operator, a regulator or the platform stop or end a listing."""
    if authority_of(actor, product) is None:
        return _("Only the provider, the operator or a regulator stops a listing.")
    return None


def why_not_resume(actor: Actor, product: Product, at: datetime) -> str | None:
    """Let a listing go on by the word of who stopped it, or of a higher authority."""
    authority = authority_of(actor, product)
    if authority is None:
        return why_not_stop(actor, product)
    stopped_by = product.suspension_authority
    if stopped_by and AUTHORITY_RANK[authority] < AUTHORITY_RANK[SuspensionAuthority(stopped_by)]:
        return _("The listing was stopped by: %(authority)s. Only it or above resumes it.") % {
            "authority": SuspensionAuthority(stopped_by).label
        }
    return why_no_right_to_operate(product, at) or why_not_listable(product.current, at)


def why_not_sell(product: Product, *, plan: Plan | None, at: datetime) -> str | None:
    """Say why the product cannot be ordered now; asked at every order."""
    if not product.is_listed:
        return _("The product is not listed.")
    if plan is None or plan.reference != product.listed_plan:
        return _("The price in force is not the one the product was listed with.")
    return (
        _provider_gap(product)
        or why_no_right_to_operate(product, at)
        or why_not_cleared(product.current)
    )


def why_no_right_to_operate(product: Product, at: datetime) -> str | None:
    """Only who holds the right to operate offers data to others (数据二十条（三）)."""
    rights = product.rights
    if rights is None:
        return _("No rights statement is attached.")
    if not rights.is_in_force(on=day_of(at)):
        return _("The rights statement %(reference)s is not in force.") % {
            "reference": rights.reference
        }
    if not rights.gives(Right.OPERATE, on=day_of(at)):
        return _("The rights statement does not give the right to operate the data.")
    return None


def why_not_cleared(release: Release | None) -> str | None:
    """Only what the filter let through, byte for byte, is traded."""
    if release is None:
        return _("No release has been cleared by the screening.")
    if release.status != ReleaseState.CLEARED or release.cleared_sha256 != release.sha256:
        return _("The current release is not cleared for exactly this content.")
    return None


def why_not_listable(release: Release | None, at: datetime) -> str | None:
    """Begin a listing, or let it go on, only with what passed under the rules of today."""
    if refusal := why_not_cleared(release):
        return refusal
    if release and release.cleared_pack != get_pack("compliance", on=day_of(at)).label:
        return _("The release passed under earlier rules; it is being screened again.")
    return None


def _provider_gap(product: Product) -> str | None:
    if "PROVIDER" in product.provider.roles_in_force:
        return None
    return _("The provider is not admitted at present.")


def _manual_gap(product: Product) -> str | None:
    missing = [field for field in missing_to_list(product) if field.name not in REQUEST_TERMS]
    if not missing:
        return None
    names = ", ".join(str(field.label) for field in missing)
    return _("Still missing in the manual: %(fields)s.") % {"fields": names}


def _scenario_gap(product: Product) -> str | None:
    manual = manual_of(product)
    if all(manual[name] for name in REQUEST_TERMS):
        return None
    return _("State purposes, permitted scenarios and a time limit: no trade without a scenario.")


def _delivery_gap(facts: ListingFacts) -> str | None:
    level = facts.release.level if facts.release else None
    stated = facts.product.delivery_level
    least = LEAST_DELIVERY.get(level or 1, DeliveryLevel.S4)
    if not stated or stated >= least:
        return None
    return _("Data of level %(level)d is delivered at %(least)s at the openest.") % {
        "level": level,
        "least": least.label,
    }


def _appraisal_gap(facts: ListingFacts) -> str | None:
    release = facts.release.reference if facts.release else ""
    if refusal := why_not_rely_on(facts.appraisal, release=release, at=facts.at):
        return refusal
    if facts.appraisal and facts.appraisal.reference != facts.product.appraisal:
        return _("The appraisal in force is not attached to the product.")
    return None


def _price_gap(facts: ListingFacts, justification: str) -> str | None:
    if facts.deviation and facts.deviation.needs_review and facts.review is None:
        return _(
            "The price stands far outside the band of the appraisal: ask for a second appraisal "
            "by another appraiser, or for a review by the operator."
        )
    if facts.deviation and facts.deviation.needs_justification and not justification:
        return _("The price stands outside the band of the appraisal: justify it.")
    return None


def _commitment_gap(product: Product) -> str | None:
    if product.commitment_version == product.version:
        return None
    return _("The legal commitment has not been accepted for this version of the description.")


def _reasons(conditions: list[Condition]) -> str | None:
    return " ".join(found.reason for found in conditions if found.reason) or None
