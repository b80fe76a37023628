"""What applicants and providers declare, defined once for pages, API and validation."""

from django.utils.translation import gettext_lazy as _

from exchange.catalog.vocabulary import Industry
from exchange.registry.fields import Field, Kind

from .states import LinkKind

USCC = Field(
    name="uscc",
    label=_("unified social credit code"),
    kind=Kind.TEXT,
    required=True,
    max_length=18,
)
STAKES = (
    USCC,
    Field(name="name", label=_("name"), kind=Kind.TEXT, max_length=200),
    Field(
        name="share",
        label=_("share, such as 0.25"),
        kind=Kind.TEXT,
        required=True,
        max_length=8,
        pattern=r"0\.[0-9]{1,6}|1(?:\.0{1,6})?",
    ),
)
LINKS = (
    Field(name="person", label=_("signing person"), kind=Kind.TEXT, required=True, max_length=254),
    Field(name="kind", label=_("kind of tie"), kind=Kind.CHOICE, choices=LinkKind, required=True),
    USCC,
    Field(name="note", label=_("what ties them"), kind=Kind.TEXT, max_length=200),
)
OWNERS = Field(
    name="owners",
    label=_("shareholders"),
    help=_("Every organization that holds a twentieth or more, directly: code, name, share."),
    kind=Kind.ROWS,
    columns=STAKES,
    max_items=100,
)
ACCREDITATION_FIELDS: tuple[Field, ...] = (
    Field(
        name="qualification_number",
        label=_("qualification number"),
        help=_("Of the record at the finance authority (《资产评估法》第十六条)."),
        kind=Kind.TEXT,
        required=True,
        max_length=60,
    ),
    Field(
        name="industries",
        label=_("industries"),
        help=_("Whose data you appraise (GB/T 4754)."),
        kind=Kind.CHOICES,
        choices=Industry,
        required=True,
    ),
    Field(
        name="insurer",
        label=_("liability insurer"),
        help=_("《资产评估法》第二十一条."),
        kind=Kind.TEXT,
        required=True,
        max_length=120,
    ),
    Field(name="insured_until", label=_("insured until"), kind=Kind.DATE, required=True),
    Field(name="valid_until", label=_("qualification valid until"), kind=Kind.DATE, required=True),
    Field(
        name="signers",
        label=_("signing persons"),
        help=_("E-mail addresses of your members who sign appraisals."),
        kind=Kind.TAGS,
        required=True,
        max_items=50,
    ),
    OWNERS,
    Field(
        name="holdings",
        label=_("shares you hold"),
        help=_("Every organization of which you hold a twentieth or more, directly."),
        kind=Kind.ROWS,
        columns=STAKES,
        max_items=100,
    ),
    Field(
        name="links",
        label=_("ties of the signing persons"),
        help=_("Family and business ties to organizations that may offer data here."),
        kind=Kind.ROWS,
        columns=LINKS,
        max_items=200,
    ),
)
REQUEST_FIELDS: tuple[Field, ...] = (
    Field(
        name="request",
        label=_("what is asked"),
        help=_("What the appraiser should know of the product and its costs."),
        kind=Kind.PROSE,
        required=True,
        max_length=2000,
    ),
    Field(
        name="fee",
        label=_("fixed fee"),
        help=_("In plain digits such as 12000.00; it may not depend on the value found."),
        kind=Kind.TEXT,
        required=True,
        max_length=19,
        pattern=r"[0-9]{1,16}(?:\.[0-9]{1,2})?",
    ),
    OWNERS,
)
REASON = Field(name="reason", label=_("reason"), kind=Kind.PROSE, required=True, max_length=2000)
CONFLICTS = Field(
    name="conflicts",
    label=_("conflicts of interest"),
    help=_("Whatever could sway you in this engagement; empty: there is none."),
    kind=Kind.PROSE,
    max_length=2000,
)
