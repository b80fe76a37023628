"""Two witnesses cosign the log; what happens when one is away; a receipt under the policy."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from audit.log.models import Checkpoint, Entry
from audit.log.queries import latest_checkpoint
from audit.log.receipts import receipt_for
from exchange.oversight import services as supervision

from .story import Story
from .telling import Teller
from .verifying import run_verifier


def witness(story: Story) -> None:
    """Show both at work and one away, and one receipt under their policy, then and later."""
    say, two = story.teller, story.witnesses.two
    say.chapter("Two witnesses cosign the log  见证")
    say.note(
        "Each is a process of its own, with its own key and its own memory. It signs a "
        "checkpoint only when that continues every one it saw before."
    )
    for each in (story.witnesses.one, two):
        say.fact(each.name, each.kind, each.address)
    _look(story, "两家均在")
    _expect(say, latest_checkpoint(), witnessed=True)
    two.stop()
    say.fact("away for a while", "", two.name)
    with _quiet():
        unseen = _look(story, "一家离线")
    _expect(say, latest_checkpoint(), witnessed=False)
    _verify(story, unseen, accepted=False)
    two.start()
    two.wait_until_ready()
    say.fact("back again", "", two.name)
    _look(story, "恢复在线")
    _expect(say, latest_checkpoint(), witnessed=True)
    _verify(story, unseen, accepted=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the publisher's warning of the absence, which the story tells itself, off the screen."""
    publisher = logging.getLogger("audit.log.publishing")
    publisher.setLevel(logging.ERROR)
    try:
        yield
    finally:
        publisher.setLevel(logging.NOTSET)


def _look(story: Story, purpose: str) -> Entry:
    """Let the regulator look at the order: one more entry, which is returned, and a checkpoint."""
    supervision.record_view(
        kind="order",
        reference=story.placed.reference,
        purpose=f"见证演示：{purpose}",
        by=story.actors["regulator"],
        at=story.now,
    )
    entry = Entry.objects.filter(name="oversight.view.recorded").latest("position")
    story.settle_log()
    return entry


def _expect(say: Teller, checkpoint: Checkpoint | None, *, witnessed: bool) -> None:
    if checkpoint is None:
        say.expect(False, "a checkpoint was published")
        return
    names = [line.name.rpartition("/")[2] for line in checkpoint.cosignatures.order_by("pk")]
    said = "cosigned by both" if witnessed else "published all the same, marked as not witnessed"
    say.expect(
        checkpoint.witnessed is witnessed,
        f"checkpoint over {checkpoint.size} entries: {said} ({', '.join(names)})",
    )


def _verify(story: Story, entry: Entry, *, accepted: bool) -> None:
    """Check the receipt of one entry under the policy that asks for both witnesses."""
    say, policy = story.teller, story.witnesses.policy
    receipt = settings.VAR / "demo" / "witnessed.tlog-proof"
    receipt.parent.mkdir(exist_ok=True)
    receipt.write_text(receipt_for(entry), encoding="utf-8")
    proved = run_verifier("receipt", str(receipt), "--policy", str(policy))
    say.note(f"python3 -m verify receipt {receipt.name} --policy {policy.name}")
    say.note((proved.stdout or proved.stderr).strip())
    if accepted:
        say.expect(proved.returncode == 0, "the same entry's new receipt holds under the policy")
    else:
        say.expect(proved.returncode == 1, "its receipt does not hold under the policy yet")
