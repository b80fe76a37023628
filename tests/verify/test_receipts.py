"""Receipts and copies of the log, checked by the stand-alone verifier and its commands."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.making import LOG, VKEY, checkpoint, write_log
from verify.__main__ import main
from verify.checkpoint import TreeHead
from verify.errors import VerificationError
from verify.log import verify_log
from verify.merkle import leaf_hash, node_hash, root_of
from verify.receipt import MAX_RECEIPT_BYTES, parse_receipt, verify_receipt, write_receipt

ENTRIES = [b'{"n":%d}' % number for number in range(5)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
PROOF = [
    LEAVES[3],
    node_hash(LEAVES[0], LEAVES[1]),
    LEAVES[4],
]
CHECKPOINT = checkpoint(5, root_of(LEAVES), 1_700_000_000)
RECEIPT = write_receipt(index=2, proof=PROOF, checkpoint=CHECKPOINT, extra=ENTRIES[2])
BARE = write_receipt(index=2, proof=PROOF, checkpoint=CHECKPOINT)


def test_a_receipt_proves_its_entry() -> None:
    enclosed = verify_receipt(RECEIPT.encode(), LOG)
    given_apart = verify_receipt(BARE.encode(), LOG, ENTRIES[2])

    assert enclosed == given_apart
    assert (enclosed.entry, enclosed.index, enclosed.head.size) == (ENTRIES[2], 2, 5)


def test_a_receipt_without_entry_proves_nothing_alone() -> None:
    with pytest.raises(VerificationError, match="encloses no entry"):
        verify_receipt(BARE.encode(), LOG)
    with pytest.raises(VerificationError, match="not in the tree"):
        verify_receipt(BARE.encode(), LOG, ENTRIES[3])


HEADER = "c2sp.org/tlog-proof@v1\n"
WRONG = {
    "empty": "",
    "another header": RECEIPT.replace("@v1", "@v2"),
    "a mark before": "\ufeff" + RECEIPT,
    "line ends of Windows": RECEIPT.replace("\n", "\r\n"),
    "no checkpoint": RECEIPT.partition("\n\n")[0] + "\n",
    "no index": RECEIPT.replace("index 2\n", ""),
    "two indexes": RECEIPT.replace("index 2\n", "index 2\nindex 2\n"),
    "two extras": RECEIPT.replace("extra ", "extra AAAA\nextra ", 1),
    "extra after index": RECEIPT.replace("index 2\n", "index 2\nextra AAAA\n"),
    "index 02": RECEIPT.replace("index 2", "index 02"),
    "index +2": RECEIPT.replace("index 2", "index +2"),
    "another index": RECEIPT.replace("index 2", "index 3"),
    "index outside": RECEIPT.replace("index 2", "index 5"),
    "a large index": RECEIPT.replace("index 2", f"index {2**63 - 1}"),
    "too large an index": RECEIPT.replace("index 2", f"index {2**63}"),
    "a blank line more": RECEIPT.replace("\n\n", "\n\n\n", 1),
    "too many hashes": RECEIPT.replace("index 2\n", "index 2\n" + ("A" * 43 + "=\n") * 64),
    "one hash less": write_receipt(
        index=2, proof=PROOF[:-1], checkpoint=CHECKPOINT, extra=ENTRIES[2]
    ),
    "swapped hashes": write_receipt(
        index=2, proof=PROOF[::-1], checkpoint=CHECKPOINT, extra=ENTRIES[2]
    ),
    "text after": RECEIPT + "x",
    "huge": RECEIPT + "x" * MAX_RECEIPT_BYTES,
}


@pytest.mark.parametrize("receipt", WRONG.values(), ids=WRONG.keys())
def test_wrong_receipts_are_refused(receipt: str) -> None:
    with pytest.raises(VerificationError):
        verify_receipt(receipt.encode(), LOG)


@given(place=st.integers(0, len(RECEIPT.encode()) - 1), bit=st.integers(0, 7))
def test_one_changed_bit_is_refused_or_only_undates_the_receipt(place: int, bit: int) -> None:
    changed = bytearray(RECEIPT.encode())
    changed[place] ^= 1 << bit

    try:
        proved = verify_receipt(bytes(changed), LOG)
    except VerificationError:
        return

    assert (proved.entry, proved.index, proved.head.size) == (ENTRIES[2], 2, 5)
    assert proved.signed_at is None


@given(value=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(
    lambda text: (HEADER + text).encode()
)))  # fmt: skip
def test_nonsense_is_refused_with_one_error(value: bytes) -> None:
    with pytest.raises(VerificationError):
        verify_receipt(value, LOG)
    with pytest.raises(VerificationError):
        verify_receipt(b"\xff" + value, LOG)


@given(
    index=st.integers(0, 2**63 - 1),
    proof=st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    extra=st.none() | st.binary(max_size=300),
)
def test_receipts_are_read_as_written(index: int, proof: list[bytes], extra: bytes | None) -> None:
    text = write_receipt(index=index, proof=proof, checkpoint=CHECKPOINT, extra=extra)

    receipt = parse_receipt(text.encode())

    assert (receipt.index, list(receipt.proof), receipt.extra) == (index, proof, extra)
    assert receipt.checkpoint == CHECKPOINT.encode()


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600, 66_000])
def test_whole_logs_verify(tmp_path: Path, size: int) -> None:
    write_log(tmp_path, [b"%d" % number for number in range(size)])

    report = verify_log(tmp_path, LOG)

    assert report.entries == size


def test_earlier_checkpoints_are_held_against_the_log(tmp_path: Path) -> None:
    entries = [b"%d" % number for number in range(600)]
    write_log(tmp_path, entries)
    leaves = [leaf_hash(entry) for entry in entries]
    heads = [TreeHead(LOG.name, size, root_of(leaves[:size])) for size in (1, 256, 599, 600)]
    seen: list[tuple[int, int]] = []

    verify_log(tmp_path, LOG, earlier=heads, progress=lambda *figures: seen.append(figures))

    assert seen[-1] == (600, 600)
    for wrong in (
        TreeHead(LOG.name, 256, root_of(leaves[:255])),
        TreeHead(LOG.name, 601, root_of(leaves)),
        TreeHead("other.example/log", 1, leaves[0]),
    ):
        with pytest.raises(VerificationError, match=r"continue|covered"):
            verify_log(tmp_path, LOG, earlier=[wrong])


def test_any_changed_byte_of_a_copy_is_found(tmp_path: Path) -> None:
    write_log(tmp_path, [b"entry %d" % number for number in range(600)])
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())

    for number, file in enumerate(files * 8):
        content = file.read_bytes()
        changed = bytearray(content)
        changed[(number * 7919) % len(content)] ^= 1 << number % 8
        file.write_bytes(changed)
        with pytest.raises(VerificationError):
            verify_log(tmp_path, LOG)
        file.write_bytes(content)
    assert verify_log(tmp_path, LOG).entries == 600


def test_missing_and_torn_files_are_named(tmp_path: Path) -> None:
    write_log(tmp_path, [b"entry %d" % number for number in range(300)])
    for path in ("checkpoint", "tile/0/000", "tile/entries/001.p/44", "tile/1/000.p/1"):
        content = (tmp_path / path).read_bytes()
        (tmp_path / path).write_bytes(content[:-1])
        with pytest.raises(VerificationError):
            verify_log(tmp_path, LOG)
        (tmp_path / path).unlink()
        with pytest.raises(VerificationError, match="cannot be read"):
            verify_log(tmp_path, LOG)
        (tmp_path / path).write_bytes(content)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write_log(tmp_path / "log", ENTRIES)
    (tmp_path / "receipt").write_text(RECEIPT, encoding="utf-8")
    (tmp_path / "bare").write_text(BARE, encoding="utf-8")
    (tmp_path / "entry").write_bytes(ENTRIES[2])
    (tmp_path / "key").write_text(VKEY + "\n", encoding="utf-8")
    old = checkpoint(3, root_of(LEAVES[:3]))
    (tmp_path / "old").write_text(old, encoding="utf-8")
    (tmp_path / "fork").write_text(checkpoint(3, root_of(LEAVES[1:4])), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["receipt", "receipt"], 0, "a record of 7 bytes is entry 2 of the 5 in the log"),
        (["receipt", "bare", "--entry", "entry"], 0, "at 2023-11-14 22:13:20 UTC"),
        (["receipt", "bare"], 1, "encloses no entry"),
        (["receipt", "receipt", "--entry", "key"], 1, "not in the tree"),
        (["receipt", "nothing"], 2, "No such file"),
        (["log", "log"], 0, "all 5 entries"),
        (["log", "nothing"], 1, "checkpoint cannot be read"),
        (["consistency", "old", "--log", "log"], 0, "continues the checkpoints of size 3"),
    ],
)
def test_commands(
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    words: str,
) -> None:
    monkeypatch.chdir(files)

    assert main([*arguments, "--key", "key"]) == status

    shown = capsys.readouterr()
    assert words in shown.out + shown.err
    assert (shown.out + shown.err).count("\n") == 1
    assert shown.out.startswith({0: "PROVED: ", 1: "REFUTED: ", 2: ""}[status])


def test_misuse_has_its_own_status(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log", str(files / "log"), "--key", "a+b"]) == 2
    assert main(["log", str(files / "log"), "--key", str(files / "nothing")]) == 2
    with pytest.raises(SystemExit) as misuse:
        main(["log"])
    assert misuse.value.code == 2
    assert "--key" in capsys.readouterr().err


def test_the_verifier_stands_alone(files: Path) -> None:
    """Copied elsewhere it runs, and it loads nothing but the standard library and cryptography."""
    shutil.copytree(Path(__file__).resolve().parents[2] / "verify", files / "alone" / "verify")
    script = "import sys; before = set(sys.modules); from verify.__main__ import main; "
    script += "status = main(sys.argv[1:]); "
    script += (
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before}); sys.exit(status)"
    )

    run = subprocess.run(  # noqa: S603  own script
        [sys.executable, "-c", script, "log", str(files / "log"), "--key", VKEY],
        cwd=files / "alone",
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    proved, modules = run.stdout.splitlines()
    assert proved.startswith("PROVED: all 5 entries")
    loaded = set(modules.split()) - set(sys.stdlib_module_names)
    assert {name for name in loaded if not name.startswith("_")} - {"cffi"} == {
        "verify",
        "cryptography",
    }
