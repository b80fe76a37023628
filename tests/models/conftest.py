"""The dispatcher for the tests of models."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from audit.log.reactions import dispatch


@pytest.fixture
def settle(
    at: datetime, django_capture_on_commit_callbacks: Callable[..., Any]
) -> Callable[[], None]:
    """Return what the dispatcher does: sequence and react, and what follows after the commit."""

    def run() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            dispatch(at=at)

    return run
