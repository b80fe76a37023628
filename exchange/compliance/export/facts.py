"""What a decision on export is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from .places import OUTSIDE, Place


@dataclass(frozen=True, kw_only=True)
class Heads:
    """Distinct persons: of ordinary personal information, and of sensitive information apart."""

    ordinary: int = 0
    sensitive: int = 0

    def __add__(self, other: "Heads") -> "Heads":
        return Heads(
            ordinary=self.ordinary + other.ordinary, sensitive=self.sensitive + other.sensitive
        )

    def within(self, most: "Heads") -> bool:
        """Whether neither count is above the other's."""
        return self.ordinary <= most.ordinary and self.sensitive <= most.sensitive


@dataclass(frozen=True, kw_only=True)
class Cargo:
    """What would leave: grade and class of the release, its persons, its fields, for what."""

    grade: str
    personal: str
    heads: Heads = Heads()
    genetic: bool = False
    product: str = ""
    fields: tuple[str, ...] = ()
    use: str = ""

    @property
    def is_personal(self) -> bool:
        """De-identified information is still personal (《个人信息保护法》第四条、第七十三条)."""
        return self.personal != "NONE"


@dataclass(frozen=True, kw_only=True)
class Party:
    """Somebody's place of registration, as far as the rules ask for it."""

    reference: str
    place: Place = Place.UNKNOWN
    in_bay_area: bool = False
    zone: str = ""
    critical: bool = False


@dataclass(frozen=True, kw_only=True)
class Route:
    """From whom to whom, and from where it will be read."""

    exporter: Party
    recipient: Party
    seat: Place
    access: frozenset[Place]

    @property
    def outside(self) -> frozenset[Place]:
        """The places outside the mainland that the data reaches: of any of them is export."""
        return (self.access | {self.seat, self.recipient.place}) & OUTSIDE


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a piece of evidence covers; what it does not name, it does not cover."""

    uses: frozenset[str] = frozenset()
    recipients: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    places: frozenset[Place] = frozenset()
    heads: Heads = Heads()


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A piece of evidence on file: an assessment, a contract, a certificate, a consent, a claim."""

    reference: str
    kind: str
    scope: Scope
    verified: bool
    valid_from: date
    valid_until: date | None = None
    ground: str = ""
    partner: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    used: Heads = Heads()


@dataclass(frozen=True, kw_only=True)
class Situation:
    """All that is asked: the cargo, its route, the year so far, the evidence, the day.

    `so_far` are the distinct persons already provided this year; `with_cargo` those with this
    cargo, each person counted once where that is known.
    """

    cargo: Cargo
    route: Route
    so_far: Heads
    with_cargo: Heads
    filed: tuple[Filed, ...]
    on: date
    trial_lists: bool = False
