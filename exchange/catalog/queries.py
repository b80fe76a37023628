"""Reading the catalog: what an actor may see, and the lists of each console."""

from collections.abc import Iterable, Mapping

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Gone, NotFound
from pricing.models import Appraisal, Plan

from .models import PriceReview, Product, Release, TrainingStatement
from .search import find_in
from .states import ProductState, ReleaseState, ReviewState

WATCHERS = ("OPERATOR", "REGULATOR")
HEAVY = (
    "manual",
    "current__profile",
    "current__sample",
    "current__columns",
    "current__notes",
    "current__outside",
    "rights__proofs",
)
"""What pages of one product show and lists do not; left in the database by `for_lists`."""


def products_visible_to(actor: Actor) -> QuerySet[Product]:
    """Return what an actor may look at: listed products, its own, or all for those who watch."""
    products = Product.objects.select_related("provider", "rights", "current")
    if actor.is_system or actor.has_role(*WATCHERS):
        return products
    seen = Q(status=ProductState.LISTED)
    if actor.organization:
        seen |= Q(provider__reference=actor.organization)
    return products.filter(seen)


def for_lists(products: QuerySet[Product]) -> QuerySet[Product]:
    """Leave what only the page of one product shows in the database."""
    return products.defer(*HEAVY)


def search_products(
    actor: Actor,
    *,
    text: str = "",
    filters: Mapping[str, str | Iterable[str]] | None = None,
    order: str = "",
) -> QuerySet[Product]:
    """Search what an actor may see; the market only, unless `filters` names a status.

    Results carry `score` when there is a text. The order ends in a unique column, so that pages
    can be cut by cursor; nothing here counts.
    """
    products = for_lists(products_visible_to(actor))
    if not (filters and "status" in filters):
        products = products.filter(status=ProductState.LISTED)
    return find_in(products, text=text, filters=filters, order=order)


def list_own_products(actor: Actor) -> QuerySet[Product]:
    """Return the products of the actor's organization, the last edited first."""
    own = for_lists(products_visible_to(actor)).filter(provider__reference=actor.organization)
    return own.order_by("-edited_at", "-pk")


def list_requests(actor: Actor) -> QuerySet[Product]:
    """Return the listing requests an actor may see, the oldest first."""
    waiting = for_lists(products_visible_to(actor)).filter(status=ProductState.REQUESTED)
    return waiting.order_by("requested_at", "pk")


def get_product_for(actor: Actor, reference: str) -> Product:
    """Return one product the actor may see.

    Raises Gone for a listing that was public and is not any more, saying so, and NotFound for
    everything else the actor may not know of.
    """
    found = products_visible_to(actor).filter(reference=reference).first()
    if found is not None:
        return found
    words = {
        ProductState.SUSPENDED: _("The listing %(reference)s is suspended."),
        ProductState.DELISTED: _("The product %(reference)s was delisted."),
    }
    once = Product.objects.filter(reference=reference, listed_at__isnull=False)
    status = once.values_list("status", flat=True).first()
    if status in words:
        raise Gone(words[ProductState(status)] % {"reference": reference})
    raise NotFound(_("There is no product %(reference)s.") % {"reference": reference})


def releases_visible_to(actor: Actor) -> QuerySet[Release]:
    """Return the releases an actor may look at: cleared ones of the market, its own, or all."""
    releases = Release.objects.select_related("product", "product__provider")
    if actor.is_system or actor.has_role(*WATCHERS):
        return releases
    seen = Q(status=ReleaseState.CLEARED, product__status=ProductState.LISTED)
    if actor.organization:
        seen |= Q(product__provider__reference=actor.organization)
    return releases.filter(seen)


def list_releases(actor: Actor, product: Product) -> QuerySet[Release]:
    """Return the releases of a product that an actor may see, the newest first."""
    seen = releases_visible_to(actor).filter(product=product)
    return seen.defer("profile", "sample", "columns", "notes", "outside").order_by("-number")


def get_release_for(actor: Actor, reference: str) -> Release:
    """Return one release the actor may see; NotFound tells nothing about others."""
    found = releases_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound(_("There is no release %(reference)s.") % {"reference": reference})
    return found


def current_release(product: Product) -> Release | None:
    """Return the release that is sold: the latest one cleared for exactly its content."""
    cleared = Release.objects.filter(product=product, status=ReleaseState.CLEARED)
    return cleared.order_by("-number").first()


def training_of(product: Product) -> TrainingStatement | None:
    """Return what is stated of a model now: its disclosure and its training data."""
    return TrainingStatement.objects.filter(product=product).order_by("-number").first()


def list_waiting_releases() -> QuerySet[Release]:
    """Return the releases that wait for the filter, the oldest first."""
    waiting = Release.objects.filter(status=ReleaseState.SUBMITTED).select_related("product")
    return waiting.order_by("submitted_at", "pk")


def open_review(product: Product) -> PriceReview | None:
    """Return the review of the product's price that is not decided yet."""
    return product.price_reviews.filter(status=ReviewState.REQUESTED).first()


def review_in_force(
    product: Product, plan: Plan | None, appraisal: Appraisal | None
) -> PriceReview | None:
    """Return the review after which exactly this price may stand beside this appraisal."""
    if plan is None or appraisal is None:
        return None
    rows = product.price_reviews.filter(status=ReviewState.CONFIRMED, plan=plan.reference)
    return rows.filter(appraisal=appraisal.reference).first()


def decided_reviews(product: Product) -> QuerySet[PriceReview]:
    """Return what came of the reviews of the product's prices, for buyers, the latest first."""
    outcomes = [ReviewState.CONFIRMED, ReviewState.REJECTED]
    return product.price_reviews.filter(status__in=outcomes)


def price_reviews_visible_to(actor: Actor) -> QuerySet[PriceReview]:
    """Return the reviews of one's own prices; operator and regulator see all."""
    rows = PriceReview.objects.select_related("product__provider")
    if actor.is_system or actor.has_role("OPERATOR", "REGULATOR"):
        return rows
    return rows.filter(product__provider__reference=actor.organization or "-")


def get_price_review_for(actor: Actor, reference: str) -> PriceReview:
    """Return a review; NotFound where the actor may not see it."""
    found = price_reviews_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found
