"""Rows of the same kind close together in time, found without asking row by row."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .facts import Ints

Places = NDArray[np.int64]


def crowded(keys: Ints, at: Ints, *, least: int, window: int) -> Iterator[Places]:
    """Yield the places of rows of one key that lie within `window` seconds, in order of time.

    Each begins at the first row from which `least` rows fit, takes all that fit, and no row lies
    in two.
    """
    if least < 1 or len(keys) < least:
        return
    order = np.lexsort((at, keys))
    key, time = keys[order], at[order]
    first, last = np.arange(len(key) - least + 1), np.arange(least - 1, len(key))
    close = (key[first] == key[last]) & (time[last] - time[first] <= window)
    done = -1
    for start in np.flatnonzero(close).tolist():
        if start <= done:
            continue
        stop = start + least
        while stop < len(key) and key[stop] == key[start] and time[stop] - time[start] <= window:
            stop += 1
        done = stop - 1
        yield order[start:stop]


def slices(keys: Ints, at: Ints) -> Iterator[Places]:
    """Yield the places of the rows of each key, in order of time."""
    if not len(keys):
        return
    order = np.lexsort((at, keys))
    bounds = np.flatnonzero(np.diff(keys[order])) + 1
    yield from np.split(order, bounds)


def counted(keys: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the different keys, for each row the place of its key, and the rows of each."""
    different, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return different, inverse.astype(np.int64), counts.astype(np.int64)
