"""Words for value measurement: kinds of task, metrics, methods, and why one is refused."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .sharing import BadShare, Basis, CutKind
from .valuation.refusals import Unmeasurable
from .valuation.tasks import Kind, Method, Metric

KINDS: Final[Mapping[str, Promise | str]] = {
    Kind.CLASSES: _("tell classes apart"),
    Kind.AMOUNTS: _("predict an amount"),
}
METRICS: Final[Mapping[str, Promise | str]] = {
    Metric.NEIGHBORS: _("nearest neighbors (every row valued exactly)"),
    Metric.ACCURACY: _("share of right answers"),
    Metric.BALANCED_ACCURACY: _("share of right answers, mean over the classes"),
    Metric.R_SQUARED: _("explained variance (R²)"),
    Metric.ABSOLUTE_ERROR: _("reduction of the mean absolute error"),
}
METHODS: Final[Mapping[str, Promise | str]] = {
    Method.SHAPLEY: _("Shapley value"),
    Method.LEAVE_ONE_OUT: _("leave one out"),
}
BASES: Final[Mapping[str, Promise | str]] = {
    Basis.DECLARED: _("declared by the suppliers together"),
    Basis.COST: _("by share of the cost"),
    Basis.MEASURED: _("by measured contribution"),
}
CUTS: Final[Mapping[str, Promise | str]] = {
    CutKind.FIXED: _("fixed amount"),
    CutKind.RATE: _("rate of the net"),
}

HOLDOUT: Final = _("the holdout")
ALL_TOGETHER: Final = _("all releases together")

REFUSALS: Final[Mapping[str, Promise | str]] = {
    "no_supplies": _("Nothing is supplied: name at least one release."),
    "empty_supply": _("%(release)s has no rows: leave it out or supply a release with rows."),
    "supply_twice": _("A release is named twice: name each once."),
    "release_not_cleared": _(
        "%(release)s is not cleared by the filter any more: agree on another release."
    ),
    "no_features": _("Name at least one column to predict from."),
    "column_missing": _(
        "%(release)s has no column %(column)s: all releases and the holdout need the same columns."
    ),
    "column_not_numeric": _(
        "Column %(column)s of %(release)s holds text or mixed values: only columns of numbers can "
        "be used here."
    ),
    "column_not_finite": _(
        "Column %(column)s of %(release)s has empty, NaN or infinite cells: fill or remove them."
    ),
    "column_constant": _(
        "Column %(column)s is the same in every row of %(release)s: it tells nothing, leave it out."
    ),
    "column_too_large": _(
        "Column %(column)s of %(release)s has numbers beyond 1e100: give it in another unit."
    ),
    "target_among_features": _(
        "%(column)s is what is to be predicted: it cannot be predicted from itself."
    ),
    "target_not_finite": _(
        "The target %(column)s of %(release)s has empty, NaN or infinite cells: remove those rows."
    ),
    "target_mixed": _(
        "The classes in %(column)s of %(release)s are of mixed kinds: write them all as text or "
        "all as numbers, without empty cells."
    ),
    "columns_differ_in_length": _("The columns of %(release)s are not equally long."),
    "columns_repeat": _("A column is named twice: name each once."),
    "one_class": _(
        "%(column)s has only one class in the supplied rows or in the holdout: there is nothing to "
        "tell apart."
    ),
    "empty_holdout": _("The holdout has no rows: nothing can be judged on it."),
    "k_not_positive": _("The number of neighbors is %(k)s: it must be at least 1."),
    "k_too_large": _(
        "%(k)s neighbors are asked for, but only %(rows)s rows are supplied: ask for fewer."
    ),
    "holdout_unreadable": _(
        "The holdout is read as CSV with one heading line and equally many cells in every line: "
        "line %(line)s is not."
    ),
    "too_many_cells": _(
        "%(cells)s cells are too many for one measurement: at most %(most)s. Name fewer columns."
    ),
    "too_many_players": _("%(players)s suppliers are too many at once: at most %(most)s."),
    "metric_not_for_task": _("The metric %(metric)s does not fit what is predicted."),
    "method_not_for_metric": _(
        "The metric %(metric)s is divided by Shapley value only: choose that method."
    ),
    "bad_stop": _(
        "The stated error and truncation are finite and not negative, and at least %(least)s "
        "orders are drawn."
    ),
    "utility_not_finite": _("The metric gave no finite number for some of the suppliers."),
}

SHARE_FAULTS: Final[Mapping[str, Promise | str]] = {
    "parties_out_of_range": _("Name at least one source, and at most 50 parties in all."),
    "party_twice": _("%(party)s is named twice: each party has one part."),
    "cut_not_positive": _("The cut of %(party)s must be above zero."),
    "rates_take_all": _("The rates of the cuts must leave something: together below 100 %%."),
    "weight_negative": _("The weight of %(party)s must not be negative."),
    "weights_not_one": _("The weights of the sources must add up to exactly 1."),
    "nobody_contributed": _(
        "Nobody's data made the result better, so no weights follow: agree on declared weights."
    ),
    "contribution_not_finite": _("The contribution of %(party)s is not a finite number."),
}


def refusal_text(refusal: Unmeasurable) -> str:
    """Say why a measurement is refused, where, and what to do."""
    params = dict(refusal.params)
    if "release" in params:
        places = {"": HOLDOUT, "*": ALL_TOGETHER}
        params["release"] = str(places.get(params["release"], params["release"]))
    return str(REFUSALS[refusal.code]) % params


def share_fault_text(fault: BadShare) -> str:
    """Say why a revenue share cannot be carried out."""
    return str(SHARE_FAULTS[fault.code]) % {"party": fault.party}
