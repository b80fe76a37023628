"""The trade floor, as the tests of trading have it."""

from tests.trading.conftest import floor as floor
