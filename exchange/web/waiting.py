"""What waits for a provider: one list over all rooms, the oldest duty first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.rulebook.queries import day_of
from exchange.catalog.models import Release
from exchange.catalog.queries import list_own_products, releases_visible_to
from exchange.catalog.states import ProductState, ReleaseState
from exchange.compliance.models import Screening
from exchange.compliance.reports import rules_in_words
from exchange.registry.queries import rights_visible_to
from exchange.registry.states import RightsState
from exchange.trading.queries import contracts_visible_to, inquiries_visible_to
from exchange.trading.states import ContractState, InquiryState

from .navigation import address

MOST = 50  # of one kind
SOON = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Duty:
    """One thing that somebody has to do: what, about what, since when."""

    what: str
    thing: str
    reference: str
    url: str
    since: datetime
    tone: str = "wait"
    reason: str = ""


def duties_of(actor: Actor, *, at: datetime) -> list[Duty]:
    """Return what a provider has to do next."""
    found = [
        *_products(actor),
        *_releases(actor),
        *_inquiries(actor),
        *_contracts(actor),
        *_rights(actor, at),
    ]
    return sorted(found, key=lambda duty: duty.since)


def awaited_by(actor: Actor) -> list[Duty]:
    """Return what the provider waits for, which others have to do."""
    own = list_own_products(actor)
    found = [
        Duty(
            what=_("The operator decides about the listing"),
            thing=product.name,
            reference=product.reference,
            url=reverse("provider_product", args=[product.reference]),
            since=product.status_since,
            tone="moving",
        )
        for product in own.filter(status=ProductState.REQUESTED)[:MOST]
    ]
    words = {
        ReleaseState.SUBMITTED: _("The filter begins in a moment"),
        ReleaseState.SCREENING: _("The filter reads every cell"),
        ReleaseState.IN_REVIEW: _("A person decides about the release"),
    }
    found += [
        _of_release(release, words[ReleaseState(release.status)], "moving")
        for release in _own_releases(actor, *words)[:MOST]
    ]
    return sorted(found, key=lambda duty: duty.since)


def _products(actor: Actor) -> Iterator[Duty]:
    words = {
        ProductState.DRAFT: _("Finish the description"),
        ProductState.APPRAISED: _("Complete the steps and request the listing"),
        ProductState.SUSPENDED: _("The listing is suspended"),
    }
    for product in list_own_products(actor).filter(status__in=list(words))[:MOST]:
        returned = product.status == ProductState.APPRAISED and product.status_reason
        stopped = product.status == ProductState.SUSPENDED
        yield Duty(
            what=_("The operator sent the request back")
            if returned
            else words[ProductState(product.status)],
            thing=product.name,
            reference=product.reference,
            url=reverse("provider_product", args=[product.reference]),
            since=product.status_since,
            tone="stop" if stopped else "wait" if returned else "still",
            reason=product.status_reason,
        )


def _releases(actor: Actor) -> Iterator[Duty]:
    for release in _own_releases(actor, ReleaseState.DRAFT)[:MOST]:
        yield _of_release(release, _("Hand the release to the filter"), "still")
    blocked = list(_own_releases(actor, ReleaseState.BLOCKED)[:MOST])
    titles = _titles(blocked)
    for release in blocked:
        if release.number < release.product.last_number:
            continue  # another one was brought since
        told = titles.get(release.screening, release.status_reason)
        yield _of_release(release, _("The filter stopped the release"), "stop", told)


def _own_releases(actor: Actor, *states: str) -> QuerySet[Release]:
    own = releases_visible_to(actor).filter(product__provider__reference=actor.organization)
    light = own.defer("profile", "sample", "columns", "notes", "outside")
    return light.filter(status__in=states).order_by("-status_since", "-pk")


def _titles(releases: list[Release]) -> dict[str, str]:
    """Return by screening the titles of the rules that stopped it."""
    references = [release.screening for release in releases]
    language = get_language() or "en"
    return {
        screening.reference: _("; ").join(
            rule["title"]
            for rule in rules_in_words(screening.report, language)
            if rule["action"] != "NOTICE"
        )
        for screening in Screening.objects.filter(reference__in=references)
    }


def _of_release(release: Release, what: str, tone: str, reason: str = "") -> Duty:
    return Duty(
        what=what,
        thing=release.product.name,
        reference=release.reference,
        url=reverse("provider_release", args=[release.reference]),
        since=release.status_since,
        tone=tone,
        reason=reason,
    )


def _inquiries(actor: Actor) -> Iterator[Duty]:
    asked = inquiries_visible_to(actor).filter(
        provider__reference=actor.organization, status=InquiryState.OPEN
    )
    for inquiry in asked.order_by("opened_at")[:MOST]:
        yield Duty(
            what=_("Answer the inquiry"),
            thing=inquiry.product.name,
            reference=inquiry.reference,
            url=address("inquiry", inquiry.reference),
            since=inquiry.opened_at,
            reason=inquiry.question[:120],
        )


def _contracts(actor: Actor) -> Iterator[Duty]:
    unsigned = contracts_visible_to(actor).filter(
        order__provider__reference=actor.organization,
        status__in=[ContractState.DRAFTED, ContractState.SIGNED_BY_BUYER],
    )
    for contract in unsigned.order_by("drafted_at")[:MOST]:
        yield Duty(
            what=_("Sign the contract"),
            thing=contract.order.product.name,
            reference=contract.reference,
            url=address("contract", contract.reference),
            since=contract.drafted_at,
            reason=contract.order.buyer.name,
        )


def _rights(actor: Actor, at: datetime) -> Iterator[Duty]:
    own = rights_visible_to(actor).filter(organization__reference=actor.organization)
    for row in own.filter(status=RightsState.DRAFT)[:MOST]:
        yield Duty(
            what=_("Answer for the rights statement"),
            thing=row.title or row.reference,
            reference=row.reference,
            url=reverse("provider_right", args=[row.reference]),
            since=row.drafted_at,
            tone="still",
        )
    ending = own.filter(status=RightsState.STATED, valid_until__lte=day_of(at + SOON))
    for row in ending[:MOST]:
        yield Duty(
            what=_("The rights end soon or have ended"),
            thing=row.title or row.reference,
            reference=row.reference,
            url=reverse("provider_right", args=[row.reference]),
            since=row.stated_at or row.drafted_at,
            reason=_("valid until %(day)s") % {"day": row.valid_until},
        )
