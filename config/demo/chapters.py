"""The chapters in their order."""

from collections.abc import Callable

from . import evaluation, market, models, trade, wash, watch, witnessing
from .story import Story

CHAPTERS: tuple[Callable[[Story], None], ...] = (
    market.admit,
    market.disclose,
    market.list_products,
    market.stop_restricted,
    market.show_bands,
    evaluation.measure,
    trade.ask_and_order,
    trade.contract_and_pay,
    trade.deliver,
    trade.accept_and_settle,
    models.sell_a_model,
    trade.revoke,
    wash.trade_in_circles,
    watch.review,
    witnessing.witness,
    watch.tamper,
)


def tell(story: Story) -> None:
    """Tell the whole story; the log catches up after each chapter."""
    for chapter in CHAPTERS:
        chapter(story)
        story.settle_log()
