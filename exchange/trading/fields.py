"""What is filled in on the trade floor, defined once for pages, API and validation."""

from django.utils.translation import gettext_lazy as _

from exchange.catalog.vocabulary import Sector
from exchange.compliance.states import DeclaredPlace
from exchange.registry.fields import Field, Kind

SCENARIO_FIELDS: tuple[Field, ...] = (
    Field(
        name="use",
        label=_("permitted scenario"),
        help=_("Which of the scenarios that the provider permits this is."),
        kind=Kind.TEXT,
        max_length=120,
    ),
    Field(
        name="purpose",
        label=_("purpose"),
        help=_("What is done with the data, for which service or question, and whom it serves."),
        kind=Kind.PROSE,
        required=True,
        max_length=1000,
    ),
    Field(
        name="subject",
        label=_("who uses it"),
        help=_("Your organization or a part of it; others only where the provider permits them."),
        kind=Kind.TEXT,
        max_length=200,
    ),
    Field(
        name="term_days",
        label=_("term in days"),
        help=_("For how many days from payment the data is used."),
        kind=Kind.NUMBER,
        required=True,
        minimum=1,
        maximum=36_500,
    ),
    Field(
        name="region",
        label=_("region of use"),
        help=_("Where the data is used."),
        kind=Kind.TEXT,
        required=True,
        max_length=80,
    ),
    Field(
        name="resale",
        label=_("passing on"),
        help=_("Whether you mean to pass the data on."),
        kind=Kind.YES_NO,
    ),
    Field(
        name="export",
        label=_("export"),
        help=_("Whether the data will leave the mainland or be read from outside it."),
        kind=Kind.YES_NO,
    ),
    Field(
        name="recipient_place",
        label=_("place of the recipient"),
        help=_("Where the organization or the part of it that uses the data is established."),
        kind=Kind.CHOICE,
        choices=DeclaredPlace,
    ),
    Field(
        name="access_places",
        label=_("where the data will be read"),
        help=_(
            "Every place from which anybody will download or query it. Reading from outside the "
            "mainland is export; downloads from places that are not named here are refused."
        ),
        kind=Kind.CHOICES,
        choices=DeclaredPlace,
    ),
    Field(
        name="delete_after_term",
        label=_("deletion after the term"),
        help=_("Whether you delete all copies when the term ends."),
        kind=Kind.YES_NO,
    ),
)

DEMAND_FIELDS: tuple[Field, ...] = (
    Field(name="title", label=_("title"), kind=Kind.TEXT, required=True, max_length=120),
    Field(
        name="description",
        label=_("what is wanted"),
        help=_("Content, region, time span, form: so that a provider can tell whether it has it."),
        kind=Kind.PROSE,
        required=True,
        max_length=4000,
    ),
    Field(
        name="purpose",
        label=_("scenario"),
        help=_("What the data would be used for."),
        kind=Kind.PROSE,
        required=True,
        max_length=1000,
    ),
    Field(name="sector", label=_("board"), kind=Kind.CHOICE, choices=Sector),
    Field(
        name="budget",
        label=_("budget"),
        help=_("The most you would pay, in plain digits such as 12000.00; it may stay empty."),
        kind=Kind.TEXT,
        max_length=19,
        pattern=r"[0-9]{1,16}(?:\.[0-9]{1,2})?",
    ),
    Field(name="needed_until", label=_("needed until"), kind=Kind.DATE),
)

QUESTION = Field(
    name="question", label=_("question"), kind=Kind.PROSE, required=True, max_length=4000
)
ANSWER = Field(name="answer", label=_("answer"), kind=Kind.PROSE, required=True, max_length=4000)
NOTE = Field(
    name="note",
    label=_("explanation"),
    help=_("How the reason is met: the larger quantity, the longer term, what is given in return."),
    kind=Kind.PROSE,
    required=True,
    max_length=1000,
)
REASON = Field(name="reason", label=_("reason"), kind=Kind.PROSE, required=True, max_length=2000)
