"""Derivations that fail, break off or are taken over: nothing is left of them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.errors import WrongState
from exchange.catalog.models import Release
from exchange.compliance.models import Derivation
from exchange.compliance.services import (
    carry_out_derivation,
    request_derivation,
    resume_derivations,
)
from exchange.compliance.services import derivations as module
from exchange.vault.models import StoredObject
from exchange.vault.storage import paths_before

from .deriving import DROP, Log, carried_out, names


def test_the_same_recipe_once_more_fails_and_leaves_nothing(
    blocked: Release, provider: Actor, at: datetime, log: Log
) -> None:
    carried_out(request_derivation(release=blocked, recipe=DROP, by=provider, at=at), at)
    objects, before = StoredObject.objects.count(), len(log())
    files = set(paths_before(at + timedelta(days=400000)))

    again = carried_out(request_derivation(release=blocked, recipe=DROP, by=provider, at=at), at)

    assert again.status == "FAILED"
    assert "exactly this content" in again.failure
    assert names(log)[before:] == [
        "compliance.derivation.requested",
        "compliance.derivation.started",
        "compliance.derivation.failed",
    ]
    assert StoredObject.objects.count() == objects
    assert set(paths_before(at + timedelta(days=400000))) == files


def test_nothing_left_of_the_rows_fails(blocked: Release, provider: Actor, at: datetime) -> None:
    recipe = {
        "steps": [{"do": "keep_rows", "column": "费用", "when": "AT_LEAST", "values": ["9999"]}]
    }

    done = carried_out(request_derivation(release=blocked, recipe=recipe, by=provider, at=at), at)

    assert (done.status, done.result) == ("FAILED", None)
    assert blocked.product.releases.count() == 1


def test_what_breaks_in_the_middle_leaves_nothing(
    blocked: Release, provider: Actor, at: datetime, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    derivation = request_derivation(release=blocked, recipe=DROP, by=provider, at=at)
    objects = StoredObject.objects.count()

    def killed(*_args: Any, **_rest: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "advance", _after(module.advance, killed, "finished"))
    with pytest.raises(KeyboardInterrupt):
        carry_out_derivation(derivation=derivation, clock=lambda: at)

    derivation.refresh_from_db()
    assert derivation.status == "RUNNING"
    assert StoredObject.objects.count() == objects
    assert blocked.product.releases.count() == 1
    assert "catalog.release.uploaded" not in names(log)[names(log).index(
        "compliance.derivation.requested"
    ) :]  # fmt: skip


def _after(real: Any, broken: Any, which: str) -> Any:
    def advance(*args: Any, event: Any, **rest: Any) -> Any:
        if which in event.name:
            broken()
        return real(*args, event=event, **rest)

    return advance


def test_a_silent_worker_is_replaced_and_given_up_after_some_attempts(
    blocked: Release, provider: Actor, at: datetime, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    derivation = request_derivation(release=blocked, recipe=DROP, by=provider, at=at)
    monkeypatch.setattr(module, "_make", _interrupted)

    for attempt in range(1, module.MOST_ATTEMPTS + 1):
        with pytest.raises(KeyboardInterrupt):
            carry_out_derivation(derivation=derivation, clock=lambda: at)
        Derivation.objects.update(heartbeat_at=at - timedelta(hours=1))
        assert resume_derivations(at=at) == 1
        derivation.refresh_from_db()
        expected = "QUEUED" if attempt < module.MOST_ATTEMPTS else "FAILED"
        assert (derivation.status, derivation.attempts) == (expected, attempt)
    assert names(log).count("compliance.derivation.interrupted") == module.MOST_ATTEMPTS - 1
    assert resume_derivations(at=at) == 0


def _interrupted(*_args: Any) -> None:
    raise KeyboardInterrupt


def test_a_late_worker_finds_the_work_taken(
    blocked: Release, provider: Actor, at: datetime
) -> None:
    derivation = request_derivation(release=blocked, recipe=DROP, by=provider, at=at)
    late = Derivation.objects.get(pk=derivation.pk)
    carried_out(derivation, at)

    with pytest.raises(WrongState):
        carry_out_derivation(derivation=late, clock=lambda: at)

    assert blocked.product.releases.count() == 2
