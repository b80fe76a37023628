"""Rule packs by kind and date: files `packs/<kind>/<effective date>.toml`, and those written here.

Both are one list. What is stored is looked at again every few seconds; versions are published and
taken back well before the day they bind (`LEAD`), so that every process has heard of it by then.
"""

import hashlib
import time
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection
from django.utils import timezone

from .models import PackText, RulePack
from .states import PackState

PACKS = Path(__file__).parent / "packs"
RECHECK = 5.0
"""Seconds for which a process believes what it knows of stored versions."""
LEAD = timedelta(minutes=10)
"""At the least between a publication, or its withdrawal, and the instant the version binds."""
_DAY = len("2026-11-01")


class NoPack(LookupError):
    """No version of this kind of rules is in effect on that day."""


@dataclass(frozen=True)
class Pack:
    """One version of the rules. `label` is what every decision stores."""

    kind: str
    version: str
    digest: str
    data: dict[str, Any]
    text: str = field(default="", repr=False, compare=False)

    @property
    def label(self) -> str:
        """Kind and version in one word, such as `compliance@2026-11-01`."""
        return f"{self.kind}@{self.version}"

    @property
    def effective_on(self) -> date:
        """The day from which it binds; a number behind it tells it from one taken back."""
        return date.fromisoformat(self.version[:_DAY])

    @property
    def order(self) -> tuple[date, int]:
        """Where it stands among the versions of its kind."""
        return self.effective_on, int(self.version[_DAY + 1 :] or 1)


def day_of(at: datetime) -> date:
    """Return the day of an instant where the exchange is; rules begin at its midnight."""
    return timezone.localtime(at, timezone.get_default_timezone()).date()


def begins_at(day: date) -> datetime:
    """Return the instant at which rules of a day begin to bind."""
    return datetime.combine(day, clock.min, tzinfo=timezone.get_default_timezone())


def get_pack(kind: str, *, on: date) -> Pack:
    """Return the version of `kind` in effect on `on`; raise NoPack where there is none yet."""
    for pack in reversed(list_packs(kind)):
        if pack.effective_on <= on:
            return pack
    msg = f"no {kind} rule pack is in effect on {on.isoformat()}"
    raise NoPack(msg)


def find_pack(label: str) -> Pack | None:
    """Return one version by its label, or None."""
    kind = label.partition("@")[0]
    return next((pack for pack in list_packs(kind) if pack.label == label), None)


def list_packs(kind: str) -> tuple[Pack, ...]:
    """Return every version of `kind`, the oldest first."""
    return _shelf().get(kind, ())


def list_kinds() -> list[str]:
    """Return the kinds of rules that have packs."""
    return sorted(folder.name for folder in PACKS.iterdir() if any(folder.glob("*.toml")))


def file_packs(kind: str) -> tuple[Pack, ...]:
    """Return the versions of `kind` that are shipped as files, the oldest first."""
    return _files(PACKS).get(kind, ())


def forget_packs() -> None:
    """Look at files and stored versions anew with the next question."""
    _files.cache_clear()
    _KEPT.clear()


def seal_of(kind: str, effective_on: date | None, text: str) -> str:
    """Return the digest an approval is bound to: kind, day and text together."""
    day = effective_on.isoformat() if effective_on else ""
    return hashlib.sha256(f"{kind}@{day}\n{text}".encode()).hexdigest()


@dataclass(frozen=True)
class _Kept:
    read_at: float
    stored: tuple[tuple[str, str], ...]
    packs: dict[str, tuple[Pack, ...]]


_KEPT: dict[str, _Kept] = {}


def _shelf() -> dict[str, tuple[Pack, ...]]:
    """Return all versions by kind; the database is asked at most every few seconds."""
    kept = _KEPT.get("packs")
    now = time.monotonic()
    if kept is not None and (now - kept.read_at < RECHECK or _cannot_ask()):
        return kept.packs
    stored = _stored()
    packs = kept.packs if kept is not None and kept.stored == stored else _arrange(stored)
    _KEPT["packs"] = _Kept(now, stored, packs)
    return packs


def _cannot_ask() -> bool:
    """Whether the present transaction is lost already; it will not be kept, whatever is said."""
    return connection.in_atomic_block and connection.needs_rollback


def _stored() -> tuple[tuple[str, str], ...]:
    """Return label and digest of the published versions whose text stands in the database."""
    written = PackText.objects.values("reference")
    rows = RulePack.objects.filter(status=PackState.PUBLISHED, reference__in=written)
    try:
        return tuple(rows.order_by("reference").values_list("reference", "sha256"))
    except DatabaseError:
        if _is_prepared():
            raise
        return ()  # no exchange yet, only its programs


def _is_prepared() -> bool:
    tables = connection.introspection.table_names()
    return PackText._meta.db_table in tables  # noqa: SLF001  Django's documented name


def _arrange(stored: tuple[tuple[str, str], ...]) -> dict[str, tuple[Pack, ...]]:
    """Put files and stored versions into one order; of two of the same name the stored one holds.

    Publishing refuses the file in that case, loudly.
    """
    packs = {pack.label: pack for row in _files(PACKS).values() for pack in row}
    packs |= {label: _read_stored(label, digest) for label, digest in stored}
    kinds: dict[str, list[Pack]] = {}
    for pack in sorted(packs.values(), key=lambda pack: pack.order):
        kinds.setdefault(pack.kind, []).append(pack)
    return {kind: tuple(row) for kind, row in kinds.items()}


@cache
def _files(folder: Path) -> dict[str, tuple[Pack, ...]]:
    found: dict[str, list[Pack]] = {}
    for file in sorted(folder.glob("*/*.toml")):
        date.fromisoformat(file.stem)
        found.setdefault(file.parent.name, []).append(
            _read(file.parent.name, file.stem, file.read_bytes())
        )
    return {kind: tuple(row) for kind, row in found.items()}


@lru_cache(maxsize=32)
def _read_stored(label: str, digest: str) -> Pack:
    text = PackText.objects.values_list("text", flat=True).get(reference=label)
    kind, _at, version = label.partition("@")
    pack = _read(kind, version, text.encode())
    if pack.digest != digest:
        msg = f"{label} was changed after it was published"
        raise RuntimeError(msg)
    return pack


@lru_cache(maxsize=64)
def _read(kind: str, version: str, data: bytes) -> Pack:
    text = data.decode()
    digest = hashlib.sha256(data).hexdigest()
    return Pack(kind=kind, version=version, digest=digest, data=tomllib.loads(text), text=text)
