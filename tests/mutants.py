"""Loaded by mutmut only: one database for all its runs, which the forks of it inherit in memory."""

from typing import Any

import django.test.utils

_setup = django.test.utils.setup_databases
_made: list[Any] = []


def _setup_once(*arguments: Any, **options: Any) -> Any:
    if not _made:
        _made.append(_setup(*arguments, **options))
    return _made[0]


def _keep(*_arguments: Any, **_options: Any) -> None:
    """Leave the database to the next run."""


django.test.utils.setup_databases = _setup_once
django.test.utils.teardown_databases = _keep
