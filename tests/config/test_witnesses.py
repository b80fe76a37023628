"""The demo's two witnesses: a quorum while both run, none while one is away, nothing afterwards."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from audit.log.cosigning import Cosigned, collect
from audit.log.signing import get_signer
from config.demo.witnesses import WitnessProcess, witnesses
from tests.witness.making import Tree


@pytest.mark.django_db
def test_the_demos_witnesses(tmp_path: Path, settings: LazySettings) -> None:
    settings.VAR = tmp_path
    settings.AUDIT_WITNESS_DEADLINE = 10
    signer = get_signer("log")
    log = Tree(origin=signer.name, key=signer._key)

    def publish(size: int) -> Cosigned:
        at = datetime.now(UTC)  # noqa: TID251  the witnesses' clock is the real one
        return collect(log.head(size), log.note(size), prove=log.proof, at=at)

    with witnesses() as both:
        assert settings.AUDIT_POLICY_FILE == os.environ["AUDIT_POLICY_FILE"] == str(both.policy)
        first, processes = publish(5), [both.one.process, both.two.process]
        both.two.stop()
        second = publish(6)
        both.two.start()
        both.two.wait_until_ready()
        third = publish(7)
        processes.append(both.two.process)

    assert (first.satisfied, second.satisfied, third.satisfied) == (True, False, True)
    assert [len(each.lines) for each in (first, second, third)] == [2, 1, 2]
    assert [name.partition(":")[0] for name in second.failures] == [both.two.name]
    assert [process.returncode for process in processes if process] == [0, 0, 0]
    assert settings.AUDIT_POLICY_FILE == ""
    assert "AUDIT_POLICY_FILE" not in os.environ


@pytest.mark.django_db
def test_a_witness_that_does_not_start_is_named(tmp_path: Path) -> None:
    (tmp_path / "ed25519.pem").write_text("no key")
    broken = WitnessProcess("witness.demo.example/one", "ed25519", tmp_path)
    broken.start()

    with pytest.raises(RuntimeError, match="did not start"):
        broken.wait_until_ready()
    assert broken.process is None
