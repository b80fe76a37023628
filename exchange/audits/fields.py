"""What is filled in for an audit, defined once for pages, API and validation."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.appraisers.fields import OWNERS
from exchange.registry.fields import Field, Kind

from .states import Opinion, SampleSource, ScopePart, Severity

REASON = Field(name="reason", label=_("reason"), kind=Kind.PROSE, required=True, max_length=2000)
SCOPE = Field(
    name="scope",
    label=pgettext_lazy("audit", "scope"),
    help=_("Mechanism, model, data and results (《算法推荐管理规定》第八条)."),
    kind=Kind.CHOICES,
    choices=ScopePart,
    required=True,
)
ORDER_FIELDS: tuple[Field, ...] = (
    SCOPE,
    Field(
        name="criteria",
        label=_("criteria"),
        help=_("What the algorithm is held against: its disclosure, a law, a standard."),
        kind=Kind.PROSE,
        required=True,
        max_length=4000,
    ),
    Field(name="period_from", label=_("period from"), kind=Kind.DATE, required=True),
    Field(name="period_until", label=_("period until"), kind=Kind.DATE, required=True),
    OWNERS,
)
ACCEPT_FIELDS: tuple[Field, ...] = (
    Field(
        name="declares_independence",
        label=_("We are independent of the owner of the algorithm"),
        help=_("No shares, no relatives, no business of our own with it, no part in building it."),
        kind=Kind.YES_NO,
    ),
    Field(
        name="conflicts",
        label=_("conflicts of interest"),
        help=_("Whatever could sway you in this audit; empty: there is none."),
        kind=Kind.PROSE,
        max_length=2000,
    ),
)
DRAW_FIELDS: tuple[Field, ...] = (
    Field(
        name="source",
        label=_("drawn from"),
        kind=Kind.CHOICE,
        choices=SampleSource,
        required=True,
    ),
    Field(
        name="size",
        label=_("number of records"),
        kind=Kind.NUMBER,
        required=True,
        minimum=1,
        maximum=10_000,
    ),
    Field(
        name="word",
        label=_("your word for the draw"),
        help=_("Any word; it goes into the seed, so that the exchange cannot choose for you."),
        kind=Kind.TEXT,
        required=True,
        max_length=64,
    ),
)
FINDING_FIELDS: tuple[Field, ...] = (
    Field(name="severity", label=_("severity"), kind=Kind.CHOICE, choices=Severity, required=True),
    Field(
        name="part",
        label=_("part of the scope"),
        kind=Kind.CHOICE,
        choices=ScopePart,
        required=True,
    ),
    Field(
        name="seen",
        label=_("what was seen"),
        help=_("Facts and figures, no names of persons."),
        kind=Kind.PROSE,
        required=True,
        max_length=4000,
    ),
    Field(
        name="remedy",
        label=_("remedy demanded"),
        kind=Kind.PROSE,
        required=True,
        max_length=2000,
    ),
    Field(
        name="evidence",
        label=pgettext_lazy("audit", "evidence"),
        help=_("References of records of the sample."),
        kind=Kind.TAGS,
        max_length=64,
        max_items=100,
    ),
    Field(
        name="doubt_since",
        label=_("decisions in doubt since"),
        help=_("Only where what was seen puts decisions in doubt; a regulator suspends from it."),
        kind=Kind.DATE,
    ),
)
REPORT_FIELDS: tuple[Field, ...] = (
    Field(
        name="opinion",
        label=pgettext_lazy("audit", "opinion"),
        kind=Kind.CHOICE,
        choices=Opinion,
        required=True,
    ),
    Field(
        name="summary",
        label=_("summary"),
        help=_("Public, beside the disclosure of the algorithm."),
        kind=Kind.PROSE,
        required=True,
        max_length=4000,
    ),
)
ANSWER = Field(
    name="answer",
    label=_("answer"),
    help=_("What was done about it, by whom, since when, and how it can be checked."),
    kind=Kind.PROSE,
    required=True,
    max_length=4000,
)
