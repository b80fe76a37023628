"""Why no price step follows, in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from exchange.trading.adjusting import Silence

SILENCES: Final[Mapping[Silence, str | Promise]] = {
    Silence.SWITCHED_OFF: gettext_lazy("It is switched off."),
    Silence.NOT_LISTED: gettext_lazy("The product is not on the market now."),
    Silence.NO_PRICE: gettext_lazy("There is no price that could move."),
    Silence.NO_APPRAISAL: gettext_lazy("Without a valid appraisal no price moves by itself."),
    Silence.FROZEN: gettext_lazy("A freeze is in force."),
    Silence.EMERGENCY: gettext_lazy("In a declared emergency no price moves by itself."),
    Silence.PENDING: gettext_lazy("A step is pending."),
    Silence.COOLING: gettext_lazy("The price has not stood its cooling time yet."),
    Silence.NOTHING: gettext_lazy("Nothing changed enough since the price was set."),
    Silence.ROUNDING: gettext_lazy("The step is too small for prices as low as these."),
}
