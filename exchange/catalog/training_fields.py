"""What a provider states of a trained model: its disclosure, its file, what it was trained on."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from exchange.registry.fields import Field, Kind
from exchange.registry.states import PersonalBasis

from .vocabulary import SourceGrade, SourceRights

SOURCE_FIELDS: Final = (
    Field(
        name="name",
        label=_("source"),
        help=_("Which data the model was trained on, as others know it."),
        kind=Kind.TEXT,
        required=True,
        max_length=120,
    ),
    Field(
        name="rights",
        label=_("right to train on it"),
        kind=Kind.CHOICE,
        choices=SourceRights,
        required=True,
    ),
    Field(
        name="reference",
        label=_("statement or contract"),
        help=_("R-… of your rights statement, or C-… of the contract under which it was bought."),
        kind=Kind.TEXT,
        max_length=24,
    ),
    Field(
        name="evidence",
        label=_("evidence"),
        help=_("OB-… of a file of yours in the vault that proves what you declare."),
        kind=Kind.OBJECT,
        max_length=24,
    ),
    Field(
        name="personal",
        label=_("personal information in it"),
        kind=Kind.CHOICE,
        choices=PersonalBasis,
        required=True,
    ),
    Field(
        name="grade",
        label=_("grade of the data"),
        kind=Kind.CHOICE,
        choices=SourceGrade,
        required=True,
    ),
    Field(
        name="note",
        label=_("how it was used"),
        help=_("Which period, selection and cleaning; for which step of the training."),
        kind=Kind.PROSE,
        max_length=1000,
    ),
)
TRAINING_FIELDS: Final = (
    Field(
        name="algorithm",
        label=_("algorithm in the register"),
        help=_("The short name under which your disclosure of this model is filed."),
        kind=Kind.TEXT,
        required=True,
        max_length=48,
        pattern=r"[a-z0-9]+(?:[-_][a-z0-9]+)*",
    ),
    Field(
        name="model_sha256",
        label=_("SHA-256 of the file"),
        help=_("Of the file that the disclosure describes and whose accuracy was measured."),
        kind=Kind.TEXT,
        max_length=64,
        pattern=r"[0-9a-f]{64}",
    ),
    Field(
        name="sources",
        label=_("training data"),
        kind=Kind.ROWS,
        columns=SOURCE_FIELDS,
        required=True,
        max_items=50,
    ),
)
