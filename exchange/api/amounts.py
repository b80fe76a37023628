"""Money over REST: amounts are text with their currency, never numbers with a point."""

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from pricing.money import DEFAULT_CURRENCY, MINOR_UNITS, Money

PLAIN = re.compile(r"-?[0-9]{1,16}(?:\.[0-9]{1,4})?")
"""An amount as people write it: no exponent, no infinity."""


class MoneyField(serializers.Field[Money, Any, dict[str, str], Money]):
    """`{"amount": "12.30", "currency": "CNY"}`."""

    default_error_messages = {
        "form": _("Send an object with amount (text such as 12.30) and currency."),
    }

    def to_internal_value(self, data: Any) -> Money:
        if not isinstance(data, dict) or set(data) - {"amount", "currency"}:
            self.fail("form")
        amount, currency = data.get("amount"), data.get("currency", DEFAULT_CURRENCY)
        if not isinstance(amount, str) or not PLAIN.fullmatch(amount):
            self.fail("form")
        if not isinstance(currency, str) or currency not in MINOR_UNITS:
            self.fail("form")
        places = MINOR_UNITS[currency]
        figure = serializers.DecimalField(max_digits=18, decimal_places=places)
        return Money(Decimal(figure.run_validation(amount)), currency)

    def to_representation(self, value: Money) -> dict[str, str]:
        return {"amount": value.text, "currency": value.currency}
