"""The regulator looks at the trade floor of the other tests."""

from tests.trading.conftest import floor

__all__ = ["floor"]
