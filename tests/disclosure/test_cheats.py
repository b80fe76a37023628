"""What claims hide is found: cheats that were at hand while the checks were written, and others."""

import pytest

from audit.disclosure.evaluation.results import Severity
from audit.disclosure.wording import describe_finding

from . import cheats, unseen_cheats

pytestmark = pytest.mark.runtime
ALL = cheats.CHEATS | unseen_cheats.CHEATS


@pytest.mark.parametrize("name", ALL)
def test_the_cheat_is_found(name: str) -> None:
    evaluation, expected = ALL[name]()

    against = [each for each in evaluation.findings if each.severity == Severity.CONTRADICTS]
    assert expected in {str(evaluation.verdict), *(each.code for each in against)}
    assert all("%(" not in describe_finding(each) for each in evaluation.findings)


def test_the_cheats_are_many_and_of_many_kinds() -> None:
    assert len(cheats.CHEATS) >= 15
    assert len(unseen_cheats.CHEATS) >= 15
    assert not set(cheats.CHEATS) & set(unseen_cheats.CHEATS)
