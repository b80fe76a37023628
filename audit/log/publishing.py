"""Publishing: the log's files are written, read back and checked, and only then signed.

Every step may be repeated: after a crash anywhere, the next `publish()` finishes the work.
"""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import transaction

from verify.checkpoint import TreeHead, parse_body, verify_checkpoint
from verify.errors import VerificationError
from verify.merkle import Frontier, check_consistency, leaf_hash
from verify.note import parse_note
from verify.tile import TILE_LEVELS, WIDTH, perfect_root, split_bundle, tile_path, write_bundle

from .heads import HeadLock, LogFrozen
from .merkle import consistency_proof, range_root
from .models import Checkpoint, Leaf, LogState
from .notes import make_checkpoint
from .sequencing import sequence
from .signing import get_signer
from .tiles import CHECKPOINT, LogDamaged, TileMissing, TileReader, TileStore

_TILES_AT_ONCE = 16


def publish(*, at: datetime) -> Checkpoint | None:
    """Sequence what waits and sign the tree over it; None when nothing is new or a rival did it.

    Raises LogFrozen when the database does not continue what was signed, LogDamaged when entries,
    hashes and files contradict each other. Nothing is signed then.
    """
    sequence(at=at)
    store, lock = TileStore.of_log(), HeadLock.of_log()
    # What was signed is read before the state: a rival's later work must not look like a rollback.
    agreed = lock.read()
    newest = Checkpoint.objects.order_by("-size").first()
    shown = store.read(CHECKPOINT)
    state = LogState.objects.filter(pk=1).first() or LogState()
    if not (state.size or agreed or shown):
        return None
    root = Frontier.from_bytes(state.size, bytes(state.frontier)).root()
    head = TreeHead(settings.AUDIT_LOG_ORIGIN, state.size, root)
    if agreed == head and newest and newest.size == head.size and shown == newest.note.encode():
        return None
    earlier = _signed_before(agreed, newest, shown)
    _refuse_rollback(head, earlier)
    complete = _write_files(store, agreed.size if agreed else 0, head.size)
    _check_files(store, head, complete)
    _check_continuity(store, head, earlier)
    if not lock.advance(agreed, head):
        return None
    checkpoint = _sign(head, newest, at)
    with lock.held_at(head) as still_newest:
        if still_newest:
            store.replace(CHECKPOINT, checkpoint.note.encode())
    for level, index in complete:
        store.drop_partials(tile_path(level, index))
    return checkpoint


def _signed_before(
    agreed: TreeHead | None, newest: Checkpoint | None, shown: bytes | None
) -> list[TreeHead]:
    """Return the heads that were signed or agreed to, from every place that remembers one."""
    heads = [agreed] if agreed else []
    try:
        if newest:
            heads.append(parse_body(parse_note(newest.note.encode()).text))
        if shown is not None:
            heads.append(verify_checkpoint(shown, get_signer("log").verifier).head)
    except VerificationError as error:
        raise LogDamaged(f"The last checkpoint is damaged: {error}") from error
    return heads


def _refuse_rollback(head: TreeHead, earlier: list[TreeHead]) -> None:
    for known in earlier:
        if known.origin != head.origin:
            raise LogFrozen(
                f"This log was signed as {known.origin}; it cannot become {head.origin}."
            )
        if known.size > head.size:
            raise LogFrozen(
                f"The database holds {head.size} log entries, but {known.size} were signed: an "
                "older database was restored. Nothing is signed until the missing entries are back."
            )


def _check_continuity(store: TileStore, head: TreeHead, earlier: list[TreeHead]) -> None:
    """Prove to ourselves that the new tree continues every head that was signed."""
    node = TileReader(store, head.size).node
    for known in earlier:
        try:
            check_consistency(
                old_size=known.size,
                new_size=head.size,
                old_root=known.root,
                new_root=head.root,
                proof=consistency_proof(known.size, head.size, node),
            )
        except VerificationError as error:
            raise LogFrozen(
                f"The log in the database does not continue the checkpoint of size {known.size}: "
                f"{error}. Nothing is signed."
            ) from error


def _sign(head: TreeHead, newest: Checkpoint | None, at: datetime) -> Checkpoint:
    """Sign a head that was agreed to; its time never runs backwards."""
    at = max(at, newest.created_at) if newest else at
    at = at.replace(microsecond=0)
    with transaction.atomic(durable=True):
        checkpoint, _made = Checkpoint.objects.get_or_create(
            size=head.size,
            defaults={
                "root": head.root,
                "note": make_checkpoint(head, get_signer("log"), at=at),
                "created_at": at,
            },
        )
    return checkpoint


