"""Basic information: what the product is called and where it belongs."""

from django.utils.translation import gettext_lazy as _

from exchange.catalog.vocabulary import ContentLanguage, Industry, ProductType, Sector
from exchange.registry.fields import Kind

from .definition import Chapter, ManualField

IDENTITY: tuple[ManualField, ...] = (
    ManualField(
        name="name",
        label=_("name"),
        help=_(
            "Time, region, industry, content and type, in at most 40 characters "
            "(国数综政策〔2026〕35号 附件1)."
        ),
        kind=Kind.TEXT,
        chapter=Chapter.IDENTITY,
        required=True,
        column=True,
        max_length=40,
    ),
    ManualField(
        name="name_en",
        label=_("name in English"),
        help=_("Shown to readers of the English pages, and searched."),
        kind=Kind.TEXT,
        chapter=Chapter.IDENTITY,
        column=True,
        max_length=120,
    ),
    ManualField(
        name="abstract",
        label=_("abstract"),
        help=_("What the data is and what it is good for, in at most 400 characters."),
        kind=Kind.PROSE,
        chapter=Chapter.IDENTITY,
        column=True,
        required_to_list=True,
        max_length=400,
    ),
    ManualField(
        name="abstract_en",
        label=_("abstract in English"),
        help=_("The same in English."),
        kind=Kind.PROSE,
        chapter=Chapter.IDENTITY,
        column=True,
        max_length=1200,
    ),
    ManualField(
        name="product_type",
        label=_("type"),
        help=_("What the buyer gets."),
        kind=Kind.CHOICE,
        choices=ProductType,
        chapter=Chapter.IDENTITY,
        required=True,
        column=True,
    ),
    ManualField(
        name="sector",
        label=_("board"),
        help=_("The board of the exchange on which the product is shown."),
        kind=Kind.CHOICE,
        choices=Sector,
        chapter=Chapter.IDENTITY,
        column=True,
        required_to_list=True,
    ),
    ManualField(
        name="industry",
        label=_("industry"),
        help=_("Section of GB/T 4754-2017 in which the data arose."),
        kind=Kind.CHOICE,
        choices=Industry,
        chapter=Chapter.IDENTITY,
        column=True,
        required_to_list=True,
    ),
    ManualField(
        name="industry_division",
        label=_("division of the industry"),
        help=_("Two digits of GB/T 4754-2017, such as 56 for air transport."),
        kind=Kind.TEXT,
        chapter=Chapter.IDENTITY,
        max_length=2,
        pattern=r"\d{2}",
    ),
    ManualField(
        name="topics",
        label=_("topics"),
        help=_("Up to ten subjects the data is about."),
        kind=Kind.TAGS,
        chapter=Chapter.IDENTITY,
        max_length=30,
        max_items=10,
    ),
    ManualField(
        name="keywords",
        label=_("keywords"),
        help=_("Up to twelve words by which buyers look for it, in Chinese and English."),
        kind=Kind.TAGS,
        chapter=Chapter.IDENTITY,
        column=True,
        required_to_list=True,
        max_length=30,
        max_items=12,
    ),
    ManualField(
        name="languages",
        label=_("languages of the content"),
        help=_("In which languages texts and labels are."),
        kind=Kind.CHOICES,
        choices=ContentLanguage,
        chapter=Chapter.IDENTITY,
    ),
)
