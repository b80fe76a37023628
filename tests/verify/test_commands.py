"""What the commands say: in one line, what is proved and what is not."""

from pathlib import Path

import pytest

from tests.verify.making import LOG, ORIGIN, PUBLIC, VKEY, checkpoint, write_log
from tests.verify.serving import serve
from tests.verify.witnessing import PQ, W1, Witness
from verify.checkpoint import TreeHead
from verify.commands import main
from verify.errors import VerificationError
from verify.merkle import leaf_hash, root_of, subtrees
from verify.note import write_vkey
from verify.receipt import write_receipt
from verify.source import Folder
from verify.tree import Fork, Tiles, check_continuation

ENTRIES = [b"entry %d" % number for number in range(700)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
SECONDS = 1_700_000_000


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    head = TreeHead(ORIGIN, 700, root_of(LEAVES))
    lines = W1.sign(head, SECONDS) + PQ.sign(head, SECONDS + 60)
    write_log(tmp_path / "log", ENTRIES, seconds=SECONDS, cosignatures=lines)
    for size in (0, 1, 256, 300, 700):
        note = checkpoint(size, root_of(LEAVES[:size]))
        (tmp_path / f"old{size}").write_text(note, encoding="utf-8")
    (tmp_path / "fork").write_text(checkpoint(300, root_of(LEAVES[1:301])), encoding="utf-8")
    (tmp_path / "fork700").write_text(checkpoint(700, LEAVES[0]), encoding="utf-8")
    (tmp_path / "longer").write_text(checkpoint(701, root_of(LEAVES)), encoding="utf-8")
    (tmp_path / "key").write_text(VKEY + "\n", encoding="utf-8")
    text = f"log {VKEY}\nwitness one {W1.vkey}\nwitness two {PQ.vkey}\ngroup g all one two\n"
    (tmp_path / "policy").write_text(text + "quorum g\n", encoding="utf-8")
    (tmp_path / "torn").write_text(text + "quorum g", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


COSIGNED = "cosigned by w1.example at 2023-11-14 22:13:20 UTC, pq.example at 2023-11-14 22:14:20"


@pytest.mark.parametrize(
    ("command", "status", "words"),
    [
        ("checkpoint log/checkpoint --key key", 0, "had 700 entries and the root"),
        ("checkpoint log/checkpoint --key key", 0, "at 2023-11-14 22:13:20 UTC by its own clock"),
        ("checkpoint log/checkpoint --key key", 0, "nobody was shown another log"),
        ("checkpoint log/checkpoint --policy policy", 0, COSIGNED),
        ("checkpoint old300 --policy policy", 1, "cosigned by 0 of 2 known witnesses"),
        ("checkpoint log/checkpoint --policy policy --max-age 60", 1, "in time"),
        ("checkpoint log/checkpoint --key key --max-age 60", 1, "too old"),
        ("checkpoint key --key key", 1, "no signature lines"),
        ("checkpoint log/checkpoint --policy torn", 2, "does not end"),
        ("checkpoint log/checkpoint --policy nothing", 2, "No such file"),
        ("checkpoint nothing --policy policy", 2, "No such file"),
        ("checkpoint log/checkpoint --key a+b", 2, "--key: verifier key is not written"),
        ("consistency old0 old1 old256 old700 --log log --key key", 0, "0, 1, 256, 700"),
        ("consistency old300 --log log --policy policy", 0, COSIGNED),
        ("consistency longer --log log --key key", 1, "size 700 is shorter than one of 701"),
        ("consistency key --log log --key key", 1, "no signature lines"),
        ("consistency old1 --log nothing --key key", 1, "checkpoint cannot be read"),
        ("log log --policy policy", 0, "all 700 entries at log are those of the log"),
        ("log log --key key --hashes-only", 0, "all 700 leaf hashes"),
        ("log log --key key --hashes-only", 0, "the entries were not read"),
        ("log log --key key --with-entries", 0, "all 700 entries"),
        ("log http://127.0.0.1:1 --key key", 3, "NOT CHECKED: checkpoint cannot be read"),
        ("log ftp://a.example --key key", 1, "checkpoint cannot be read"),
        ("log https://u@a.example --key key", 2, "not an http or https address"),
    ],
)  # fmt: skip
def test_verdicts(
    command: str,
    status: int,
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("verify.source.PAUSE_SECONDS", 0)

    assert main(command.split()) == status

    shown = capsys.readouterr()
    assert words in shown.out + shown.err
    assert (shown.out + shown.err).count("\n") == 1
    begins = {0: "PROVED: ", 1: "REFUTED: ", 2: "", 3: "NOT CHECKED: "}
    assert shown.out.startswith(begins[status])
    assert bool(shown.err) == (status == 2)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ("fork", "the tree of size 700 does not continue the checkpoint of size 300"),
        ("fork700", "two different trees of the same size, 700, are signed"),
        ("receipt", "the tree of size 700 does not continue the checkpoint of size 300"),
    ],
)
def test_two_views_are_held_against_each_other_and_both_notes_printed(
    files: Path, held: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One party was shown another log; a receipt it kept is enough to show it."""
    note = (files / held.replace("receipt", "fork")).read_text()
    receipt = write_receipt(index=0, proof=[LEAVES[0]] * 9, checkpoint=note)
    (files / "receipt").write_text(receipt, encoding="utf-8")

    assert main(["consistency", "old256", held, "--log", "log", "--key", "key"]) == 1

    shown = capsys.readouterr().out
    assert shown.startswith(f"CONTRADICTION: {words}. The log signed both of these:\n\n")
    assert shown.endswith(f"\n\n{note}\n{(files / 'log/checkpoint').read_text()}")


@pytest.mark.parametrize(
    "command",
    [
        "", "log", "log log", "log log --key key --policy policy",
        "checkpoint x --key key --max-age 0",
        "checkpoint x --key key --max-age nan", "checkpoint x --key key --max-age 1e99",
        "log log --key key --hashes-only --with-entries", "monitor log --key key",
        "monitor log --key key --state s --once --every 1", "consistency --log log --key key",
    ],
)  # fmt: skip
def test_misuse(command: str) -> None:
    with pytest.raises(SystemExit) as misuse:
        main(command.split())
    assert misuse.value.code == 2


def test_a_second_key_may_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    other = write_vkey(ORIGIN, Witness("other").private.public_key().public_bytes_raw())

    assert main(["checkpoint", "old1", "--key", other, "--key", "key"]) == 0
    assert main(["checkpoint", "old1", "--key", other]) == 1
    assert "not signed by the expected key" in capsys.readouterr().out


def test_the_log_of_a_server(
    files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verify.source.PAUSE_SECONDS", 0)
    with serve(files / "log") as server:
        server.token = "secret"
        (files / "token").write_text("secret\n")
        key = ["--key", "key"]
        for arguments, words in (
            (["checkpoint", server.url, *key], "had 700 entries"),
            (["consistency", "old300", "--log", server.url, *key], "of size 300"),
            (["log", server.url, *key], "all 700 leaf hashes"),
            (["log", server.url, *key, "--token-file", "token"], "all 700 entries"),
        ):
            assert main(arguments) == 0
            assert words in capsys.readouterr().out
        assert main(["log", server.url, *key, "--with-entries"]) == 3
        assert "answers 403" in capsys.readouterr().out
        server.asked.clear()
        main(["consistency", "old300", "--log", server.url, *key])
        assert len(server.asked) <= 5  # tiles of the proof, not the log


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 513, 699, 700])
@pytest.mark.parametrize("old", [0, 1, 2, 128, 255, 256, 257, 512, 600, 700])
def test_hashes_of_the_tiles_give_both_roots(files: Path, old: int, size: int) -> None:
    if old > size:
        return
    write_log(files / "log", ENTRIES[:size])
    heads = [TreeHead(ORIGIN, each, root_of(LEAVES[:each])) for each in (old, size)]
    tiles = Tiles(Folder(files / "log"), size)

    frontier = check_continuation(tiles, old=heads[0], new=heads[1])

    assert (frontier.size, frontier.root()) == (size, heads[1].root)
    false = TreeHead(ORIGIN, old, leaf_hash(b"x"))
    with pytest.raises(Fork):
        check_continuation(tiles, old=false, new=heads[1])
    with pytest.raises(VerificationError, match=r"tiles do not give|different trees") as found:
        check_continuation(tiles, old=heads[0], new=TreeHead(ORIGIN, size, leaf_hash(b"x")))
    assert isinstance(found.value, Fork) == (old == size)
    with pytest.raises(VerificationError, match="different logs"):
        check_continuation(tiles, old=TreeHead("x.example", old, heads[0].root), new=heads[1])


def test_a_covering_is_made_of_whole_subtrees() -> None:
    for end in range(70):
        for start in range(end + 1):
            place = start
            for level, index in subtrees(start, end):
                assert index << level == place
                place += 1 << level
            assert place == end


def test_tiles_outside_the_tree_are_not_asked_for(files: Path) -> None:
    tiles = Tiles(Folder(files / "log"), 300)

    assert tiles.node(0, 299) == LEAVES[299]
    for level, index in ((0, 300), (0, 512), (8, 1), (9, 0), (1, 150)):
        with pytest.raises(VerificationError, match=r"outside the tree|cannot be read"):
            tiles.node(level, index)
    (files / "log/tile/0/001").write_bytes(b"x" * 31)
    with pytest.raises(VerificationError, match="wrong length"):
        Tiles(Folder(files / "log"), 600).node(0, 256)


def test_keys_of_other_kinds_are_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log", "log", "--key", W1.vkey]) == 2
    assert "not an Ed25519 key" in capsys.readouterr().err
    assert LOG.public_key == PUBLIC


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("log.example/audit/2026", 0),
        ("log.example/audit/2031", 0),
        ("log.example/audit/1990", 0),
        ("log.example/audit/2200", 1),
        ("log.example/audit/x", 1),
        ("log.example/other/2026", 1),
        ("log.example/audit", 1),
    ],
)
def test_a_key_of_one_period_serves_for_the_others(files: Path, name: str, status: int) -> None:
    note = checkpoint(5, root_of(LEAVES[:5]), origin="log.example/audit/2026")
    (files / "note").write_text(note)
    key = write_vkey(name, PUBLIC)

    assert main(["checkpoint", "note", "--key", key]) == status
