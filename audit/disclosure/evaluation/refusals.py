"""Why an algorithm, its card or its rows cannot be measured, in codes; words are given outside."""

from confined.faults import Fault, Scalar


class Refused(Fault):
    """The measurement cannot be made; `code` is the kind, `what` the sentence, `params` where."""


def refused(what: str, **params: Scalar) -> Refused:
    """Return the refusal of something that is not as it has to be."""
    return Refused("REFUSED", what, **params)
