"""What an appraisal may be told: faults of its inputs by field, in the reader's language."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from .appraising import AppraisalInputs, AppraisalWorking
from .methods.band import Band
from .methods.formulae.weights import CONSISTENT_BELOW, Inconsistent
from .methods.reconciling import NoValueToWeigh, Weighing, weigh_approaches
from .money import Money
from .plan_rules import AMOUNT_MOST
from .policy import Policy
from .wording import APPROACHES, fault_text, why_not_applied


def faults_of_inputs(inputs: AppraisalInputs) -> dict[str, list[str]]:
    """Say by field what keeps inputs from being appraised."""
    faults = _faults_of_fields(inputs) | _faults_of_comparables(inputs)
    if len({amount.currency for amount in _amounts(inputs)}) > 1:
        faults["currency"] = [_("All amounts must be in one currency.")]
    if any(amount.amount > AMOUNT_MOST for amount in _amounts(inputs)):
        faults["amounts"] = [fault_text("out_of_range")]
    if inputs.weighing is not None and not inputs.weighing.problems():
        faults |= _faults_of_judgments(inputs.weighing)
    return faults or _faults_of_days(inputs)


def faults_of_band(band: Band) -> dict[str, list[str]]:
    """Say what keeps a worked-out band from being signed: a value nobody can write down."""
    if band.high.amount > AMOUNT_MOST:
        return {"amounts": [fault_text("out_of_range")]}
    return {}


def why_no_band(working: AppraisalWorking, policy: Policy) -> list[str]:
    """Say why no method applies: what to give, and of each method what it lacks."""
    message = _(
        "No method applies: give the costs, at least %(count)s comparables or a forecast."
    ) % {"count": policy.market.minimum}
    return [message, *map(why_not_applied, working.not_applicable)]


def why_not_weighed(error: NoValueToWeigh) -> str:
    """Name the approach that is given a weight and has no value."""
    return _("%(approach)s is given a weight but has no value.") % {
        "approach": APPROACHES[error.approach]
    }


def _faults_of_fields(inputs: AppraisalInputs) -> dict[str, list[str]]:
    parts: dict[str, Mapping[str, str]] = {
        "facts": inputs.facts.problems(),
        "costs": inputs.costs.problems(),
        "income": inputs.income.problems() if inputs.income else {},
        "weighing": inputs.weighing.problems() if inputs.weighing else {},
    }
    for place, item in enumerate(inputs.comparables):
        parts[f"comparables.{place}"] = item.problems()
    return {
        f"{part}.{name}": [fault_text(code)]
        for part, found in parts.items()
        for name, code in found.items()
    }


def _faults_of_comparables(inputs: AppraisalInputs) -> dict[str, list[str]]:
    references = [item.reference for item in inputs.comparables]
    owner = inputs.facts.owner
    if inputs.comparables and all(item.owner == owner for item in inputs.comparables):
        return {"comparables": [_("Every comparable is the provider's own: compare with others.")]}
    if len(set(references)) != len(references):
        return {"comparables": [_("A comparable is named twice.")]}
    return {}


def _faults_of_judgments(weighing: Weighing) -> dict[str, list[str]]:
    """Name the judgment that the others contradict, where all of them together are inconsistent."""
    try:
        weigh_approaches(weighing)
    except Inconsistent as error:
        first, second = (str(APPROACHES[weighing.approaches[place]]) for place in error.pair)
        message = _(
            "The judgments contradict each other: %(first)s over %(second)s is judged %(judged)s, "
            "the others make it %(implied)s. The consistency ratio is %(ratio)s and must be below "
            "%(least)s."
        ) % {
            "first": first,
            "second": second,
            "judged": f"{error.judged:.2f}",
            "implied": f"{error.implied:.2f}",
            "ratio": f"{error.ratio:.2f}",
            "least": CONSISTENT_BELOW,
        }
        return {"weighing.judgments": [message]}
    return {}


def _faults_of_days(inputs: AppraisalInputs) -> dict[str, list[str]]:
    """Let nothing that an appraisal rests on lie after its basis date."""
    faults = {}
    if inputs.facts.updated_on > inputs.basis_on:
        faults["facts.updated_on"] = [_("The data cannot be newer than the basis date.")]
    if inputs.costs.incurred_on and inputs.costs.incurred_on > inputs.basis_on:
        faults["costs.incurred_on"] = [_("This day lies after the basis date.")]
    for place, item in enumerate(inputs.comparables):
        if item.priced_on > inputs.basis_on:
            faults[f"comparables.{place}.priced_on"] = [_("This day lies after the basis date.")]
    return faults


def _amounts(inputs: AppraisalInputs) -> list[Money]:
    amounts = [amount for amount in inputs.costs.items().values() if not amount.is_zero]
    amounts += [item.price for item in inputs.comparables]
    amounts += inputs.income.amounts() if inputs.income else ()
    return amounts
