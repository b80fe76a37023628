"""What belongs to what: a hold on an order also holds the release that was sold under it.

Rooms register how a kind of thing is found again in larger things; the log knows none of them.
"""

from collections.abc import Callable, Iterable

Thing = tuple[str, str]
Finder = Callable[[str], Iterable[Thing]]
_FINDERS: dict[str, list[Finder]] = {}


def belongs(kind: str) -> Callable[[Finder], Finder]:
    """Register a function that names the things which something of `kind` belongs to."""

    def register(finder: Finder) -> Finder:
        _FINDERS.setdefault(kind, []).append(finder)
        return finder

    return register


def with_owners(things: Iterable[Thing]) -> set[Thing]:
    """Return `things` with everything they belong to, directly or not."""
    found: set[Thing] = set()
    waiting = list(things)
    while waiting:
        thing = waiting.pop()
        if thing in found or not thing[1]:
            continue
        found.add(thing)
        for finder in _FINDERS.get(thing[0], ()):
            waiting.extend(finder(thing[1]))
    return found
