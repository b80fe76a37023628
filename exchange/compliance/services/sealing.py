"""Core data and state secrets: the file is sealed as evidence, and the regulator is told at once.

No verb of the exchange lifts the block; a seal is lifted only where another reading of exactly
this content finds nothing that demands it (《网络数据安全管理条例》第六十三条、《数据安全法》第
五十三条).
"""

from datetime import datetime

from audit.log.errors import Conflict
from audit.log.services import record
from audit.retention.services import place_hold
from audit.rulebook.queries import day_of
from exchange.catalog.models import Release
from exchange.compliance.case_events import CoreFreed, CoreSealed
from exchange.compliance.heads import case_pack
from exchange.compliance.models import Screening
from exchange.compliance.states import Grade
from exchange.vault.models import StoredObject
from exchange.vault.services import free_object, impound_object
from exchange.vault.states import ObjectState

from .verdicts import FILTER

BASIS = "《网络数据安全管理条例》第五十条、第六十三条；《数据安全法》第五十三条"


def is_to_be_sealed(screening: Screening, at: datetime) -> bool:
    """Whether a verdict demands the seal: core data always, and what the rules of cases name."""
    if screening.grade == Grade.CORE:
        return True
    named = case_pack(day_of(at)).data["prohibited_rules"]
    return not set(named).isdisjoint(screening.rules)


def seal_release(screening: Screening, release: Release, at: datetime) -> None:
    """Seal the file of a release and everything read from it, and hold it as evidence."""
    reason = f"{screening.reference}: {', '.join(screening.rules)}"
    taken = [
        impound_object(stored=stored, reason=reason, by=FILTER, at=at)
        for stored in _files(release)
        if stored.status == ObjectState.STORED
    ]
    if not taken:
        return
    try:
        hold = place_hold(
            kind="release", subject=release.reference, reason=reason, basis=BASIS, by=FILTER, at=at
        ).reference
    except Conflict:
        hold = ""  # it is held already
    sealed = CoreSealed(
        release=release.reference,
        product=release.product.reference,
        organization=release.product.provider.reference,
        screening=screening.reference,
        hold=hold,
        grade=screening.grade,
        rules=",".join(screening.rules),
        content_sha256=release.sha256,
        objects=",".join(stored.reference for stored in taken),
    )
    record(sealed, by=FILTER, at=at)


def free_release(screening: Screening, release: Release, at: datetime) -> None:
    """Lift the seal after a reading that no longer demands it; the legal hold stays."""
    reason = f"{screening.reference}: {screening.outcome}"
    freed = [
        free_object(stored=stored, reason=reason, by=FILTER, at=at)
        for stored in _files(release)
        if stored.status == ObjectState.IMPOUNDED
    ]
    if freed:
        said = CoreFreed(
            release=release.reference,
            product=release.product.reference,
            organization=release.product.provider.reference,
            screening=screening.reference,
            objects=",".join(stored.reference for stored in freed),
        )
        record(said, by=FILTER, at=at)


def _files(release: Release) -> list[StoredObject]:
    rows = StoredObject.objects.filter(pk__in={release.original_id, release.table_id})
    return list(rows.order_by("pk"))
