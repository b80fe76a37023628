"""What is filled in for exports, defined once for pages, API and validation."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.registry.fields import Field, Kind

from .states import DeclaredPlace, FilingKind

ASKED_OF: Mapping[str, frozenset[FilingKind]] = {
    "ground": frozenset({FilingKind.EXEMPTION}),
    "authority_filed_on": frozenset({FilingKind.STANDARD_CONTRACT, FilingKind.GBA_CONTRACT}),
    "mapping": frozenset({FilingKind.ZONE_FILING}),
}
"""Fields that only some kinds of evidence have."""

FILING_FIELDS: tuple[Field, ...] = (
    Field(
        name="kind",
        label=_("kind of evidence"),
        kind=Kind.CHOICE,
        choices=FilingKind,
        required=True,
    ),
    Field(
        name="number",
        label=pgettext_lazy("filing", "number"),
        help=_("The number under which the authority or certifier has it."),
        kind=Kind.TEXT,
        max_length=80,
    ),
    Field(
        name="authority",
        label=_("issued by"),
        help=_(
            "The authority or certifier; for consents and impact assessments, who carried it out."
        ),
        kind=Kind.TEXT,
        required=True,
        max_length=120,
    ),
    Field(
        name="ground",
        label=_("ground for exemption"),
        help=_("For a claimed exemption only: TRANSIT, CONTRACT_WITH_PERSON, STAFF or EMERGENCY."),
        kind=Kind.TEXT,
        max_length=32,
    ),
    Field(
        name="valid_from",
        label=_("valid from"),
        help=_("The day of the result, or on which the contract took effect."),
        kind=Kind.DATE,
        required=True,
    ),
    Field(
        name="valid_until",
        label=_("valid until"),
        help=_(
            "The first day on which it no longer holds. A security assessment holds three years."
        ),
        kind=Kind.DATE,
    ),
    Field(
        name="authority_filed_on",
        label=_("filed with the authority"),
        help=_("For contracts: the day of the filing, if it is done; ten working days are given."),
        kind=Kind.DATE,
    ),
    Field(
        name="uses",
        label=_("purposes covered"),
        help=_("The scenarios of the product manual, word by word, that it covers."),
        kind=Kind.TAGS,
        required=True,
        max_items=50,
        max_length=120,
    ),
    Field(
        name="recipients",
        label=_("recipients covered"),
        help=_("References of the organizations that may receive the data."),
        kind=Kind.TAGS,
        required=True,
        max_items=200,
        max_length=24,
    ),
    Field(
        name="products",
        label=_("products covered"),
        help=_("References of the products."),
        kind=Kind.TAGS,
        required=True,
        max_items=200,
        max_length=24,
    ),
    Field(
        name="fields",
        label=_("fields covered"),
        help=_("Names of the columns, as the file has them. What is not named is not covered."),
        kind=Kind.TAGS,
        required=True,
        max_items=2000,
        max_length=200,
    ),
    Field(
        name="places",
        label=_("places covered"),
        help=_("Where the data may go and be read from."),
        kind=Kind.CHOICES,
        choices=DeclaredPlace,
        required=True,
    ),
    Field(
        name="ordinary",
        label=_("persons covered"),
        help=_("The scale: how many persons in all, sensitive information aside."),
        kind=Kind.NUMBER,
    ),
    Field(
        name="sensitive",
        label=_("persons covered, sensitive information"),
        kind=Kind.NUMBER,
    ),
    Field(
        name="mapping",
        label=_("columns and fields of the zone's list"),
        help=_(
            "For a free trade zone: which field of its list each column is, as "
            "scene/category/field; empty where the column is on no list."
        ),
        kind=Kind.ROWS,
        max_items=2000,
        columns=(
            Field(name="column", label=_("column"), kind=Kind.TEXT, required=True, max_length=200),
            Field(name="field", label=_("field of the list"), kind=Kind.TEXT, max_length=300),
        ),
    ),
    Field(
        name="document",
        label=_("document"),
        help=_("The file in the vault: result, contract, certificate, report or proof."),
        kind=Kind.OBJECT,
        required=True,
        max_length=24,
    ),
)


def fields_of(kind: FilingKind) -> tuple[Field, ...]:
    """Return what is asked of one kind of evidence beside its kind."""
    return tuple(
        field
        for field in FILING_FIELDS
        if field.name != "kind" and kind in ASKED_OF.get(field.name, {kind})
    )
