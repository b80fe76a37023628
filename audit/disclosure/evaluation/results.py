"""What a measurement found; frozen, and plain enough to be written down."""

import enum
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

Param = str | int | float


class Verdict(enum.StrEnum):
    """What became of the claim, from best to worst."""

    CONFIRMED = "CONFIRMED"
    WITHIN_ERROR = "WITHIN_ERROR"
    OVERSTATED = "OVERSTATED"
    NO_BETTER = "NO_BETTER"
    NOT_RUN = "NOT_RUN"


class Severity(enum.StrEnum):
    """Whether a finding speaks against what the card says, or is merely to be known."""

    CONTRADICTS = "CONTRADICTS"
    NOTICE = "NOTICE"


class Sureness(enum.StrEnum):
    """How sure a finding is."""

    CERTAIN = "CERTAIN"
    LIKELY = "LIKELY"
    POSSIBLE = "POSSIBLE"


@dataclass(frozen=True)
class Finding:
    """Something the measurement saw: a code for its sentence, how sure, and what was seen."""

    code: str
    severity: Severity
    sureness: Sureness
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """A measured figure with its 95 % interval (None where none can be given).

    `baseline` is what the best of the simple rules reaches on the same rows, `baseline_name` which
    rule that is, and `gain_low` the lower end of the interval of what the model is better by.
    """

    metric: str
    value: float
    low: float | None = None
    high: float | None = None
    baseline: float | None = None
    baseline_name: str = ""
    gain_low: float | None = None


@dataclass(frozen=True)
class Claim:
    """One figure that the card claims, beside what was measured."""

    metric: str
    declared: Decimal
    figure: Figure
    verdict: Verdict
    judged: bool


@dataclass(frozen=True)
class GroupRow:
    """How one group fares: rows, share chosen, and the model's errors among them."""

    column: str
    group: str
    rows: int
    selection_rate: float | None = None
    impact_ratio: float | None = None
    true_positive_rate: float | None = None
    false_positive_rate: float | None = None
    score: float | None = None


@dataclass(frozen=True)
class Bin:
    """Of the rows whose probability fell in a stretch: how many, mean probability, true share."""

    low: float
    high: float
    rows: int
    predicted: float
    observed: float


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The whole measurement of one algorithm on one set of rows."""

    name: str
    task: str
    verdict: Verdict
    judged_by: str = ""
    reason: str = ""
    reason_params: Mapping[str, Param] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    figures: tuple[Figure, ...] = ()
    baselines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    groups: tuple[GroupRow, ...] = ()
    calibration: tuple[Bin, ...] = ()
    classes: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    rows: int = 0
    training_rows: int = 0
    model_sha256: str = ""
    holdout_sha256: str = ""
    operators: Mapping[str, int] = field(default_factory=dict)
    techniques: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    peak: int = 0
    processor: float = 0.0

    @property
    def contradicted(self) -> bool:
        """Whether a finding that is at least likely speaks against the card."""
        return any(
            finding.severity == Severity.CONTRADICTS and finding.sureness != Sureness.POSSIBLE
            for finding in self.findings
        )

    def as_json(self) -> dict[str, Any]:
        """Return everything as plain values; what was declared stays as it was written."""
        found = asdict(self)
        for claim in found["claims"]:
            claim["declared"] = str(claim["declared"])
        return found | {"contradicted": self.contradicted}
