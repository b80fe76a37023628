"""What is fuzzed: each parser of the verifier, with what has to hold of whatever it accepts.

A target takes any bytes. It may refuse them with VerificationError and with nothing else; what it
accepts it must have read in the one way it can be written, and must be what was really signed.
"""

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass

from audit.witness.submissions import parse_submission
from tests.verify import naive
from tests.verify.making import LOG, ORIGIN, VKEY, checkpoint, sign
from tests.verify.witnessing import PQ, W1, W2
from verify.archive import DEFLATED, Archive, ArchiveWriter
from verify.bundle import verify_bundle_file
from verify.chain import OPENED, check_link
from verify.checkpoint import TreeHead, parse_body, verify_checkpoint
from verify.commands import _describe
from verify.commitment import canonical_bytes, commitment_of, parse_opening, verify_commitment
from verify.cosignature import parse_cosigner, read_cosignatures, write_cosigner
from verify.encoding import parse_base64, parse_decimal, write_base64
from verify.errors import Missing, VerificationError
from verify.log import verify_log
from verify.manifest import MANIFEST, SIGNATURE, TYPE, parse_manifest, signed_text
from verify.merkle import check_consistency, check_inclusion, leaf_hash
from verify.note import parse_note, parse_vkey, write_vkey
from verify.policy import NONE, Policy, parse_policy
from verify.receipt import parse_receipt, verify_receipt, write_receipt
from verify.shared import Rebuilding, Run, parse_shared_proof, write_shared_proof
from verify.tile import split_bundle, split_tile, write_bundle

SIZE = 300
AT = 1_700_000_000
HEADS = [TreeHead(ORIGIN, size, naive.mth(0, size)) for size in (5, 300)]
HEAD = HEADS[-1]
LOG_NOTES = [checkpoint(head.size, head.root, AT) for head in HEADS]
COSIGNED = LOG_NOTES[1] + W1.sign(HEAD, AT) + PQ.sign(HEAD, AT) + W2.sign(HEAD, AT)
POLICY = (
    f"# two of three\nlog {VKEY} https://log.example/audit\nwitness a {W1.vkey}\n"
    f"witness b {W2.vkey} https://b.example\nwitness c {PQ.vkey}\ngroup g 2 a b c\nquorum g\n"
)
TWO_OF_THREE = parse_policy(POLICY)
RECEIPTS = [
    write_receipt(
        index=index, proof=naive.path(index, 0, SIZE), checkpoint=LOG_NOTES[1], extra=enclosed
    )
    for index, enclosed in ((0, naive.ENTRIES[0]), (299, naive.ENTRIES[299]), (77, None))
]
FILES = {**naive.tiles(SIZE), "checkpoint": LOG_NOTES[1].encode()}
PATHS = sorted(FILES)


@dataclass(frozen=True)
class Target:
    """One parser: `run` raises AssertionError, or anything unforeseen, where it is wrong."""

    name: str
    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def note(data: bytes) -> None:
    """A note is read as it is written."""
    found = parse_note(data)
    lines = "".join(
        f"\u2014 {line.name} {write_base64(line.key_id + line.signature)}\n"
        for line in found.signatures
    )
    assert f"{found.text}\n{lines}".encode() == data


def vkey(data: bytes) -> None:
    """A log's key has one spelling."""
    found = parse_vkey(_text(data))
    assert write_vkey(found.name, found.public_key) == _text(data)


def cosigner(data: bytes) -> None:
    """A witness's key has one spelling."""
    found = parse_cosigner(_text(data))
    assert write_cosigner(found.name, found.algorithm, found.public_key) == _text(data)


def body(data: bytes) -> None:
    """The text of a checkpoint has one spelling."""
    assert parse_body(_text(data)).body == _text(data)


def numbers(data: bytes) -> None:
    """Numbers and base64 have one spelling."""
    text = _text(data)
    try:
        assert str(parse_decimal(text, "number")) == text
    except VerificationError:
        assert write_base64(parse_base64(text, "value")) == text


