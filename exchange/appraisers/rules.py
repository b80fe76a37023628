"""Who may be an appraiser, and who may appraise what. Each returns the reason for a no, or None."""

from datetime import date

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from exchange.catalog.models import Product
from exchange.catalog.rules import why_not_cleared, why_not_upload

from .models import Accreditation, Engagement
from .ownership import Ownership
from .states import AccreditationKind, LinkKind


def why_not_apply(actor: Actor) -> str | None:
    """Only an admitted assessor applies, by its administrator."""
    if not actor.has_role("ASSESSOR"):
        return _("Only an organization that is admitted as a professional assessor applies.")
    if not actor.is_admin:
        return _("Only an administrator of the organization may do this.")
    return None


def why_not_decide(actor: Actor, accreditation: Accreditation) -> str | None:
    """Let the operator or a regulator decide, never about itself (数据二十条（九）)."""
    if not actor.has_role("OPERATOR", "REGULATOR") or not actor.may_write:
        return _("Only the operator or a regulator decides about appraisers.")
    if actor.organization == accreditation.organization.reference:
        return _("Nobody decides about itself.")
    return None


def why_not_expire(actor: Actor) -> str | None:
    """Let the clock end what has run out."""
    return None if actor.is_system else _("The exchange itself ends what has run out.")


def why_not_engage(actor: Actor, product: Product) -> str | None:
    """Let the provider ask for an appraisal of what the filter let through."""
    return why_not_upload(actor, product) or why_not_cleared(product.current)


def why_not_engaged(accreditation: Accreditation, product: Product, on: date) -> str | None:
    """Only an appraiser in force, and only in the industries it was accredited for."""
    if accreditation.kind != AccreditationKind.APPRAISAL:
        return _("The organization is not accredited for this.")
    if not accreditation.is_in_force(on):
        return _("The appraiser is not accredited now.")
    if product.industry and product.industry not in accreditation.industries:
        return _("The appraiser is not accredited for the industry of this product.")
    return None


def why_not_independent(
    accreditation: Accreditation,
    product: Product,
    *,
    ownership: Ownership,
    shared_people: frozenset[str],
    buys: bool,
) -> str | None:
    """Keep an appraiser out of what touches it (《资产评估法》第四条、第二十四条).

    It is not the provider, holds no share of it and is not held by it, has no owner in common with
    it, no person acts for both, no signing person has a relative or a business there, and it does
    not buy the product.
    """
    appraiser, provider = accreditation.organization, product.provider
    if appraiser.pk == provider.pk:
        return _("The provider may not appraise its own product.")
    if tie := ownership.tie(appraiser.uscc, provider.uscc):
        return _tie(tie)
    if appraiser.reference in shared_people:
        return _("A person acts for both the appraiser and the provider.")
    for link in accreditation.links:
        if link["uscc"] == provider.uscc:
            return _family(link["kind"])
    if buys:
        return _("The appraiser buys this product or is about to.")
    return None


def why_not_answer(actor: Actor, engagement: Engagement) -> str | None:
    """Only the appraiser that was asked answers."""
    if actor.organization != engagement.accreditation.organization.reference:
        return _("Only the appraiser that was asked answers.")
    if not actor.has_role("ASSESSOR"):
        return _("The organization is not admitted as an assessor at present.")
    if not actor.may_write:
        return _("Your place in the organization lets you look, not act; ask its administrator.")
    return None


def why_not_sign(actor: Actor, engagement: Engagement) -> str | None:
    """Let only those sign who were named as signing persons, and so declared their ties."""
    if refusal := why_not_answer(actor, engagement):
        return refusal
    person = actor.on_behalf_of or actor.id
    if person.removeprefix("user:") not in engagement.accreditation.signers:
        return _("Only a signing person of the accreditation signs an appraisal.")
    return None


def why_not_recall(actor: Actor, engagement: Engagement) -> str | None:
    """Let the provider take its request back."""
    return why_not_upload(actor, engagement.product)


def engagement_actions(actor: Actor, engagement: Engagement) -> list[str]:
    """Return the verbs open to the actor on an engagement now, for both faces."""
    allowed = engagement.lifecycle.allowed(engagement.status)
    if why_not_answer(actor, engagement) is None:
        return [verb for verb in ("accept", "deliver", "decline") if verb in allowed]
    if why_not_recall(actor, engagement) is None:
        return [verb for verb in ("recall",) if verb in allowed]
    return []


def _tie(tie: str) -> str:
    words = {
        "OWNS": _("The appraiser holds a share of the provider, directly or through others."),
        "OWNED": _("The provider holds a share of the appraiser, directly or through others."),
        "COMMON": _("Appraiser and provider have an owner in common."),
    }
    return words[tie]


def _family(kind: str) -> str:
    if kind == LinkKind.FAMILY:
        return _("A signing person of the appraiser has a near relative at the provider.")
    return _("A signing person of the appraiser has business of its own with the provider.")
