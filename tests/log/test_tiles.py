"""Where tiles lie, how they are written, and that they are never overwritten."""

from functools import cache
from pathlib import Path

import pytest

from audit.log.tiles import LogDamaged, TileMissing, TileReader, TileStore
from verify.errors import VerificationError
from verify.merkle import leaf_hash, root_of
from verify.tile import perfect_root, split_bundle, split_tile, tile_path, write_bundle


@pytest.fixture
def store(tmp_path: Path) -> TileStore:
    return TileStore(tmp_path / "log")


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 273, 112, "tile/0/273.p/112"),
        (1, 1, 17, "tile/1/001.p/17"),
        (2, 0, 1, "tile/2/000.p/1"),
        (0, 1_234_067, 256, "tile/0/x001/x234/067"),
        ("entries", 1000, 5, "tile/entries/x001/000.p/5"),
    ],
)
def test_paths(level: int | str, index: int, width: int, path: str) -> None:
    assert tile_path(level, index, width) == path


def test_bundles_are_read_back() -> None:
    entries = [b"", b"a", b"x" * 65_535]

    assert split_bundle(write_bundle(entries)) == entries
    for bundle in (b"\x00", b"\x00\x01", b"\x00\x02a"):
        with pytest.raises(VerificationError, match="ends within"):
            split_bundle(bundle)
    with pytest.raises(VerificationError, match="longer"):
        write_bundle([b"x" * 65_536])
    with pytest.raises(VerificationError, match="whole hashes"):
        split_tile(b"x" * 33)


def test_a_file_is_written_once(store: TileStore) -> None:
    store.write("tile/0/000", b"one")
    store.write("tile/0/000", b"one")
    with pytest.raises(LogDamaged, match="tile/0/000"):
        store.write("tile/0/000", b"two")
    store.sync()

    assert store.read("tile/0/000") == b"one"
    assert [path.name for path in store.folder.rglob("*") if path.is_file()] == ["000"]


def test_a_rival_with_other_bytes_is_noticed_at_the_last_moment(
    store: TileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write("tile/0/000", b"one")
    answers = iter([None, b"one"])
    monkeypatch.setattr(store, "read", lambda _path: next(answers))

    with pytest.raises(LogDamaged):
        store.write("tile/0/000", b"two")

    assert (store.folder / "tile/0/000").read_bytes() == b"one"


def test_a_replaced_file_has_the_new_content_and_leaves_no_draft(store: TileStore) -> None:
    store.replace("checkpoint", b"old")
    store.replace("checkpoint", b"new")

    assert [p.read_bytes() for p in store.folder.iterdir()] == [b"new"]


def test_partial_tiles_are_dropped_together(store: TileStore) -> None:
    store.write("tile/0/000.p/1", b"1")
    store.write("tile/0/000.p/2", b"2")
    store.drop_partials("tile/0/000")
    store.drop_partials("tile/0/001")

    assert list(store.paths()) == []


def test_hashes_are_read_from_tiles(store: TileStore) -> None:
    size = 256 * 3 + 5
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    for index in range(3):
        store.write(tile_path(0, index), b"".join(leaves[256 * index : 256 * index + 256]))
    store.write(tile_path(0, 3, 5), b"".join(leaves[768:]))
    above = [perfect_root(leaves[256 * i : 256 * i + 256]) for i in range(3)]
    store.write(tile_path(1, 0, 3), b"".join(above))
    reader = TileReader(store, size)

    @cache
    def expected(level: int, index: int) -> bytes:
        return root_of(leaves[index << level : (index + 1) << level])

    for level in range(10):
        for index in range(size >> level):
            assert reader.node(level, index) == expected(level, index)


def test_missing_and_torn_tiles_are_named(store: TileStore) -> None:
    reader = TileReader(store, 3)
    with pytest.raises(TileMissing, match=r"tile/0/000\.p/3"):
        reader.node(0, 0)
    store.write(tile_path(0, 0, 3), b"x" * 95)

    with pytest.raises(LogDamaged, match="length"):
        reader.node(0, 0)


def test_a_complete_tile_serves_where_the_partial_one_is_gone(store: TileStore) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(256)]
    store.write(tile_path(0, 0), b"".join(leaves))

    assert TileReader(store, 3).node(0, 2) == leaves[2]
    with pytest.raises(LogDamaged):
        TileReader(store, 3).node(0, 3)


@pytest.mark.parametrize("level", [0, 3, "entries"])
def test_a_partial_form_that_is_gone_is_served_from_the_complete_one(
    store: TileStore, level: int | str
) -> None:
    parts = [leaf_hash(b"%d" % number) for number in range(256)]

    def form(width: int) -> bytes:
        return write_bundle(parts[:width]) if level == "entries" else b"".join(parts[:width])

    assert store.serve(level, "007.p/5") is store.serve(level, "007") is None
    store.write(f"tile/{level}/007.p/9", form(9))
    assert store.serve(level, "007.p/9") == form(9)
    assert store.serve(level, "007.p/5") is None
    store.write(f"tile/{level}/007", form(256))
    store.drop_partials(f"tile/{level}/007")

    assert store.serve(level, "007") == form(256)
    for width in (1, 5, 9, 255):
        assert store.serve(level, f"007.p/{width}") == form(width)
    assert store.serve(level, "008.p/9") is None
