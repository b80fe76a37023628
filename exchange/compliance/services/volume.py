"""Persons counted over all releases of a provider, so that splitting a file does not help.

Each screening leaves sketches of the keys it saw; they are united when the next release of the
same provider is judged, and when something is sold once more (法释〔2017〕10号 第十一条).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from audit.log.actors import Actor
from audit.log.services import record
from audit.rulebook.queries import Pack, day_of, get_pack
from exchange.catalog.models import Release
from exchange.catalog.states import ReleaseState
from exchange.compliance.events import VolumeReached
from exchange.compliance.grading import Manual, Verdict, grade
from exchange.compliance.models import (
    KeySketch,
    ReleaseVolume,
    Sale,
    Screening,
    SketchKey,
)
from exchange.compliance.scanner import ScanReport
from exchange.compliance.sketches import seal_sketch, unite
from exchange.compliance.states import Trigger
from exchange.compliance.volume import PROVIDER, Counts, alerts
from exchange.parties.models import Organization
from exchange.vault.keys import get_key_ring

from .regrading import open_regrade
from .verdicts import FILTER

PURPOSE, NAME = "sketch", "persons"
COUNTED = (ReleaseState.CLEARED, ReleaseState.IN_REVIEW)


def judge_together(
    *,
    screening: Screening,
    report: ScanReport,
    verdict: Verdict,
    manual: Manual,
    pack: Pack,
    at: datetime,
) -> Verdict:
    """Keep the counts of a release and judge it with all releases of its provider.

    Runs inside the transaction that keeps the verdict; two releases of one provider wait for each
    other here, so that neither overlooks the other.
    """
    release = screening.release
    provider = Organization.objects.select_for_update(of=("self",)).get(
        pk=release.product.provider_id
    )
    _keep_counts(screening, provider, report, verdict, at)
    if not verdict.counts.persons:
        return verdict
    together = counts_of(provider, with_release=release)
    judged = grade(report, pack.data, on=day_of(at), manual=manual, provider=together)
    if judged.alerts:
        reached = VolumeReached(
            screening=screening.reference,
            release=release.reference,
            product=release.product.reference,
            provider=provider.reference,
            lines=",".join(alert.rule for alert in judged.alerts),
            persons=verdict.counts.persons,
            together=together.persons,
        )
        record(reached, by=FILTER, at=at)
    _warn_others(release, provider, judged, at)
    return judged


def counts_of(provider: Organization, *, with_release: Release | None = None) -> Counts:
    """Return the persons in all releases of a provider that are or were to be had, together.

    Different persons are counted by kind of key: each release under the kind it has most of. Items
    are counted once more for every further buyer.
    """
    counted = Q(release__status__in=COUNTED) | Q(release__sales__isnull=False)
    if with_release is not None:
        counted |= Q(release=with_release)
    volumes = list(
        ReleaseVolume.objects.filter(counted, provider=provider)
        .annotate(buyers=Count("release__sales", distinct=True))
        .order_by("pk")
    )
    classes: dict[str, list[ReleaseVolume]] = defaultdict(list)
    for volume in volumes:
        classes[volume.item_class].append(volume)
    items = {
        name: _together(held) + sum(v.persons * max(0, v.buyers - 1) for v in held)  # type: ignore[attr-defined]  # annotated
        for name, held in classes.items()
        if name
    }
    return Counts(
        _together(volumes), _together([volume for volume in volumes if volume.sensitive]), items
    )


@transaction.atomic
def count_sale(*, release: Release, buyer: str, by: Actor, at: datetime) -> Sale:
    """Note that a release goes to a buyer; where that reaches a line, it is graded again."""
    sale, new = Sale.objects.get_or_create(release=release, buyer=buyer, defaults={"sold_at": at})
    volume = ReleaseVolume.objects.filter(release=release).select_related("provider").first()
    if not new or volume is None or not volume.item_class:
        return sale
    pack = get_pack("compliance", on=day_of(at)).data
    reached = alerts(Counts(), counts_of(volume.provider), pack, manual=None, on=day_of(at))
    if fresh := _fresh(release, [alert.rule for alert in reached]):
        _call_for_grading(release, fresh, by, at)
    return sale


def rewrap_sketch_key() -> int:
    """Wrap the key of the sketches under the newest key of the ring; return how many were."""
    key = SketchKey.objects.first()
    ring = get_key_ring()
    if key is None or key.key_id == ring.newest:
        return 0
    wrapped, key_id = ring.rewrap(key.wrapped_key, key.key_id, PURPOSE, NAME)
    rows = SketchKey.objects.filter(pk=key.pk, key_id=key.key_id)
    return rows.update(wrapped_key=wrapped, key_id=key_id)


def _keep_counts(
    screening: Screening,
    provider: Organization,
    report: ScanReport,
    verdict: Verdict,
    at: datetime,
) -> None:
    counts = verdict.counts
    sizes = {kind: sketch.estimate() for kind, sketch in report.sketches.items()}
    main = max(sorted(sizes), key=lambda kind: sizes[kind], default="")
    volume, _made = ReleaseVolume.objects.update_or_create(
        release=screening.release,
        defaults={
            "provider": provider,
            "persons": counts.persons,
            "sensitive": counts.sensitive > 0,
            "item_class": next(iter(counts.items), ""),
            "main_kind": main if counts.persons else "",
            "screening": screening.reference,
            "counted_at": at,
        },
    )
    volume.sketches.all().delete()
    if not counts.persons or not main:
        return
    key = _sketch_key(at)
    KeySketch.objects.bulk_create(
        KeySketch(volume=volume, kind=kind, sealed=seal_sketch(sketch, key))
        for kind, sketch in sorted(report.sketches.items())
    )


def _together(volumes: Sequence[ReleaseVolume]) -> int:
    """Count different persons: by sketch within a kind of key, and what has none as it is."""
    kinds = {volume.main_kind for volume in volumes if volume.main_kind}
    total = sum(volume.persons for volume in volumes if not volume.main_kind)
    for kind in kinds:
        mine = [volume.pk for volume in volumes if volume.main_kind == kind]
        rows = KeySketch.objects.filter(volume__in=mine, kind=kind).order_by("pk")
        total += unite(map(bytes, rows.values_list("sealed", flat=True))).estimate()
    return total


def _warn_others(release: Release, provider: Organization, judged: Verdict, at: datetime) -> None:
    """Have other releases of the provider graded again when all together reach a new line."""
    lines = [alert.rule for alert in judged.alerts if alert.scope == PROVIDER]
    if not lines:
        return
    others = Release.objects.filter(
        product__provider=provider, status=ReleaseState.CLEARED, volume__persons__gt=0
    ).exclude(pk=release.pk)
    for other in others.select_related("product__provider").order_by("pk"):
        if fresh := _fresh(other, lines):
            _call_for_grading(other, fresh, FILTER, at)


def _fresh(release: Release, lines: Sequence[str]) -> list[str]:
    """Return the lines that the release was not judged by yet."""
    screening = Screening.objects.filter(reference=release.screening).first()
    report: dict[str, Any] = screening.report if screening else {}
    known = {alert["rule"] for alert in report.get("alerts", ())}
    return [line for line in lines if line not in known]


def _call_for_grading(release: Release, lines: Sequence[str], by: Actor, at: datetime) -> None:
    open_regrade(
        release=release,
        trigger=Trigger.SCALE,
        reason=", ".join(lines),
        by=by if by.is_system else FILTER,
        at=at,
    )


def _sketch_key(at: datetime) -> bytes:
    """Return the key of the sketches, made on first use."""
    ring = get_key_ring()
    found = SketchKey.objects.first()
    if found is None:
        _key, wrapped, key_id = ring.generate(PURPOSE, NAME)
        found, _made = SketchKey.objects.get_or_create(
            only=True, defaults={"wrapped_key": wrapped, "key_id": key_id, "made_at": at}
        )
    return ring.unwrap(found.wrapped_key, found.key_id, PURPOSE, NAME).reveal()
