"""What is filled in for an appeal, defined once for pages, API and validation."""

from django.utils.translation import gettext_lazy as _

from exchange.registry.fields import Field, Kind

from .states import Wish

LODGE_FIELDS: tuple[Field, ...] = (
    Field(
        name="decision",
        label=_("decision"),
        help=_("Its reference, where you were told one; empty: the algorithm in general."),
        kind=Kind.TEXT,
        max_length=24,
    ),
    Field(
        name="inference",
        label=_("answer of a model"),
        help=_("Its reference, where the appeal is about one answer of a model."),
        kind=Kind.TEXT,
        max_length=64,
    ),
    Field(name="wish", label=_("what you ask for"), kind=Kind.CHOICE, choices=Wish, required=True),
    Field(
        name="grounds",
        label=_("grounds"),
        help=_(
            "What happened and why it is wrong. The owner of the algorithm reads this; do not "
            "name yourself here."
        ),
        kind=Kind.PROSE,
        required=True,
        max_length=4000,
    ),
    Field(
        name="name",
        label=_("your name"),
        help=_("May stay empty. Only a regulator can read it."),
        kind=Kind.TEXT,
        max_length=150,
    ),
    Field(
        name="contact",
        label=_("how to reach you"),
        help=_("May stay empty: the receipt is enough to follow your appeal."),
        kind=Kind.TEXT,
        max_length=254,
    ),
)
REFER_REASON = Field(
    name="reason",
    label=_("why the answer does not settle it"),
    kind=Kind.PROSE,
    required=True,
    max_length=4000,
)
EXTEND_REASON = Field(
    name="reason", label=_("reason"), kind=Kind.PROSE, required=True, max_length=2000
)
ANSWER = Field(
    name="answer",
    label=_("answer"),
    help=_("In plain words, to the person: what you looked at, what you found, what follows."),
    kind=Kind.PROSE,
    required=True,
    max_length=4000,
)
