"""Two witnesses cosign the log; what happens when one is away; a receipt under the policy."""

from django.conf import settings

from audit.log.models import Checkpoint, Entry
from audit.log.queries import latest_checkpoint
from audit.log.receipts import receipt_for
from exchange.oversight import services as supervision

from .story import Story
from .telling import Teller
from .verifying import run_verifier


def witness(story: Story) -> None:
    """Show both witnesses at work, one of them away, and the same receipt under key and policy."""
    say, two = story.teller, story.witnesses.two
    say.chapter("Two witnesses cosign the log  见证")
    say.note(
        "Each is a process of its own, with its own key and its own memory. It signs a "
        "checkpoint only when that continues every one it saw before."
    )
    for each in (story.witnesses.one, two):
        say.fact(each.name, each.kind, each.address)
    _look(story, "all as usual")
    _expect(say, latest_checkpoint(), witnessed=True)
    two.stop()
    say.fact("away for a while", "", two.name)
    _look(story, "one witness away")
    _expect(say, latest_checkpoint(), witnessed=False)
    _verify(story, accepted=False)
    two.start()
    two.wait_until_ready()
    say.fact("back again", "", two.name)
    _look(story, "both witnesses back")
    _expect(say, latest_checkpoint(), witnessed=True)
    _verify(story, accepted=True)


def _look(story: Story, purpose: str) -> None:
    """Let the regulator look at the order: one more entry, and a checkpoint over it."""
    supervision.record_view(
        kind="order",
        reference=story.placed.reference,
        purpose=f"见证演示 ({purpose})",
        by=story.actors["regulator"],
        at=story.now,
    )
    story.settle_log()


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


def _verify(story: Story, *, accepted: bool) -> None:
    """Check one receipt with the log's key alone, and under the policy."""
    say, order = story.teller, story.placed
    settled = Entry.objects.get(name="trading.order.settled", subject=order.reference)
    receipt = settings.VAR / "demo" / f"{order.reference}-witnessed.tlog-proof"
    receipt.parent.mkdir(exist_ok=True)
    receipt.write_text(receipt_for(settled), encoding="utf-8")
    policy = story.witnesses.policy
    proved = run_verifier("receipt", str(receipt), "--policy", str(policy))
    say.note(f"python3 -m verify receipt {receipt.name} --policy {policy.name}")
    say.note((proved.stdout or proved.stderr).strip())
    if accepted:
        say.expect(proved.returncode == 0, "the verifier accepts the receipt under the policy")
    else:
        say.expect(proved.returncode == 1, "under the policy the verifier does not accept it")
