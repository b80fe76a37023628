"""The regulator's part: the trail, an evidence bundle, and a tampered copy of the log."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.queries import logs
from audit.log.receipts import receipt_for
from audit.log.signing import get_signer
from audit.log.tiles import TileStore
from exchange.oversight import queries as oversight
from exchange.oversight import services as supervision
from exchange.oversight.evidence import services as evidence
from exchange.oversight.queries import get_bundle_for
from exchange.oversight.reconciliation import reconcile
from exchange.oversight.statistics import blocked_statistics

from .deciding import explain_decisions
from .story import Story
from .verifying import run_verifier


def review(story: Story) -> None:
    """Let the regulator read the trail, take evidence away and verify it without us."""
    explain_decisions(story)
    say, regulator = story.teller, story.actors["regulator"]
    say.chapter("The regulator reads the trail and takes the evidence away  监管")
    order = story.placed
    supervision.record_view(
        kind="order",
        reference=order.reference,
        purpose="例行抽查交易全过程",
        by=regulator,
        at=story.now,
    )
    story.settle_log()
    page = oversight.timeline(regulator, "order", order.reference, limit=200)
    for row in page.rows[:30]:
        say.fact(str(row.label), row.subject, f"entry {row.index}")
    for count in blocked_statistics(regulator)[:6]:
        say.note(f"{count.rule}: stopped {count.blocked}, to review {count.reviewed}")
    settled = Entry.objects.get(name="trading.order.settled", subject=order.reference)
    receipt = settings.VAR / "demo" / f"{order.reference}.tlog-proof"
    receipt.parent.mkdir(exist_ok=True)
    receipt.write_text(receipt_for(settled), encoding="utf-8")
    key = get_signer("log").verifier_key
    proved = run_verifier("receipt", str(receipt), "--key", key)
    say.note(f"python3 -m verify receipt {receipt.name} --key {key}")
    say.note(proved.stdout.strip())
    say.expect(proved.returncode == 0, "the stand-alone verifier accepts the receipt")
    _take_evidence(story, key)


def _take_evidence(story: Story, key: str) -> None:
    """Let the regulator take a bundle of the order and check it in another process."""
    say, regulator = story.teller, story.actors["regulator"]
    asked = evidence.request_bundle(
        kind="ORDER",
        subject=story.placed.reference,
        purpose="例行抽查交易全过程",
        by=regulator,
        at=story.now,
    )
    story.settle_log()
    evidence.bundles_to_hand_out(at=story.now)
    bundle = get_bundle_for(regulator, asked.reference)
    evidence.make_bundle(bundle=bundle, clock=timezone.now)
    taken = evidence.open_bundle(bundle=bundle, span=None, by=regulator, at=story.now)
    file = settings.VAR / "demo" / bundle.filename
    file.write_bytes(b"".join(taken.chunks(0, taken.size)))
    said = f"{bundle.entries_total} entries, {bundle.documents} documents, {taken.size:,} bytes"
    say.fact("evidence bundle 证据包", bundle.reference, said)
    proved = run_verifier("bundle", str(file), "--key", key)
    say.note(f"python3 -m verify bundle {file.name} --key {key}")
    say.note(proved.stdout.strip())
    say.expect(proved.returncode == 0, "the stand-alone verifier accepts the evidence bundle")
    changed = bytearray(file.read_bytes())
    changed[len(changed) // 2] ^= 1
    forged = file.with_name(f"changed-{file.name}")
    forged.write_bytes(changed)
    refuted = run_verifier("bundle", str(forged), "--key", key)
    say.note(refuted.stdout.strip())
    say.expect(refuted.returncode == 1, "one changed bit in the bundle is found out")


def tamper(story: Story) -> None:
    """Change one byte in a copy of the log and see it found out; then rebuild our own from it."""
    say = story.teller
    say.chapter("A tampered copy of the log is found out  防篡改")
    key = get_signer("log").verifier_key
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "log"
        _copy_log(copy)
        sound = run_verifier("log", str(copy), "--key", key)
        say.expect(sound.returncode == 0, "an untouched copy verifies")
        bundle = max((copy / "tile" / "entries").rglob("*"), key=lambda f: f.stat().st_size)
        content = bytearray(bundle.read_bytes())
        content[len(content) // 2] ^= 1
        bundle.chmod(0o600)
        bundle.write_bytes(content)
        broken = run_verifier("log", str(copy), "--key", key)
        say.note(broken.stdout.strip())
        say.expect(broken.returncode == 1, "one changed bit in the copy is found out")
    rebuilt = reconcile(by=Actor.system("reconciliation"), at=story.now)
    say.expect(
        not rebuilt.differences,
        f"{rebuilt.total} states, balances and budgets, rebuilt from the log alone, are those "
        "of the database",
    )


def _copy_log(target: Path) -> None:
    import shutil  # noqa: PLC0415

    [*_, log] = logs()
    shutil.copytree(TileStore.of_period(log.period).folder, target)
