"""Delivery and service: how the buyer gets it and learns to use it."""

from django.utils.translation import gettext_lazy as _

from exchange.catalog.vocabulary import DeliveryLevel, DeliveryMode
from exchange.registry.fields import Kind

from .definition import Chapter, ManualField

DELIVERY: tuple[ManualField, ...] = (
    ManualField(
        name="delivery_modes",
        label=_("delivery"),
        help=_("Through which channels it can be had."),
        kind=Kind.CHOICES,
        choices=DeliveryMode,
        chapter=Chapter.DELIVERY,
        required_to_list=True,
    ),
    ManualField(
        name="delivery_level",
        label=_("delivery level"),
        help=_("From s1, an open file, to s4, computing without seeing."),
        kind=Kind.CHOICE,
        choices=DeliveryLevel,
        chapter=Chapter.DELIVERY,
        column=True,
        required_to_list=True,
    ),
    ManualField(
        name="service_level",
        label=_("service level"),
        help=_("Availability, response time, support."),
        kind=Kind.PROSE,
        chapter=Chapter.DELIVERY,
        max_length=1000,
    ),
    ManualField(
        name="technical_document",
        label=_("technical document"),
        help=_("A file of yours in the vault, such as the description of an interface."),
        kind=Kind.OBJECT,
        chapter=Chapter.DELIVERY,
        max_length=24,
    ),
    ManualField(
        name="instructions",
        label=_("instructions"),
        help=_("How it is used."),
        kind=Kind.PROSE,
        chapter=Chapter.DELIVERY,
        max_length=4000,
    ),
    ManualField(
        name="use_case",
        label=_("use case"),
        help=_("What somebody achieved with it."),
        kind=Kind.PROSE,
        chapter=Chapter.DELIVERY,
        max_length=4000,
    ),
)
