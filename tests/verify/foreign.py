"""Programs by others read our logs and receipts: `python -m tests.verify.foreign [FOLDER KEY]`.

Two independent implementations of the C2SP formats, from PyPI: tlog-scales (tiles, proofs, keys,
cosignatures) and proofbundle (receipts, cosignatures). Install them into a virtual environment of
their own, together with `cryptography`; nothing of the exchange depends on them. Without FOLDER a
log of 70,000 entries is made, and witnesses of both kinds cosign it; with it, the log of a running
exchange is read, and KEY is its verifier key.
"""

import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from proofbundle.checkpoint import cosign_checkpoint, cosign_checkpoint_mldsa
from proofbundle.tlogproof import verify_tlog_proof
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import MLDSA44CosignatureSigner, Vkey
from tlog_scales.tlog import Checkpoint

from tests.fuzz.mutating import mutate
from tests.verify.making import KEY, ORIGIN, VKEY, checkpoint, write_log
from tests.verify.witnessing import PQ, W1
from verify.checkpoint import TreeHead, verify_checkpoint
from verify.cosignature import parse_cosigner, read_cosignatures
from verify.errors import VerificationError
from verify.log import verify_log
from verify.merkle import check_consistency, check_inclusion, leaf_hash, root_of
from verify.note import parse_vkey
from verify.receipt import verify_receipt, write_receipt

SIZE = 70_000
AT = 1_700_000_000
TRIALS = 200
CHANGES = 20


def read_with_tlog_scales(folder: Path, vkey: str) -> None:
    """Their reader finds in our tiles what our verifier finds."""
    rng = random.Random(1)
    reader = TilesReader(LocalBackend(folder))
    theirs = reader.get_checkpoint()
    theirs.verify(Vkey.from_string(vkey))
    report = verify_log(folder, parse_vkey(vkey))
    head = report.signed.head
    assert (theirs.origin, theirs.size, theirs.root_hash) == (head.origin, head.size, head.root)
    assert reader.calculate_root_hash() == head.root
    for _trial in range(TRIALS):
        index = rng.randrange(head.size)
        entry, proof = reader.get_entry(index), reader.get_inclusion_proof(index, head.size)
        proof.check(leaf_hash(entry), head.root)
        check_inclusion(
            index=index, size=head.size, leaf=leaf_hash(entry), root=head.root,
            proof=proof.node_hashes,
        )  # fmt: skip
        old = rng.randint(1, head.size)
        continued = reader.get_consistency_proof(old, head.size)
        root = reader.mth(0, old)
        continued.check(root, head.root)
        check_consistency(
            old_size=old, new_size=head.size, old_root=root, new_root=head.root,
            proof=continued.node_hashes,
        )  # fmt: skip
    print(f"tlog-scales: {head.size} entries, {TRIALS} proofs of each kind: agreed")


def compare_keys_and_cosignatures(head: TreeHead, note: str) -> None:
    """Each reads the keys and cosignatures that the other made."""
    theirs = Checkpoint.from_text(note)
    for vkey in (VKEY, W1.vkey, PQ.vkey):
        assert Vkey.from_string(vkey).serialize() == vkey
        theirs.verify(Vkey.from_string(vkey))
    signer = MLDSA44CosignatureSigner("scales.example/w", PQ.private)
    made = Checkpoint.make_signed(head.origin, head.size, head.root, [signer])
    line = made.serialize().encode()
    cosigner = parse_cosigner(signer.vkey.serialize())
    assert len(read_cosignatures(line, head, [cosigner])) == 1
    plain = checkpoint(head.size, head.root, AT)
    bundled = cosign_checkpoint_mldsa(plain, PQ.private, PQ.cosigner.name, AT)
    bundled = cosign_checkpoint(bundled, W1.private, W1.cosigner.name, AT)
    assert len(read_cosignatures(bundled.encode(), head, [W1.cosigner, PQ.cosigner])) == 2
    assert KEY.public_key()
    print("tlog-scales and proofbundle: keys and cosignatures of both kinds: agreed both ways")


def compare_receipts(folder: Path, head: TreeHead, note: str) -> None:
    """The verdicts on receipts, and on thousands of changed ones, are the same."""
    rng = random.Random(2)
    reader = TilesReader(LocalBackend(folder))
    reader.set_size(head.size)
    log = parse_vkey(VKEY)
    kept = 0
    differing: Counter[str] = Counter()
    for _trial in range(TRIALS):
        index = rng.randrange(head.size)
        entry = reader.get_entry(index)
        proof = reader.get_inclusion_proof(index, head.size).node_hashes
        text = write_receipt(index=index, proof=proof, checkpoint=note, extra=entry)
        assert verify_receipt(text.encode(), log).index == index
        verdict = verify_tlog_proof(text, entry, VKEY, [W1.vkey, PQ.vkey], threshold=2)
        assert verdict["ok"], verdict
        for _change in range(CHANGES):
            changed = mutate(rng, text.encode())
            try:
                ours, reason = verify_receipt(changed, log, entry).entry == entry, ""
            except VerificationError as error:
                ours, reason = False, str(error)
            try:
                theirs = verify_tlog_proof(changed.decode(), entry, VKEY)["ok"]
            except UnicodeDecodeError:
                theirs = False
            kept += ours and theirs
            if ours != theirs:
                differing[reason or "accepted by us alone"] += 1
    print(
        f"proofbundle: {TRIALS} receipts agreed; of {TRIALS * CHANGES} changed ones {kept} were "
        f"accepted by both (lines of keys that were not asked for), {differing.total()} by one:"
    )
    for reason, count in differing.most_common():
        print(f"  {count:4} refused by us alone: {reason}")


def main() -> None:
    """Compare."""
    if len(sys.argv) > 1:
        read_with_tlog_scales(Path(sys.argv[1]), sys.argv[2])
        return
    entries = [b'{"seq":%d,"type":"test"}' % number for number in range(SIZE)]
    head = TreeHead(ORIGIN, SIZE, root_of(map(leaf_hash, entries)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cosignatures = W1.sign(head, AT) + PQ.sign(head, AT)
        note = write_log(folder, entries, seconds=AT, cosignatures=cosignatures)
        assert verify_checkpoint(note.encode(), parse_vkey(VKEY)).head == head
        read_with_tlog_scales(folder, VKEY)
        compare_keys_and_cosignatures(head, note)
        compare_receipts(folder, head, note)


if __name__ == "__main__":
    main()
