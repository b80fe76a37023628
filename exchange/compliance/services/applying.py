"""What a verdict under new rules means for a release that is on the market."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.log.services import record
from exchange.catalog.models import Release
from exchange.catalog.services import (
    interrupt_screening,
    renew_release,
    start_screening,
    suspend_listing,
)
from exchange.catalog.services.listing import REASON_MAX
from exchange.catalog.services.locking import lock_release
from exchange.catalog.states import ReleaseState
from exchange.compliance.events import ReleaseStopped
from exchange.compliance.forbidden import STOPPING
from exchange.compliance.grading import OVERRIDES
from exchange.compliance.models import RescreeningItem, Screening
from exchange.compliance.states import ItemOutcome, Outcome

from .screening import follow_verdict
from .verdicts import FILTER, verdict_of


@transaction.atomic
def apply_verdict(item: RescreeningItem, release: Release, at: datetime) -> None:
    """Renew the clearance, or stop the release and its listing; once, whoever else tries."""
    screening = item.screening
    assert screening is not None  # noqa: S101  the caller has read the release
    lock_release(release)
    if release.status != ReleaseState.CLEARED:
        settle(item, ItemOutcome.LEFT, at)
        return
    passes = screening.outcome == Outcome.CLEAR and screening.sha256 == release.sha256
    if not settle(item, ItemOutcome.RENEWED if passes else ItemOutcome.STOPPED, at):
        return
    if passes:
        renew_release(
            release=release,
            screening=verdict_of(screening),
            pack=screening.pack,
            sample=screening.sample,
            by=FILTER,
            at=at,
        )
        return
    _stop(item, release, screening.outcome, why_stopped(screening), at)
    follow_verdict(screening, release, override_of(screening.report), at)


@transaction.atomic
def give_up(item: RescreeningItem, release: Release, at: datetime) -> None:
    """Take a release off the market that could not be read; it waits to be screened."""
    lock_release(release)
    if release.status != ReleaseState.CLEARED or not settle(item, ItemOutcome.FAILED, at):
        return
    pack = item.rescreening.pack
    reason = (
        f"The content could not be read again under {pack}, so it is not cleared. "
        f"未能依 {pack} 重新读取内容，不予放行。"
    )
    _stop(item, release, "FAILED", reason, at)
    interrupt_screening(release=release, reason=reason, by=FILTER, at=at)


def settle(item: RescreeningItem, outcome: ItemOutcome, at: datetime) -> bool:
    """Note what became of a release; False where somebody else did before."""
    rows = RescreeningItem.objects.filter(pk=item.pk, settled_at=None)
    return bool(rows.update(outcome=outcome, settled_at=at, taken_until=None))


def override_of(report: Mapping[str, Any]) -> str:
    """Return who may still decide by a stored report, as `Verdict.override` says of a fresh one."""
    asked = [rule["override"] for rule in _stopping(report)]
    return max(asked, key=OVERRIDES.index, default="NONE")


def why_stopped(screening: Screening) -> str:
    """Return reason and legal basis in both languages, for listing and log."""
    rules = _stopping(screening.report)
    names = ", ".join(str(rule["id"]) for rule in rules) or screening.outcome
    room = (REASON_MAX - 2 * len(names) - 2 * len(screening.pack) - 60) // 2
    basis = {tongue: _basis(rules, tongue, room) for tongue in ("en", "zh")}
    return (
        f"No longer passes under {screening.pack}: {names} ({basis['en']}). "
        f"依 {screening.pack} 不再放行：{names}（{basis['zh']}）。"
    )[:REASON_MAX]


def _stop(item: RescreeningItem, release: Release, outcome: str, reason: str, at: datetime) -> None:
    screening = item.screening
    start_screening(release=release, by=FILTER, at=at)
    product = release.product
    if product.is_listed and product.current is None:
        suspend_listing(product=product, reason=reason, by=FILTER, at=at)
    stopped = ReleaseStopped(
        release=release.reference,
        product=product.reference,
        rescreening=item.rescreening.reference,
        screening=screening.reference if screening else "",
        pack=item.rescreening.pack,
        outcome=outcome,
        rules=",".join(screening.rules) if screening else "",
    )
    record(stopped, by=FILTER, at=at)


def _stopping(report: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [rule for rule in report.get("rules", ()) if rule["action"] in STOPPING]


def _basis(rules: Sequence[Mapping[str, Any]], tongue: str, room: int) -> str:
    words = "; ".join(dict.fromkeys(str(rule["basis"][tongue]) for rule in rules))
    return words if len(words) <= room else f"{words[: max(room - 1, 0)]}…"