def _write_files(store: TileStore, start: int, size: int) -> list[tuple[int | str, int]]:
    """Write what a log of `size` has and one of `start` lacks; return the tiles completed by it.

    Where files of the smaller log are gone, everything is written anew.
    """
    try:
        files = _Files(store, start, size)
    except TileMissing:
        files = _Files(store, 0, size)
    return files.write()


class _Files:
    """Tiles and bundles between two sizes of the log."""

    def __init__(self, store: TileStore, start: int, size: int) -> None:
        self.store, self.size = store, size
        self.first_tile = start // WIDTH
        self.complete: list[tuple[int | str, int]] = []
        self.open: list[list[bytes]] = [[]]  # by level, the hashes of the tile at the right edge
        self.filled = [self.first_tile]  # by level, the index of that tile
        reader = TileReader(store, start)
        level = 1
        while size >> (TILE_LEVELS * level):
            index, width = divmod(start >> (TILE_LEVELS * level), WIDTH)
            self.filled.append(index)
            self.open.append(list(reader.tile(level, index)) if width else [])
            level += 1

    def write(self) -> list[tuple[int | str, int]]:
        """Write all of them and wait for the disk."""
        for index, rows in _leaves_by_tile(self.first_tile, self.size):
            hashes = [leaf for leaf, _entry in rows]
            bundle = write_bundle(entry for _leaf, entry in rows)
            self.store.write(tile_path("entries", index, len(rows)), bundle)
            if len(rows) == WIDTH:
                self.complete.append(("entries", index))
            self._extend(0, hashes)
        for level, hashes in enumerate(self.open):
            if hashes:
                path = tile_path(level, self.filled[level], len(hashes))
                self.store.write(path, b"".join(hashes))
        self.store.sync()
        return self.complete

    def _extend(self, level: int, hashes: list[bytes]) -> None:
        tile = self.open[level]
        tile += hashes
        if len(tile) < WIDTH:
            return
        index = self.filled[level]
        self.store.write(tile_path(level, index), b"".join(tile))
        self.complete.append((level, index))
        self.filled[level] += 1
        self.open[level] = []
        self._extend(level + 1, [perfect_root(tile)])


def _leaves_by_tile(first: int, size: int) -> Iterator[tuple[int, list[tuple[bytes, bytes]]]]:
    """Yield (leaf hash, entry) of each tile from `first` on, checked against each other."""
    for start in range(first * WIDTH, size, WIDTH * _TILES_AT_ONCE):
        end = min(start + WIDTH * _TILES_AT_ONCE, size)
        rows = (
            Leaf.objects.filter(index__gte=start, index__lt=end)
            .order_by("index")
            .values_list("index", "leaf_hash", "entry__data")
        )
        leaves: list[tuple[bytes, bytes]] = []
        for index, stored, data in rows:
            leaf, entry = bytes(stored), bytes(data)
            if index != start + len(leaves):
                break
            if leaf_hash(entry) != leaf:
                raise LogDamaged(f"The entry at index {index} does not give its leaf hash.")
            leaves.append((leaf, entry))
        if len(leaves) != end - start:
            raise LogDamaged(f"The leaf at index {start + len(leaves)} or its entry is missing.")
        for offset in range(0, len(leaves), WIDTH):
            yield (start + offset) // WIDTH, leaves[offset : offset + WIDTH]


def _check_files(store: TileStore, head: TreeHead, complete: list[tuple[int | str, int]]) -> None:
    """Read back from disk what is about to be signed."""
    reader = TileReader(store, head.size)
    if range_root(0, head.size, reader.node) != head.root:
        raise LogDamaged("The tiles on disk do not give the root that the database gives.")
    for level, index in complete:
        if isinstance(level, str):
            hashes = [
                leaf_hash(entry) for entry in split_bundle(reader.content(level, index, WIDTH))
            ]
            fits = hashes == reader.tile(0, index)
        else:
            above = reader.node(TILE_LEVELS * (level + 1), index)
            fits = perfect_root(reader.tile(level, index)) == above
        if not fits:
            raise LogDamaged(f"{tile_path(level, index)} was read back differently than written.")
