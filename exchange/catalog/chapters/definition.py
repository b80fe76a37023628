"""What a field of the product manual is."""

from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.catalog.vocabulary import ProductType
from exchange.registry.fields import Field


class Chapter(TextChoices):
    """The parts of a product manual, in reading order."""

    IDENTITY = "IDENTITY", _("Basic information")
    CONTENT = "CONTENT", _("Content")
    SOURCE = "SOURCE", _("Source")
    USE = "USE", _("Conditions of use")
    DELIVERY = "DELIVERY", _("Delivery and service")
    ASSURANCE = "ASSURANCE", _("Quality and assurance")
    CONTACT = "CONTACT", _("Contact")


@dataclass(frozen=True, kw_only=True)
class ManualField(Field):
    """A field of the manual.

    `column`: stored as a column of Product, because lists filter, sort or show it.
    `required_to_list`: may be left out while drafting, but not when a listing is requested.
    `for_types`: shown for these types of product only; empty for all.
    """

    chapter: Chapter
    column: bool = False
    required_to_list: bool = False
    for_types: frozenset[ProductType] = field(default_factory=frozenset)
