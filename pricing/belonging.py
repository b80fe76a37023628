"""What appraisals belong to: a hold on a product holds them."""

from collections.abc import Iterable

from audit.retention.belonging import Thing, belongs

from .models import Appraisal


@belongs("appraisal")
def product_of_appraisal(reference: str) -> Iterable[Thing]:
    """Name the product that was appraised."""
    rows = Appraisal.objects.filter(reference=reference)
    return [("product", product) for product in rows.values_list("asset", flat=True)]
