"""What the processes do: record, sequence, publish; each says what it was promised."""

import time
from datetime import datetime
from typing import Any

from tests.faults.world import AT, World

TOGETHER = 2  # entries that one transaction records


def record_pairs(world: World, *, first: int, pairs: int, at: datetime = AT) -> None:
    """Record `pairs` transactions; note the entries of each as soon as its commit returned."""
    from django.db import transaction  # noqa: PLC0415  after the settings

    from audit.log.services import record  # noqa: PLC0415
    from tests.log.writing import CLERK, Counted  # noqa: PLC0415

    for number in range(first, first + TOGETHER * pairs, TOGETHER):
        with transaction.atomic():
            entries = [
                record(Counted(product=f"P-{each}", number=each), by=CLERK, at=at)
                for each in range(number, number + TOGETHER)
            ]
        world.journal.note("committed", " ".join(str(entry.id) for entry in entries))


def publish_all(*, at: datetime = AT, patience: int = 200) -> None:
    """Publish until everything recorded is covered by a checkpoint."""
    from audit.log.models import Pending  # noqa: PLC0415  after the settings
    from audit.log.publishing import publish  # noqa: PLC0415
    from audit.log.queries import latest_checkpoint, logs  # noqa: PLC0415

    for _attempt in range(patience):
        publish(at=at)
        newest = [(log.size, latest_checkpoint(log)) for log in logs()]
        if not Pending.objects.exists() and all(
            checkpoint and checkpoint.size == size for size, checkpoint in newest
        ):
            return
        time.sleep(0.05)  # a killed leader's transaction is not rolled back yet
    raise TimeoutError("not everything recorded was published")


def a_short_life(world: World, *, first: int) -> None:
    """Record, sequence and publish so that a tile is completed and several batches are taken."""
    from audit.log.publishing import publish  # noqa: PLC0415  after the settings
    from audit.log.sequencing import sequence  # noqa: PLC0415

    record_pairs(world, first=first, pairs=2)
    publish(at=AT)
    record_pairs(world, first=first + 4, pairs=3)
    sequence(at=AT)
    record_pairs(world, first=first + 10, pairs=1)
    publish(at=AT)


def grow(world: World, count: int, *, first: int = 0, at: datetime = AT) -> None:
    """Record `count` entries in one go and publish them."""
    from django.db import transaction  # noqa: PLC0415  after the settings

    with transaction.atomic():
        record_pairs_in_one(world, first=first, count=count, at=at)
    publish_all(at=at)


def record_pairs_in_one(world: World, *, first: int, count: int, at: datetime = AT) -> list[Any]:
    """Record `count` entries within the caller's transaction, which belongs to the world's base."""
    from audit.log.services import record  # noqa: PLC0415  after the settings
    from tests.log.writing import CLERK, Counted  # noqa: PLC0415

    entries = [
        record(Counted(product=f"P-{each}", number=each), by=CLERK, at=at)
        for each in range(first, first + count)
    ]
    world.journal.note("committed", " ".join(str(entry.id) for entry in entries))
    return entries
