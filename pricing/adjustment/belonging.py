"""What price steps belong to: a hold on a product holds them."""

from collections.abc import Iterable

from audit.retention.belonging import Thing, belongs

from .models import PriceStep


@belongs("price_step")
def product_of_step(reference: str) -> Iterable[Thing]:
    """Name the product whose price moved."""
    rows = PriceStep.objects.filter(reference=reference)
    return [("product", product) for product in rows.values_list("asset", flat=True)]
