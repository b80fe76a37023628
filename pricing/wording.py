"""Words for the codes of methods, steps, coefficients, remarks and quotes, in either language."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from .methods.working import NotApplicable

METHODS: Final[Mapping[str, Promise | str]] = {
    "COST_EXPERT_9": _("cost method, form of expert guidance no. 9"),
    "COST_GUIDANCE_2023": _("cost method, form of the 2023 guidance"),
    "MARKET": _("market method"),
    "INCOME": _("income method"),
}

APPROACHES: Final[Mapping[str, Promise | str]] = {
    "COST": _("cost approach"),
    "MARKET": _("market approach"),
    "INCOME": _("income approach"),
}

WAYS: Final[Mapping[str, Promise | str]] = {
    "STATED": _("weights stated"),
    "JUDGED": _("judged in pairs (AHP)"),
    "SCORED": _("scored by aspects, weighed by entropy"),
    "CORRECTED": _("judged in pairs, corrected by the entropy of the scores"),
}

INCOME_FORMS: Final[Mapping[str, Promise | str]] = {
    "DIRECT": _("direct income, F = R"),
    "ROYALTY": _("share of income, F = R × K"),
    "EXCESS": _("excess income, F = R − Σ C"),
    "INCREMENTAL": _("incremental income, F = RY − RN"),
}

LIVES: Final[Mapping[str, Promise | str]] = {
    "legal": _("legal life"),
    "contract": _("life by contract"),
    "technical": _("technical life"),
    "renewal": _("cycle of renewal"),
}

FORMULAE: Final[Mapping[str, str]] = {
    "COST_EXPERT_9": "P = TC × (1 + R) × α · β · (1 + l) · (1 − r)",
    "COST_GUIDANCE_2023": "P = C × δ,  δ = α · β · (1 − d) · (1 + l)",
    "MARKET": (
        "P = Σ Q × X1 × X2 × X3 × X4 × X5 / n,  weighed: P = med(w, Q × X1 × X2 × X3 × X4 × X5)"
    ),
    "INCOME": "P = Σ w Σ F / (1 + i)^t,  F = R, R × K, R − Σ C, RY − RN",
}

STEPS: Final[Mapping[str, Promise | str]] = {
    "planning": _("planning"),
    "collection": _("collection"),
    "cleaning": _("cleaning"),
    "labeling": _("labeling"),
    "compute": _("computing"),
    "storage": _("storage"),
    "compliance": _("compliance"),
    "overhead": _("overhead"),
    "opportunity": _("opportunity cost"),
    "taxes": _("taxes"),
    "return": _("expected return (1 + R)"),
    "restatement": _("restatement to the basis date"),
    "quality": _("quality"),
    "circulation": _("circulation"),
    "depreciation": _("depreciation (1 − d)"),
    "scarcity": _("scarcity (1 + l)"),
    "risk": _("risk (1 − r)"),
    "buyers": _("expected buyers"),
    "comparables": _("mean price of the comparables"),
    "weighted_comparables": _("weighted median price of the comparables"),
    "demand": _("supply and demand"),
    "date": _("date of pricing"),
    "volume": _("volume of data"),
    "other": _("other differences"),
    "growth_option": _("growth option"),
}

COEFFICIENTS: Final[Mapping[str, Promise | str]] = {
    "costs": _("recorded cost of making the data"),
    "return": _("expected return on cost"),
    "quality": _("quality coefficient, from the measured dimensions of the release"),
    "circulation": _("circulation coefficient: how widely the same data is already available"),
    "scarcity": _("scarcity: falls with the number of substitutes on the market"),
    "risk": _("risk of realizing the value, by grade of the data"),
    "restatement": _("cost index at the basis date over the index when the cost was incurred"),
    "depreciation": _("share of the value lost with age"),
    "buyers": _("number of buyers the value is expected to be shared by"),
    "volume_elasticity": _("how strongly the price follows the number of rows"),
    "demand_elasticity": _("how strongly the price follows demand over supply"),
    "income": _("forecast of yearly income"),
    "contribution": _("share of the income that is due to the data"),
    "discount": _("discount rate"),
    "expansion": _("present value of what the expansion would earn"),
    "volatility": _("yearly volatility of that value"),
    "comparables": _("middle price of the comparables"),
}

SOURCES: Final[Mapping[str, Promise | str]] = {
    "PROFILE": _("measured on the release"),
    "DECLARED": _("declared by the provider"),
    "PACK": _("pricing rules of the exchange"),
    "MARKET": _("market"),
    "GRADE": _("grade of the data"),
    "UNKNOWN": _("not known"),
}

DIMENSIONS: Final[Mapping[str, Promise | str]] = {
    "completeness": _("completeness"),
    "uniqueness": _("uniqueness"),
    "conformity": _("conformity"),
    "accuracy": _("accuracy"),
    "consistency": _("consistency"),
    "accessibility": _("accessibility"),
    "coverage": _("coverage"),
    "timeliness": _("timeliness"),
    "quality": _("quality"),
    "demand": _("supply and demand"),
    "volume": _("volume of data"),
}

FACTORS: Final[Mapping[str, str]] = {
    "quality": "X1",
    "demand": "X2",
    "date": "X3",
    "volume": "X4",
    "other": "X5",
}

QUOTE_LINES: Final[Mapping[str, Promise | str]] = {
    "free": _("free of charge"),
    "license": _("license"),
    "period_MONTH": _("subscription, month"),
    "period_QUARTER": _("subscription, quarter"),
    "period_YEAR": _("subscription, year"),
    "per_call": _("calls"),
    "per_hit": _("queries that found something"),
    "per_row": _("rows"),
    "per_gb": _("gigabytes"),
    "trial_per_call": _("calls of the free trial"),
    "trial_per_hit": _("hits of the free trial"),
    "trial_per_row": _("rows of the free trial"),
    "trial_per_gb": _("gigabytes of the free trial"),
    "package_one_off": _("package of %(units)s licenses"),
    "package_subscription": _("package of %(units)s periods"),
    "package_per_call": _("package of %(units)s calls"),
    "package_per_hit": _("package of %(units)s hits"),
    "bundle": _("bundle with a product you hold"),
    "agreed": _("discount that the parties agreed on"),
    "minimum": _("supplement to the minimum charge"),
}

FAULTS: Final[Mapping[str, Promise | str]] = {
    "missing": _("This is needed."),
    "negative": _("This is not negative."),
    "not_positive": _("This must be above zero."),
    "not_a_share": _("This is a share between 0 and 1."),
    "not_a_level": _("A grade level is 1, 2, 3 or 4."),
    "out_of_range": _("This is outside the permitted range."),
    "mixed_currencies": _("All amounts must be in one currency."),
    "not_of_the_form": _("This belongs to another form of income."),
    "not_every_year": _("As many amounts are needed as there are years of income, and a name."),
    "not_every_approach": _("One is needed for each approach."),
    "not_every_pair": _("One judgment is needed for each pair of approaches."),
    "not_a_judgment": _("A judgment lies between 1/9 and 9."),
    "approaches_count": _("Name each approach once, and at least two to compare."),
    "aspects_count": _("Name one to nine aspects, each once."),
    "nothing_told_apart": _("The scores do not tell the approaches apart."),
    "weights_not_one": _("The weights must sum to 1."),
    "uses_count": _("One to five uses can be weighed."),
    "named_twice": _("Each use has a name of its own."),
    "tiers_missing": _("A metered plan needs at least one tier."),
    "tiers_end_open": _("Only the last tier is without end, and it must be."),
    "tiers_limits_rise": _("The limits of the tiers must rise."),
    "tiers_not_negative": _("A unit price is not negative."),
    "tiers_places": _("A unit price has at most eight decimal places."),
}

REMARKS: Final[Mapping[str, Promise | str]] = {
    "no_costs": _("no cost is recorded"),
    "no_forecast": _("no income forecast was given"),
    "too_few_comparables": _("%(found)s comparables, at least %(needed)s are needed"),
    "unknown_quality": _("not measured and left out of the quality score: %(names)s"),
    "single_buyer": _("one buyer is expected, so one license bears the whole cost"),
    "outlier": _("%(reference)s left out: %(distance)s deviations from the median"),
    "factor_unknown": _("%(factor)s unknown for %(count)s of %(of)s comparables, taken as equal"),
    "asking_prices": _("%(count)s of %(of)s comparables are asking prices, not deals"),
    "own_products": _("%(count)s products of the same provider were left out"),
    "leave_one_out": _(
        "predicting each of %(count)s comparables from the others errs by %(percent)s %% (median)"
    ),
    "other_units": _("%(count)s prices of another unit of sale were left out"),
    "only_own_products": _("all %(count)s comparables are the provider's own products"),
    "only_other_units": _("all %(count)s comparables are priced by another unit of sale"),
    "nothing_alike": _("none of %(count)s comparables has words in common with the product"),
    "weighed_by_likeness": _(
        "%(count)s of %(of)s comparables were chosen and weighed by likeness, mostly by %(setting)s"
    ),
    "leave_provider_out": _(
        "predicting each of %(count)s comparables from other providers' errs by %(percent)s %% "
        "(median)"
    ),
    "is_nothing": _("the value would not be above zero"),
    "may_be_nothing": _("the value could be nothing within the range of: %(code)s"),
    "beyond_life": _("only %(years)s years count: %(bound)s"),
    "beyond_horizon": _("%(count)s years beyond the horizon of %(years)s were left out"),
}

INDEPENDENCE_OF_PLATFORM: Final = _(
    "Worked out by the platform's disclosed algorithm without anybody's choice of figures. The "
    "operator earns a fee that grows with the price, and so has an interest that the reader should "
    "know of."
)
INDEPENDENCE_OF_ORDERED_WEIGHTS: Final = _(
    "Worked out by the platform's disclosed algorithm, but the weights of the approaches were "
    "chosen by the provider who ordered it, who has an interest in the result. The operator earns "
    "a fee that grows with the price."
)
INDEPENDENCE_OF_ASSESSOR: Final = _(
    "The assessor declares that it has no interest in the asset, its provider or the result, and "
    "that its fee does not depend on the value found."
)


def package_text(sizes: Sequence[int]) -> str:
    """Say in which packages a plan is sold."""
    return gettext("It is sold in packages of %(sizes)s.") % {
        "sizes": gettext(", ").join(f"{size:,}" for size in sizes)
    }


def quote_line_text(code: str, quantity: int) -> str:
    """Name a line of a quote for `quantity` units; a code of another version names itself."""
    if code.startswith("package"):
        return str(QUOTE_LINES[code]) % {"units": f"{quantity:,}"}
    return str(QUOTE_LINES.get(code, code))


STAGES: Final[Mapping[str, Promise | str]] = {
    "declared": _("declared by the provider"),
    "adjusted": _("adjusted to the buyer and the scenario"),
    "agreed": pgettext_lazy("price stage", "agreed"),
    "fee": _("fee of the exchange"),
    "tax": _("tax on the fee"),
}

ADJUSTMENTS: Final[Mapping[str, Promise | str]] = {
    "trial": _("free trial"),
    "minimum": _("minimum charge"),
    "scenario": _("price of the scenario"),
    "bundle": _("bundle"),
}


def fault_text(code: str) -> str:
    """Say a fault of the input."""
    return str(FAULTS[code])


def step_text(code: str) -> str:
    """Name a step of the working."""
    if code.startswith("year_"):
        return gettext("income of year %(year)s") % {"year": code.removeprefix("year_")}
    if code.startswith("use_"):
        return gettext("income of use %(number)s") % {"number": code.removeprefix("use_")}
    return str(STEPS[code])


def coefficient_text(code: str) -> str:
    """Name a coefficient; that of one use among several bears its number."""
    stem, _sep, number = code.rpartition("_")
    if number.isdecimal() and stem in COEFFICIENTS:
        return gettext("%(name)s, use %(number)s") % {
            "name": COEFFICIENTS[stem],
            "number": number,
        }
    return str(COEFFICIENTS.get(code, code))


def independence_text(*, platform: bool, weighed: bool) -> str:
    """Say who had a choice of figures; `weighed` is whether the approaches' weights were given."""
    if not platform:
        return str(INDEPENDENCE_OF_ASSESSOR)
    return str(INDEPENDENCE_OF_ORDERED_WEIGHTS if weighed else INDEPENDENCE_OF_PLATFORM)


