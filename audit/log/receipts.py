"""Receipts: what a party keeps to prove, without us, that its entry stands in the log."""

from django.utils.translation import gettext_lazy as _

from verify.receipt import write_receipt

from .errors import DomainError
from .merkle import inclusion_proof
from .models import Entry, Leaf
from .queries import covering_checkpoint
from .tiles import TileReader, TileStore

RETRY_SECONDS = 2


class NotPublished(DomainError):
    """The entry is recorded, but no signed checkpoint covers it yet."""

    code = "not-published"
    status = 202
    title = _("This entry is recorded, but not yet published; ask again in a few seconds")


def receipt_for(entry: Entry) -> str:
    """Return the receipt of `entry`, the entry enclosed (tlog-proof).

    It stands under the newest checkpoint of its period's log, before all under a cosigned one.

    Raises NotPublished until a checkpoint covers the entry.
    """
    place = Leaf.objects.filter(entry=entry).values_list("index", flat=True).first()
    checkpoint = None if place is None else covering_checkpoint(place)
    if place is None or checkpoint is None:
        raise NotPublished
    index = place - checkpoint.log.first
    reader = TileReader(TileStore.of_period(checkpoint.log.period), checkpoint.size)
    return write_receipt(
        index=index,
        proof=inclusion_proof(index, checkpoint.size, reader.node),
        checkpoint=checkpoint.published_note,
        extra=bytes(entry.data),
    )
