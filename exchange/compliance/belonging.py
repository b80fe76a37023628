"""What the records of this room belong to: a hold on a release holds its cases and their files."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.db.models import Model

from audit.retention.belonging import Thing, belongs

from .models import (
    Appeal,
    Case,
    Derivation,
    Determination,
    ExportFiling,
    ExportRecord,
    FilePart,
    Proposal,
    Regrade,
    Screening,
)

OF_RELEASE: Final[Mapping[str, tuple[type[Model], str]]] = {
    "screening": (Screening, "release"),
    "case": (Case, "screening__release"),
    "proposal": (Proposal, "case__screening__release"),
    "appeal": (Appeal, "screening__release"),
    "derivation": (Derivation, "source"),
    "regrade": (Regrade, "release"),
}
"""Kinds of records that are about one release, and the way to it."""


def _of_release(kind: str) -> None:
    model, way = OF_RELEASE[kind]

    @belongs(kind)
    def release_of(reference: str) -> Iterable[Thing]:
        """Name the release that a record is about."""
        rows = model._default_manager.filter(reference=reference)  # noqa: SLF001  Django's documented name
        return [("release", name) for name in rows.values_list(f"{way}__reference", flat=True)]


for _kind in OF_RELEASE:
    _of_release(_kind)


@belongs("determination")
def product_of_determination(reference: str) -> Iterable[Thing]:
    """Name the product that something was determined about."""
    rows = Determination.objects.filter(reference=reference)
    return [("product", name) for name in rows.values_list("product__reference", flat=True)]


@belongs("filing")
def organization_of_filing(reference: str) -> Iterable[Thing]:
    """Name the organization whose exports rest on a piece of evidence."""
    rows = ExportFiling.objects.filter(reference=reference)
    return [
        ("organization", name) for name in rows.values_list("organization__reference", flat=True)
    ]


@belongs("export")
def order_of_export(reference: str) -> Iterable[Thing]:
    """Name the order whose data left."""
    rows = ExportRecord.objects.filter(reference=reference)
    return [("order", order) for order in rows.values_list("route__order", flat=True)]


@belongs("object")
def cases_of_object(reference: str) -> Iterable[Thing]:
    """Name the cases in whose files a document stands; it is evidence in each."""
    parts = FilePart.objects.filter(documents__icontains=reference)
    cases = Case.objects.filter(pk__in=parts.values("case_id"))
    return [("case", case) for case in cases.values_list("reference", flat=True)]
