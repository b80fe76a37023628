"""Source: how the content came to be. Rights and proofs stand in the rights statement."""

from django.utils.translation import gettext_lazy as _

from exchange.registry.fields import Field, Kind

from .definition import Chapter, ManualField

PROVENANCE_COLUMNS: tuple[Field, ...] = (
    Field(name="step", label=_("step of the work"), kind=Kind.TEXT, required=True, max_length=200),
    Field(name="source", label=_("obtained from"), kind=Kind.TEXT, max_length=200),
    Field(name="method", label=_("obtained by"), kind=Kind.TEXT, max_length=200),
    Field(name="period", label=_("period of time"), kind=Kind.TEXT, max_length=80),
)

SOURCE: tuple[ManualField, ...] = (
    ManualField(
        name="provenance",
        label=_("chain of provenance"),
        help=_("The steps from the first source to this product."),
        kind=Kind.ROWS,
        columns=PROVENANCE_COLUMNS,
        chapter=Chapter.SOURCE,
        max_items=50,
    ),
    ManualField(
        name="personal_statement",
        label=_("statement on personal information"),
        help=_("Whether persons can be recognized, and what was done so that they cannot."),
        kind=Kind.PROSE,
        chapter=Chapter.SOURCE,
        max_length=1000,
    ),
    ManualField(
        name="source_system",
        label=_("other exchange"),
        help=_("The exchange on which the product is also listed."),
        kind=Kind.TEXT,
        chapter=Chapter.SOURCE,
        max_length=80,
    ),
    ManualField(
        name="source_url",
        label=_("address of the source"),
        help=_("A page about the source or the listing elsewhere."),
        kind=Kind.LINK,
        chapter=Chapter.SOURCE,
        max_length=500,
    ),
    ManualField(
        name="third_party_code",
        label=_("code on the other exchange"),
        help=_("The product's code there."),
        kind=Kind.TEXT,
        chapter=Chapter.SOURCE,
        max_length=64,
    ),
)
