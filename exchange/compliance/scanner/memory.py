"""Keeping memory from one block for the next, instead of giving it back and asking for it anew."""

import ctypes
from functools import cache
from typing import Final

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of `mallopt` in the GNU C library."""
KEPT: Final = 32 << 20
LARGEST: Final = 32 << 20
"""Bytes that stay at the end of each heap, and of what is large enough for a mapping of its own."""


@cache
def keep_memory() -> None:
    """Have the GNU C library keep some memory; other libraries keep it or not, as they are."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_TRIM_THRESHOLD, KEPT)
        library.mallopt(_MMAP_THRESHOLD, LARGEST)
