"""Reading appraisers: the public register, work queues, and what ties an appraiser."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TypeVar

from django.db.models import Q, QuerySet

from audit.log.actors import Actor
from audit.log.errors import NotFound
from audit.rulebook.queries import day_of
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from exchange.trading.circumstances import VOID
from exchange.trading.models import Order

from .models import Accreditation, Engagement
from .ownership import Ownership, Stake
from .states import OPEN_ENGAGEMENTS, STANDING, AccreditationKind, AccreditationState

Row = TypeVar("Row", Accreditation, Engagement)
WATCHERS = ("OPERATOR", "REGULATOR")


def register(kind: str = AccreditationKind.APPRAISAL) -> QuerySet[Accreditation]:
    """Return all that were ever accredited for `kind`, for anybody: in force, and formerly."""
    rows = Accreditation.objects.filter(kind=kind).select_related("organization")
    hidden = [AccreditationState.APPLIED, AccreditationState.REJECTED]
    return rows.exclude(status__in=hidden).order_by("organization__name", "pk")


def get_registered(reference: str, kind: str = AccreditationKind.APPRAISAL) -> Accreditation:
    """Return one organization of the public register of `kind`."""
    return _one(register(kind), reference)


def in_force(at: datetime, kind: str = AccreditationKind.APPRAISAL) -> list[Accreditation]:
    """Return those who may be asked now."""
    return [row for row in register(kind) if row.is_in_force(day_of(at))]


def accreditations_visible_to(actor: Actor) -> QuerySet[Accreditation]:
    """Return one's own accreditations with their declarations; operator and regulator see all."""
    rows = Accreditation.objects.select_related("organization")
    if actor.is_system or actor.has_role(*WATCHERS):
        return rows
    if not actor.organization:
        return rows.none()
    return rows.filter(organization__reference=actor.organization)


def get_accreditation_for(actor: Actor, reference: str) -> Accreditation:
    """Return an accreditation, or NotFound where the actor may not see its declarations."""
    return _one(accreditations_visible_to(actor), reference)


def standing_of(organization: str, kind: str = AccreditationKind.APPRAISAL) -> Accreditation | None:
    """Return the accreditation of an organization that is applied for, in force or suspended."""
    rows = Accreditation.objects.filter(kind=kind).select_related("organization")
    return rows.filter(organization__reference=organization, status__in=STANDING).first()


def engagements_visible_to(actor: Actor) -> QuerySet[Engagement]:
    """Return the engagements of the actor's organization on either side."""
    rows = Engagement.objects.select_related(
        "product__provider", "product__current", "accreditation__organization"
    )
    if actor.is_system or actor.has_role(*WATCHERS):
        return rows
    if not actor.organization:
        return rows.none()
    return rows.filter(
        Q(product__provider__reference=actor.organization)
        | Q(accreditation__organization__reference=actor.organization)
    )


def get_engagement_for(actor: Actor, reference: str) -> Engagement:
    """Return an engagement by reference; NotFound where the actor may not see it."""
    return _one(engagements_visible_to(actor), reference)


def lock_engagement(engagement: Engagement) -> Engagement:
    """Hold the provider's row and the engagement's, and return the engagement as it is now.

    The provider's row first: whoever counts the appraisals of one provider in a row waits for
    whoever adds one.
    """
    provider = engagement.product.provider_id
    Organization.objects.select_for_update().values_list("pk").get(pk=provider)
    Engagement.objects.select_for_update().values_list("pk").get(pk=engagement.pk)
    rows = Engagement.objects.select_related(
        "product__provider", "product__current", "accreditation__organization"
    )
    return rows.get(pk=engagement.pk)


def lock_accreditation(accreditation: Accreditation) -> Accreditation:
    """Hold the accreditation's row and return it as it is now."""
    Accreditation.objects.select_for_update().values_list("pk").get(pk=accreditation.pk)
    return Accreditation.objects.select_related("organization").get(pk=accreditation.pk)


def accreditations_past(on: date) -> QuerySet[Accreditation]:
    """Return what was in force and is so no longer on a day."""
    ended = Q(valid_until__lt=on) | Q(insured_until__lt=on)
    states = [AccreditationState.ACCREDITED, AccreditationState.SUSPENDED]
    return Accreditation.objects.filter(ended, status__in=states).order_by("pk")


def declared_ownership(provider: Organization, owners: Iterable[dict[str, str]]) -> Ownership:
    """Return every shareholding on record, with those that a provider states now."""
    return Ownership.of([*declared_stakes(), *as_stakes(provider.uscc, owners)])


def has_open(product: Product) -> bool:
    """Whether an engagement about the product is open."""
    return Engagement.objects.filter(product=product, status__in=OPEN_ENGAGEMENTS).exists()


def buys(organization: Organization, product: Product) -> bool:
    """Whether an organization bought the product or is about to."""
    orders = Order.objects.filter(buyer=organization, product=product).exclude(status__in=VOID)
    return orders.exists() or product.negotiations.filter(buyer=organization).exists()


def declared_stakes() -> Iterator[Stake]:
    """Yield every stake that an accredited organization or a provider put on record."""
    rows = Accreditation.objects.filter(status__in=STANDING)
    for code, owners, holdings in rows.values_list("organization__uscc", "owners", "holdings"):
        yield from as_stakes(code, owners)
        yield from ((code, row["uscc"]) for row in holdings)
    stated = Engagement.objects.values_list("product__provider__uscc", "owners")
    for code, owners in stated:
        yield from as_stakes(code, owners)


def as_stakes(code: str, owners: Iterable[dict[str, str]]) -> Iterator[Stake]:
    """Yield what the declared `owners` of an organization hold of it."""
    yield from ((row["uscc"], code) for row in owners)


def _one(rows: QuerySet[Row], reference: str) -> Row:
    found = rows.filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def tie_on_record(one: str, other: str) -> str:
    """Return how two organizations are tied by any declared shareholding, or nothing."""
    rows = Organization.objects.filter(reference__in=[one, other])
    codes = dict(rows.values_list("reference", "uscc"))
    if one not in codes or other not in codes:
        return ""
    return Ownership.of(declared_stakes()).tie(codes[one], codes[other])


def is_algorithm_auditor(organization: str, at: datetime) -> bool:
    """Whether an organization is accredited to audit algorithms, and that is in force."""
    found = standing_of(organization, AccreditationKind.ALGORITHM_AUDIT)
    return found is not None and found.is_in_force(day_of(at))
