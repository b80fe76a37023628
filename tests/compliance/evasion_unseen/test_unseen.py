"""Figures over disguises that the scanner was not built against."""

from exchange.compliance.measurement import values
from tests.compliance.evasion_unseen import measuring
from tests.compliance.evasion_unseen.disguises import DISGUISES, files

RECALL = 0.98


def test_hidden_persons_are_found() -> None:
    tried = measuring.hidden()

    assert len(tried) == len(DISGUISES) * len(measuring.PERSONS) > 200
    missed = [attempt for attempt in tried if attempt.share < RECALL]
    assert measuring.recall(tried) >= RECALL, missed


def test_numbers_that_were_only_hashed_are_found() -> None:
    tried = measuring.hashed()

    assert measuring.recall(tried) >= RECALL, tried


def test_look_alikes_in_the_same_disguises_pass() -> None:
    assert [attempt for attempt in measuring.harmless() if attempt.stopped] == []


def test_digests_of_files_pass() -> None:
    tried = measuring.attempts({"none": values.mobile}, {"files": files})

    assert [attempt for attempt in tried if attempt.stopped] == []
