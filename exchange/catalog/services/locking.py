"""Reading a product anew under its row lock, so that what is checked is what is changed."""

from django.utils.translation import gettext as _

from audit.log.errors import Conflict
from exchange.catalog.models import Product, Release


def lock_product(product: Product, *, expected_version: int | None = None) -> None:
    """Refresh `product` under a lock; raise Conflict when it is not the version that was read."""
    product.refresh_from_db(from_queryset=Product.objects.select_for_update(of=("self",)))
    if expected_version is not None and product.version != expected_version:
        raise Conflict(
            _("The description changed meanwhile: it is version %(now)d, you read %(read)d.")
            % {"now": product.version, "read": expected_version}
        )


def lock_release(release: Release) -> None:
    """Refresh a release and its product, the product's row first."""
    lock_product(release.product)
    release.refresh_from_db(from_queryset=Release.objects.select_for_update(of=("self",)))