def signed(data: bytes) -> None:
    """Only heads that were signed are believed."""
    assert verify_checkpoint(data, LOG).head in HEADS


def cosigned(data: bytes) -> None:
    """Only cosignatures that were made are found."""
    found = read_cosignatures(data, HEAD, [W1.cosigner, W2.cosigner, PQ.cosigner])
    assert all(each.at.timestamp() == AT for each in found)
    assert len({each.cosigner for each in found}) == len(found)


def quorum(data: bytes) -> None:
    """A policy is only satisfied by two witnesses under a head that was signed."""
    found = TWO_OF_THREE.check(data)
    assert found.head == HEAD
    assert len({each.cosigner.public_key for each in found.cosignatures}) >= 2


def policy(data: bytes) -> None:
    """A policy means what it means when it is written again."""
    found = parse_policy(data)
    assert parse_policy(write_policy(found)) == found
    found.is_satisfied([W1.cosigner.public_key])


def write_policy(found: Policy) -> str:
    """Write a policy."""
    lines = [
        f"log {write_vkey(log.key.name, log.key.public_key)} {log.url}".rstrip(" ")
        for log in found.logs
    ]
    for each in found.witnesses.values():
        key = write_cosigner(each.key.name, each.key.algorithm, each.key.public_key)
        lines.append(f"witness {each.name} {key} {each.url}".rstrip(" "))
    lines += [
        f"group {group.name} {group.threshold} {' '.join(group.members)}"
        for group in found.groups.values()
    ]
    lines.append(f"quorum {found.quorum or NONE}")
    return "\n".join(lines) + "\n"


def receipt(data: bytes) -> None:
    """A receipt is read as it is written."""
    found = parse_receipt(data)
    text = write_receipt(
        index=found.index,
        proof=found.proof,
        checkpoint=found.checkpoint.decode(),
        extra=found.extra,
    )
    assert text.encode() == data


def proved(data: bytes) -> None:
    """Only entries that are in the log are proved, at their place."""
    try:
        found = verify_receipt(data, LOG)
    except VerificationError:
        found = verify_receipt(data, LOG, naive.ENTRIES[77])
    assert found.entry == naive.ENTRIES[found.index]
    assert found.head in HEADS


def tile(data: bytes) -> None:
    """A tile is made of hashes."""
    assert b"".join(split_tile(data)) == data


def bundle(data: bytes) -> None:
    """A bundle of entries is read as it is written."""
    assert write_bundle(split_bundle(data)) == data


def inclusion(data: bytes) -> None:
    """Inclusion is judged as by the definition."""
    size, index = (int.from_bytes(data[i : i + 2], "big") % 512 for i in (0, 2))
    leaf, root, *path = _hashes(data[4:])
    expected = naive.accepts_path(leaf, index, size, root, path)
    try:
        check_inclusion(index=index, size=size, leaf=leaf, root=root, proof=path)
    except VerificationError:
        assert not expected
    else:
        assert expected


def consistency(data: bytes) -> None:
    """Consistency is judged as by the definition."""
    old, more = (int.from_bytes(data[i : i + 2], "big") % 512 for i in (0, 2))
    first, second, *proof = _hashes(data[4:])
    expected = naive.accepts_proof(old, old + more, first, second, proof)
    try:
        check_consistency(
            old_size=old, new_size=old + more, old_root=first, new_root=second, proof=proof
        )
    except VerificationError:
        assert not expected
    else:
        assert expected


def _hashes(data: bytes) -> list[bytes]:
    hashes = [data[i : i + 32] for i in range(0, len(data) - 31, 32)]
    if len(hashes) < 2:
        raise VerificationError("too short to be tried")
    return hashes


class Copy:
    """A copy of the log in which one file is another."""

    fetches = 1

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def read(self, path: str, limit: int) -> bytes:
        if path not in self.files or len(self.files[path]) > limit:
            raise Missing(path)
        return self.files[path]

    def may_hold(self, path: str) -> bool:
        return path == "tile/entries"

    def below(self, _name: str) -> "Copy":
        return self

    def names(self) -> list[str]:
        return []


