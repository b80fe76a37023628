"""Statement sweep: break a verb at its k-th SQL statement, for every k; look at what is left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

NO_WORK = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


class Broken(RuntimeError):
    """The statement that was to fail failed."""


@contextmanager
def breaking_at(number: int) -> Iterator[list[str]]:
    """Raise Broken instead of running the statement with this number; collect those that ran."""
    ran: list[str] = []

    def wrapper(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.lstrip().upper().startswith(NO_WORK):
            return execute(sql, *rest)
        if len(ran) == number:
            raise Broken(sql)
        ran.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(wrapper):
        yield ran


def sweep(verb: Callable[[], Any], check: Callable[[int], None]) -> int:
    """Break `verb` at each of its statements and call `check` after each; return how many.

    The last round runs unbroken; what it leaves is the caller's to look at.
    """
    number = 0
    while True:
        try:
            with breaking_at(number):
                verb()
        except Broken:
            check(number)
            number += 1
        else:
            return number
