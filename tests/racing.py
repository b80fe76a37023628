"""Many connections at once, for the tests marked `postgres`."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from audit.log.errors import DomainError


def at_once(verb: Callable[[int], Any], rivals: int) -> list[Any]:
    """Run `verb` in as many threads, each with its own connection; return results or refusals."""
    gate = Barrier(rivals)

    def run(number: int) -> Any:
        try:
            gate.wait()
            return verb(number)
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(rivals) as pool:
        return list(pool.map(run, range(rivals)))