def log(data: bytes) -> None:
    """A copy with any one file changed is refused; the first byte says which file."""
    path = PATHS[data[0] % len(PATHS)] if data else PATHS[0]
    report = verify_log(Copy({**FILES, path: data[1:]}), LOG)
    assert report.signed.head in HEADS
    assert report.last == naive.ENTRIES[report.entries - 1]
    assert path == "checkpoint" or data[1:] == FILES[path]


def link(data: bytes) -> None:
    """The first entry of a period says of the log before it what is so."""
    check_link(LOG_NOTES[1].encode(), HEAD, data)
    assert json.loads(data)["body"]["previous_size"] == SIZE


def named(data: bytes) -> None:
    """Whatever an entry says of itself, it is shown on one line."""
    assert _describe(data).isprintable()


def opening(data: bytes) -> None:
    """What opens a commitment is read, and does not open another."""
    found = parse_opening(data)
    canonical_bytes(found.value)
    verify_commitment(ENTRY_WITH_PERSON, found)
    assert found.value == "somebody"


def commitments(data: bytes) -> None:
    """An entry's commitments are read from any bytes."""
    verify_commitment(data, parse_opening(OPENING))


def archive(data: bytes) -> None:
    """A ZIP that is accepted is the one that would be written of its contents."""
    found = Archive(io.BytesIO(data))
    contents = {name: found.read(name) for name in found}
    again = io.BytesIO()
    writer = ArchiveWriter(again)
    for name, content in contents.items():
        writer.add(name, content, pack=found.members[name].method == DEFLATED)
    writer.finish()
    assert Archive(again).members.keys() == found.members.keys()


def evidence(data: bytes) -> None:
    """No bundle is believed but the one that was signed."""
    verify_bundle_file(io.BytesIO(data), Policy.of_keys([LOG]))
    assert data == BUNDLE


def manifest(data: bytes) -> None:
    """A manifest is read or refused."""
    parse_manifest(data)


def shared(data: bytes) -> None:
    """A proof for many entries is read as it is written."""
    found = parse_shared_proof(data, SIZE)
    Rebuilding(found, SIZE)
    assert write_shared_proof(found.runs, found.hashes).encode() == data


def submission(data: bytes) -> None:
    """What a log sends to a witness is read as it is written."""
    found = parse_submission(data)
    proof = "".join(f"{write_base64(each)}\n" for each in found.proof)
    assert f"old {found.old}\n{proof}\n".encode() + found.note == data


def _sealed() -> tuple[bytes, bytes]:
    """Return a small evidence bundle and its manifest."""
    contents = [
        ("log/checkpoint", "checkpoint", -1, LOG_NOTES[1].encode()),
        ("log/entries/0.json", "entry", 0, naive.ENTRIES[0]),
        ("log/receipts/0.tlog-proof", "receipt", 0, RECEIPTS[0].encode()),
    ]
    file = io.BytesIO()
    writer = ArchiveWriter(file)
    files = []
    for path, what, index, content in contents:
        writer.add(path, content)
        digest = hashlib.sha256(content).hexdigest()
        place = {"index": index} if index >= 0 else {}
        row = {"path": path, "what": what, "size": len(content), "sha256": digest, "log": "log"}
        files.append(row | place)
    text = json.dumps(
        {
            "type": TYPE,
            "reference": "EV-1",
            "scope": {"kind": "ORDER", "reference": "O-1"},
            "made_at": "2026-11-23T06:00:00.000000Z",
            "view": "REGULATOR",
            "logs": [
                {"label": "log", "origin": ORIGIN, "size": SIZE, "form": "RECEIPTS", "entries": 1}
            ],
            "stretches": [],
            "files": files,
            "archive": {"bytes": writer.size, "sha256": writer.sha256},
        }
    ).encode()
    writer.add(MANIFEST, text)
    statement = signed_text(text)
    writer.add(SIGNATURE, f"{statement}\n{sign(statement)}".encode())
    writer.finish()
    return file.getvalue(), text


