"""Receipts: what a party keeps to prove, without us, that its entry stands in the log."""

from django.utils.translation import gettext_lazy as _

from verify.receipt import write_receipt

from .errors import DomainError
from .merkle import inclusion_proof
from .models import Checkpoint, Entry, Leaf
from .tiles import TileReader, TileStore

RETRY_SECONDS = 2


class NotPublished(DomainError):
    """The entry is recorded, but no signed checkpoint covers it yet."""

    code = "not-published"
    status = 202
    title = _("This entry is recorded, but not yet published; ask again in a few seconds")


def receipt_for(entry: Entry) -> str:
    """Return the receipt of `entry` under the newest checkpoint, the entry enclosed (tlog-proof).

    Raises NotPublished until a checkpoint covers the entry.
    """
    index = Leaf.objects.filter(entry=entry).values_list("index", flat=True).first()
    checkpoint = Checkpoint.objects.order_by("-size").first()
    if index is None or checkpoint is None or checkpoint.size <= index:
        raise NotPublished
    reader = TileReader(TileStore.of_log(), checkpoint.size)
    return write_receipt(
        index=index,
        proof=inclusion_proof(index, checkpoint.size, reader.node),
        checkpoint=checkpoint.note,
        extra=bytes(entry.data),
    )