def why_not_applied(item: NotApplicable) -> str:
    """Say of one method why it gives no value."""
    remark = {"code": item.remark.code, "params": item.remark.params}
    return gettext("%(method)s: %(why)s") % {
        "method": METHODS[item.method],
        "why": remark_text(remark),
    }


def remark_text(remark: Mapping[str, Any]) -> str:
    """Say a remark of a method."""
    params = dict(remark["params"])
    if "names" in params:
        names = [str(DIMENSIONS[name]) for name in params["names"].split(",")]
        params["names"] = gettext(", ").join(names)
    if "factor" in params:
        params["factor"] = str(DIMENSIONS[params["factor"]])
    if "bound" in params:
        params["bound"] = str(LIVES[params["bound"]])
    if "code" in params:
        params["code"] = coefficient_text(params["code"])
    return str(REMARKS[remark["code"]]) % params


def percent_text(rate: Decimal) -> str:
    """Write a rate as a whole percentage."""
    return f"{rate * 100:.0f} %"


def band_text(result: Mapping[str, Any]) -> str:
    """Say in words what the band rests on and how far to trust it."""
    band = result["band"]
    shares = gettext("; ").join(
        gettext("%(method)s with a weight of %(weight)s")
        % {
            "method": str(METHODS[share["method"]]),
            "weight": percent_text(Decimal(share["weight"])),
        }
        for share in band["shares"]
    )
    count = len(band["shares"])
    lead = ngettext(
        "The middle value is the result of one method: %(shares)s.",
        "The middle value is the weighted mean of %(count)s methods: %(shares)s.",
        count,
    ) % {"count": count, "shares": shares}
    width = gettext(
        "The true value may lie a factor of %(factor)s above or below it; the methods' own "
        "uncertainty accounts for a factor of %(within)s and their disagreement for %(between)s."
    ) % {
        "factor": _factor(band["spread"]),
        "within": _factor(band["spread_within"]),
        "between": _factor(band["spread_between"]),
    }
    caution = gettext(
        "This is an estimate, not a guarantee; how often such bands hold is measured and published "
        "in the algorithm's disclosure."
    )
    return f"{lead} {width} {caution}"


def deviation_text(rate: Decimal) -> str:
    """Say how far an asking price is from the appraised value."""
    if rate == 0:
        return gettext("equal to the appraised value")
    words = (
        gettext("%(percent)s above the appraised value")
        if rate > 0
        else gettext("%(percent)s below the appraised value")
    )
    return words % {"percent": percent_text(abs(rate))}


def _factor(spread: str) -> str:
    return f"{Decimal(spread).exp():.2f}"