BUNDLE, MANIFEST_TEXT = _sealed()
_SALT = bytes(range(32))
OPENING = json.dumps({"name": "who", "value": "somebody", "salt": _SALT.hex()}).encode()
ENTRY_WITH_PERSON = json.dumps(
    {"v": 1, "type": "x", "id": "1", "ts": "t", "pii": {"who": commitment_of("somebody", _SALT)}}
).encode()
_OPENED = {
    "previous_origin": ORIGIN,
    "previous_size": SIZE,
    "previous_note": hashlib.sha256(LOG_NOTES[1].encode()).hexdigest(),
}
_SHARED = write_shared_proof(
    [Run(3, 5), Run(256, SIZE)],
    [naive.mth(*each) for each in ((0, 2), (2, 3), (5, 6), (6, 8), (8, 16), (16, 32), (32, 64),
                                   (64, 128), (128, 256))],
)  # fmt: skip


def _proof(first: int, second: int, *hashes: bytes) -> bytes:
    return first.to_bytes(2, "big") + second.to_bytes(2, "big") + b"".join(hashes)


def _encoded(*texts: str) -> tuple[bytes, ...]:
    return tuple(text.encode() for text in texts)


TARGETS = (
    Target("note", note, _encoded(*LOG_NOTES, COSIGNED)),
    Target("vkey", vkey, _encoded(VKEY)),
    Target("cosigner", cosigner, _encoded(W1.vkey, PQ.vkey)),
    Target("body", body, _encoded(*(head.body for head in HEADS))),
    Target("numbers", numbers, _encoded("0", "9223372036854775807", "QUJD", "")),
    Target("signed", signed, _encoded(*LOG_NOTES, COSIGNED)),
    Target("cosigned", cosigned, _encoded(COSIGNED, LOG_NOTES[1] + PQ.sign(HEAD, AT))),
    Target("quorum", quorum, _encoded(COSIGNED)),
    Target("policy", policy, _encoded(POLICY, f"log {VKEY}\nquorum none\n")),
    Target("receipt", receipt, _encoded(*RECEIPTS)),
    Target("proved", proved, _encoded(*RECEIPTS)),
    Target("tile", tile, (FILES["tile/0/001.p/44"], FILES["tile/1/000.p/1"])),
    Target("bundle", bundle, (FILES["tile/entries/001.p/44"], write_bundle([b"", b"x"]))),
    Target(
        "inclusion",
        inclusion,
        tuple(
            _proof(size, index, leaf_hash(naive.ENTRIES[index]), naive.mth(0, size),
                   *naive.path(index, 0, size))
            for size, index in ((1, 0), (7, 6), (256, 3), (300, 299))
        ),
    ),
    Target(
        "consistency",
        consistency,
        tuple(
            _proof(old, new - old, naive.mth(0, old), naive.mth(0, new), *naive.proof(old, 0, new))
            for old, new in ((1, 1), (3, 7), (64, 300), (256, 299))
        ),
    ),
    Target("log", log, tuple(bytes([n]) + FILES[path] for n, path in enumerate(PATHS))),
    Target("link", link, (json.dumps({"type": OPENED, "body": _OPENED}).encode(),)),
    Target("named", named, (ENTRY_WITH_PERSON,)),
    Target("opening", opening, (OPENING,)),
    Target("commitments", commitments, (ENTRY_WITH_PERSON,)),
    Target("archive", archive, (BUNDLE,)),
    Target("evidence", evidence, (BUNDLE,)),
    Target("manifest", manifest, (MANIFEST_TEXT,)),
    Target(
        "submission",
        submission,
        _encoded(
            f"old 0\n\n{LOG_NOTES[0]}",
            "old 5\n"
            + "".join(f"{write_base64(each)}\n" for each in naive.proof(5, 0, SIZE))
            + f"\n{LOG_NOTES[1]}",
        ),
    ),
    Target("shared", shared, (_SHARED.encode(),)),
)  # fmt: skip


def check(target: Target, data: bytes) -> bool:
    """Try one input; whether it was accepted. Whatever else is raised is a fault of the parser."""
    try:
        target.run(data)
    except VerificationError:
        return False
    return True
