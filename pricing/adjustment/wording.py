"""Why a price moves, in words with its figures, in the reader's language."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import PriceStep
from .rules import percent

TRIGGERS: Final[Mapping[str, Promise | str]] = {
    "COST": gettext_lazy("cost index"),
    "DEMAND": gettext_lazy("demand and supply"),
    "QUALITY": gettext_lazy("change of quality"),
    "FRESHNESS": gettext_lazy("decay of freshness"),
    "SCARCITY": gettext_lazy("scarcity"),
    "DRIFT": gettext_lazy("drift of negotiated prices"),
    "ORDER": gettext_lazy("regulator's order"),
}

MEANINGS: Final[Mapping[str, Promise | str]] = {
    "COST": gettext_lazy("The published index of the costs of making data."),
    "DEMAND": gettext_lazy(
        "How many different buyers ordered or asked for like products, for each one offered."
    ),
    "QUALITY": gettext_lazy("The measured quality of the present release against the one priced."),
    "FRESHNESS": gettext_lazy("Age of the content beyond the frequency you promise."),
    "SCARCITY": gettext_lazy("How many comparable products others offer."),
    "DRIFT": gettext_lazy("What buyers and you agreed on, against the list price."),
}

FIGURES: Final[Mapping[str, Promise | str]] = {
    "COST": gettext_lazy("The index went from %(then)s to %(now)s: (%(now)s ÷ %(then)s)^%(e)s"),
    "DEMAND": gettext_lazy(
        "%(interested)s buyers for %(offers)s offers, before %(interested_then)s for "
        "%(offers_then)s: ((%(interested)s + %(s)s) ÷ (%(offers)s + %(s)s) ÷ "
        "((%(interested_then)s + %(s)s) ÷ (%(offers_then)s + %(s)s)))^%(e)s"
    ),
    "QUALITY": gettext_lazy("Quality went from %(then)s to %(now)s: (%(now)s ÷ %(then)s)^%(e)s"),
    "FRESHNESS": gettext_lazy(
        "The content is %(age)s days old, at most %(promised)s are promised: %(overdue)s days "
        "overdue, %(overdue_then)s when it was priced: 2^(−%(e)s × (%(overdue)s − "
        "%(overdue_then)s) ÷ %(half_life)s)"
    ),
    "SCARCITY": gettext_lazy(
        "%(now)s comparable products, %(then)s when it was priced: (1 + %(l)s ÷ (1 + %(now)s)) ÷ "
        "(1 + %(l)s ÷ (1 + %(then)s))"
    ),
    "DRIFT": gettext_lazy(
        "In %(deals)s concluded quotes %(middle)s of the list price was agreed on in the middle: "
        "%(middle)s^%(e)s"
    ),
    "ORDER": gettext_lazy(
        "A regulator ordered at most %(ceiling)s, the price was %(ask)s: %(ceiling)s ÷ %(ask)s"
    ),
}

SILENT: Final[Mapping[str, Promise | str]] = {
    "below_threshold": gettext_lazy("changed too little to count"),
    "unknown": gettext_lazy("not measured"),
    "nothing_promised": gettext_lazy("no frequency of renewal is promised"),
    "too_few_buyers": gettext_lazy("too few buyers to count"),
    "too_few_deals": gettext_lazy("too few negotiated quotes to count"),
    "no_order": gettext_lazy("there is no order"),
}

BOUND_BY: Final[Mapping[str, Promise | str]] = {
    "step": gettext_lazy("the largest single step"),
    "period": gettext_lazy("the largest change in a period"),
    "band": gettext_lazy("the appraised band"),
    "own": gettext_lazy("the provider's own bounds"),
    "order": gettext_lazy("a regulator's order"),
    "cap": gettext_lazy("the price cap of public data"),
}


def explain(step: PriceStep) -> list[str]:
    """Return why a price moves: each trigger with its figures, their product, what bound it."""
    return [*explain_working(step.working), _result(step)]


def explain_working(working: Mapping[str, Any]) -> list[str]:
    """Return a stored working in words, triggers first."""
    fired = [signal for signal in working["signals"] if signal["fired"]]
    said = [signal_text(signal) for signal in fired]
    wanted, factor = Decimal(working["wanted"]), Decimal(working["factor"])
    if len(fired) > 1:
        product = " × ".join(_four(signal["factor"]) for signal in fired)
        said.append(
            _("Together: %(product)s = %(wanted)s.") % {"product": product, "wanted": _four(wanted)}
        )
    if working["bound_by"]:
        said.append(
            _("Bounded by %(bound)s: %(wanted)s becomes %(factor)s.")
            % {
                "bound": BOUND_BY[working["bound_by"]],
                "wanted": _four(wanted),
                "factor": _four(factor),
            }
        )
    return said


def signal_text(signal: Mapping[str, Any]) -> str:
    """Return one trigger with its formula in figures, or why it says nothing."""
    name = signal["trigger"]
    label = str(TRIGGERS[name])
    label = label[:1].upper() + label[1:]
    if not signal["figures"]:
        return _("%(trigger)s: %(silent)s.") % {
            "trigger": label,
            "silent": SILENT[signal["silent"]],
        }
    shown = {key: _short(value) for key, value in signal["figures"].items()}
    return _("%(trigger)s: %(figures)s = %(factor)s.") % {
        "trigger": label,
        "figures": FIGURES[name] % shown,
        "factor": _four(signal["factor"]),
    }


def triggers_text(triggers: Sequence[str]) -> str:
    """Return triggers in words, one after the other."""
    return _(", ").join(str(TRIGGERS[name]) for name in triggers)


def change_text(step: PriceStep) -> str:
    """Return by how much a price changes, with its sign."""
    rate = step.after_amount / step.before_amount - 1
    return ("+" if rate > 0 else "−") + percent(abs(rate))


def _result(step: PriceStep) -> str:
    return _("One license goes from %(before)s to %(after)s (%(change)s).") % {
        "before": step.before.quantized().formatted(),
        "after": step.after.quantized().formatted(),
        "change": change_text(step),
    }


def _four(figure: object) -> str:
    return f"{Decimal(str(figure)):.4f}"


def _short(figure: str) -> str:
    """Write a figure without needless zeros, with six places at most."""
    value = Decimal(figure)
    if value == value.to_integral_value():
        return f"{value:.0f}"
    return f"{value:.6f}".rstrip("0").rstrip(".")
