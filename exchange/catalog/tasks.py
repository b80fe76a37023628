"""What follows on the market from what happens elsewhere."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.reactions import on
from audit.retention.belonging import Thing, belongs
from exchange.parties.events import OrganizationSuspended, OrganizationTerminated
from exchange.registry.events import RightsWithdrawn

from .events import ReleaseCleared, ReleaseRenewed
from .models import Product, QualityReport, Release
from .quality import current_rules, latest_report, report_under_way
from .services import request_quality, revalue_product, suspend_listing
from .states import ProductState

MARKET = Actor.system("catalog")


@on(RightsWithdrawn)
def stop_listings_without_rights(*, entry: Entry, event: RightsWithdrawn, at: datetime) -> None:
    """Suspend what rests on a statement that nobody answers for any more."""
    del entry
    reason = f"Rights statement {event.rights} was withdrawn. 数据产权声明 {event.rights} 已撤回。"
    _suspend(Product.objects.filter(rights__reference=event.rights), reason=reason, at=at)


@on(ReleaseCleared, ReleaseRenewed)
def value_what_changed(
    *, entry: Entry, event: ReleaseCleared | ReleaseRenewed, at: datetime
) -> None:
    """Have a product on the market appraised anew when another release or grade is sold."""
    del entry
    revalue_product(product=Product.objects.get(reference=event.product), at=at)


@on(OrganizationSuspended, OrganizationTerminated)
def stop_listings_of_absent_provider(
    *, entry: Entry, event: OrganizationSuspended | OrganizationTerminated, at: datetime
) -> None:
    """Suspend the listings of a provider that is no longer admitted."""
    del entry
    name = event.organization
    reason = f"Provider {name} is not admitted at present. 供方 {name} 目前未获准入。"
    _suspend(Product.objects.filter(provider__reference=name), reason=reason, at=at)


@on(ReleaseCleared)
def measure_new_release(*, entry: Entry, event: ReleaseCleared, at: datetime) -> None:
    """Measure a cleared release by the rules its provider declared for the product."""
    del entry
    release = Release.objects.select_related("product__provider").get(reference=event.release)
    rules, measured = current_rules(release.product), latest_report(release)
    if rules is None or report_under_way(release) is not None:
        return
    if measured is not None and measured.rules == rules:
        return
    request_quality(release=release, by=MARKET, at=at)


def _suspend(products: QuerySet[Product], *, reason: str, at: datetime) -> None:
    for product in products.filter(status=ProductState.LISTED).order_by("pk"):
        suspend_listing(product=product, reason=reason, by=MARKET, at=at)


@belongs("object")
def releases_of_object(reference: str) -> Iterable[Thing]:
    """Name the release that a file is the content of."""
    rows = Release.objects.filter(
        Q(original__reference=reference) | Q(table__reference=reference)
    ).values_list("reference", flat=True)
    return [("release", release) for release in rows]


@belongs("release")
def product_of_release(reference: str) -> Iterable[Thing]:
    """Name the product of a release."""
    rows = Release.objects.filter(reference=reference).values_list("product__reference", flat=True)
    return [("product", product) for product in rows]


@belongs("quality")
def release_of_quality(reference: str) -> Iterable[Thing]:
    """Name the release whose quality was measured."""
    rows = QualityReport.objects.filter(reference=reference)
    return [("release", release) for release in rows.values_list("release__reference", flat=True)]


@belongs("product")
def provider_of_product(reference: str) -> Iterable[Thing]:
    """Name the provider of a product."""
    rows = Product.objects.filter(reference=reference)
    providers = rows.values_list("provider__reference", flat=True)
    return [("organization", provider) for provider in providers]
