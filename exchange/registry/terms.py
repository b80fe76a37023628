"""The terms of a rights statement, field by field, and the proofs that stand beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import Invalid

from .fields import Field, Kind, read_values
from .states import Origin, PersonalBasis, ProofKind, Right, Situation, SourceKind

PROOFS_MAX = 20
CERTIFICATE = r"SJ\d{13}"
"""SJ, region (2), registrar (1), year and month (6), serial (4): 国数综政策〔2026〕35号 附件6."""

RIGHTS_FIELDS: tuple[Field, ...] = (
    Field(
        name="title",
        label=gettext_lazy("title of the statement"),
        help=gettext_lazy("How you tell this statement from your others."),
        kind=Kind.TEXT,
        max_length=80,
    ),
    Field(
        name="situation",
        label=gettext_lazy("position to the data"),
        help=gettext_lazy(
            "Your position to the data decides which rights you can state (第二十一条)."
        ),
        kind=Kind.CHOICE,
        choices=Situation,
        required=True,
    ),
    Field(
        name="rights",
        label=gettext_lazy("rights"),
        help=gettext_lazy(
            "Which of the three rights you hold. Only the right to operate allows a listing."
        ),
        kind=Kind.CHOICES,
        choices=Right,
        required=True,
    ),
    Field(
        name="origin",
        label=gettext_lazy("origin"),
        help=gettext_lazy(
            "Whose data it is at its root. Public data has a price regime of its own."
        ),
        kind=Kind.CHOICE,
        choices=Origin,
        required=True,
    ),
    Field(
        name="source_kind",
        label=gettext_lazy("source"),
        help=gettext_lazy("How the data came to you."),
        kind=Kind.CHOICE,
        choices=SourceKind,
        required=True,
    ),
    Field(
        name="source_note",
        label=gettext_lazy("explanation of the source"),
        help=gettext_lazy("From whom, when, by which means (《数据安全法》第三十三条)."),
        kind=Kind.PROSE,
        max_length=2000,
    ),
    Field(
        name="personal_basis",
        label=gettext_lazy("personal information"),
        help=gettext_lazy("On what footing personal information is in the data, if any."),
        kind=Kind.CHOICE,
        choices=PersonalBasis,
    ),
    Field(
        name="license_name",
        label=gettext_lazy("license"),
        help=gettext_lazy("Name of the license you received the data under, such as CC0 1.0."),
        kind=Kind.TEXT,
        max_length=80,
    ),
    Field(
        name="certificate_code",
        label=gettext_lazy("registration certificate"),
        help=gettext_lazy("SJ and 13 digits, if the rights are registered."),
        kind=Kind.TEXT,
        max_length=15,
        pattern=CERTIFICATE,
    ),
    Field(
        name="valid_from",
        label=gettext_lazy("valid from"),
        help=gettext_lazy("First day of the rights."),
        kind=Kind.DATE,
        required=True,
    ),
    Field(
        name="valid_until",
        label=gettext_lazy("valid until"),
        help=gettext_lazy("The day on which they no longer hold; empty for rights without end."),
        kind=Kind.DATE,
    ),
    Field(
        name="may_resell",
        label=gettext_lazy("buyers may pass it on"),
        help=gettext_lazy("Whether your own rights allow buyers to pass the data on."),
        kind=Kind.YES_NO,
    ),
    Field(
        name="limits",
        label=gettext_lazy("limits"),
        help=gettext_lazy("What your own rights do not allow."),
        kind=Kind.PROSE,
        max_length=1000,
    ),
)


class EvidenceFile(Protocol):
    """A file of the vault, as far as a proof speaks of it."""

    @property
    def reference(self) -> str:
        """How the file is called."""

    @property
    def owner(self) -> str:
        """The organization that brought it."""

    @property
    def sha256(self) -> str:
        """The digest of its content."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A file of the vault and what it is brought to prove."""

    kind: ProofKind
    file: EvidenceFile


def read_terms(values: object, *, complete: bool = True) -> dict[str, object]:
    """Read terms, or with `complete=False` a change of them, strictly; raise Invalid by field."""
    read = read_values(RIGHTS_FIELDS, values, complete=complete)
    if read.get("personal_basis") == "":
        read["personal_basis"] = PersonalBasis.NONE
    return read


def read_proofs(proofs: Sequence[Proof], *, owner: str) -> list[dict[str, str]]:
    """Return what the statement keeps of its proofs; raise Invalid for another's files."""
    if len(proofs) > PROOFS_MAX:
        raise Invalid({"proofs": [_("At most %(count)d entries.") % {"count": PROOFS_MAX}]})
    for proof in proofs:
        if proof.file.owner != owner:
            words = _("There is no file %(reference)s of yours.")
            raise Invalid({"proofs": [words % {"reference": proof.file.reference}]})
    if len({proof.file.reference for proof in proofs}) < len(proofs):
        raise Invalid({"proofs": [_("A file can be given once only.")]})
    return [
        {
            "kind": ProofKind(proof.kind).value,
            "object": proof.file.reference,
            "sha256": proof.file.sha256,
        }
        for proof in proofs
    ]
