"""Rule packs by kind and date, read from `packs/<kind>/<effective date>.toml`."""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import timezone

PACKS = Path(__file__).parent / "packs"


class NoPack(LookupError):
    """No version of this kind of rules is in effect on that day."""


@dataclass(frozen=True)
class Pack:
    """One version of the rules. `label` is what every decision stores."""

    kind: str
    version: str
    digest: str
    data: dict[str, Any]

    @property
    def label(self) -> str:
        """Kind and version in one word, such as `compliance@2026-11-01`."""
        return f"{self.kind}@{self.version}"


def day_of(at: datetime) -> date:
    """Return the day of an instant where the exchange is; rules begin at its midnight."""
    return timezone.localtime(at, timezone.get_default_timezone()).date()


def get_pack(kind: str, *, on: date) -> Pack:
    """Return the version of `kind` in effect on `on`; raise NoPack where there is none yet."""
    in_effect = [pack for pack in list_packs(kind) if date.fromisoformat(pack.version) <= on]
    if not in_effect:
        msg = f"no {kind} rule pack is in effect on {on.isoformat()}"
        raise NoPack(msg)
    return in_effect[-1]


@cache
def list_packs(kind: str) -> tuple[Pack, ...]:
    """Return every version of `kind`, the oldest first."""
    return tuple(_read(file) for file in sorted((PACKS / kind).glob("*.toml")))


def list_kinds() -> list[str]:
    """Return the kinds of rules that have packs."""
    return sorted(folder.name for folder in PACKS.iterdir() if any(folder.glob("*.toml")))


def _read(file: Path) -> Pack:
    text = file.read_bytes()
    date.fromisoformat(file.stem)
    return Pack(
        kind=file.parent.name,
        version=file.stem,
        digest=hashlib.sha256(text).hexdigest(),
        data=tomllib.loads(text.decode()),
    )
