"""What the platform's algorithms decided in this story: reasons, seals, and a check of it all."""

from audit.decisions.explanations import explain
from audit.decisions.models import Decision
from audit.decisions.sealing import seal_decisions
from audit.decisions.verification import verify_decisions
from audit.log.actors import Actor
from exchange.catalog.queries import search_products
from exchange.catalog.services.ordering import note_ranking

from .story import Story

WORDS = ("数据", "企业")
REASONS_SHOWN = 3


def explain_decisions(story: Story) -> None:
    """Search the market, seal the order of the results, and verify every decision so far."""
    say, buyer = story.teller, story.actors["buyer"]
    say.chapter("Every decision of an algorithm has its reasons on record  算法决策日志")
    for words in WORDS:
        shown = list(search_products(buyer, text=words)[:20])
        note_ranking(text=words, filters={}, shown=shown, visitor="", by=buyer, at=story.now)
    seal = seal_decisions(by=Actor.system("decisions"), at=story.now)
    say.expect(seal is not None, "the order of search results is sealed")
    latest: dict[str, Decision] = {}
    for decision in Decision.objects.select_related("disclosure").order_by("pk"):
        latest[decision.algorithm] = decision
    for decision in latest.values():
        said = explain(decision)
        say.fact(decision.disclosure.name, decision.reference, said.decided)
        for reason in said.reasons[:REASONS_SHOWN]:
            say.note(reason)
    counts, faults = verify_decisions()
    say.expect(
        not faults and counts.decisions > 0,
        f"{counts.decisions} decisions, {counts.standing} standing, {counts.acts} acts: "
        "each with disclosure, reasons and entry",
    )
