"""What claims hide: each check looks at the evidence and yields findings."""

from collections.abc import Callable, Iterator
from typing import Final

from audit.disclosure.evaluation.results import Finding

from .answers import check_answers
from .duplicates import check_duplicates
from .evidence import Evidence
from .flattery import check_flattery
from .leakage import check_leakage
from .persons import check_persons
from .technique import check_technique
from .training import check_training

CHECKS: Final[tuple[Callable[[Evidence], Iterator[Finding]], ...]] = (
    check_answers,
    check_technique,
    check_leakage,
    check_duplicates,
    check_flattery,
    check_training,
    check_persons,
)

__all__ = ["CHECKS", "Evidence"]
