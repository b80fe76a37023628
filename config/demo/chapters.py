"""The chapters in their order."""

from collections.abc import Callable

from . import market, trade, watch, witnessing
from .story import Story

CHAPTERS: tuple[Callable[[Story], None], ...] = (
    market.admit,
    market.disclose,
    market.list_products,
    market.stop_restricted,
    market.show_bands,
    trade.ask_and_order,
    trade.contract_and_pay,
    trade.deliver,
    trade.accept_and_settle,
    trade.revoke,
    watch.review,
    witnessing.witness,
    watch.tamper,
)


def tell(story: Story) -> None:
    """Tell the whole story; the log catches up after each chapter."""
    for chapter in CHAPTERS:
        chapter(story)
        story.settle_log()
