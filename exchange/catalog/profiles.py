"""What may be shown of a release's profile: figures of columns, never values that identify."""

from typing import Any, Final

from .models import Release

COUNTS: Final = ("name", "type", "rows", "nulls", "null_rate", "distinct", "distinct_exact")
"""What is said of every column; the rest speaks of single values."""


def shown_profile(release: Release, *, values: bool = True) -> dict[str, Any]:
    """Return the profile without values of columns that lead to persons.

    Before the filter has cleared a release, nobody knows which those are; then only counts are
    shown, also to its provider. Without `values` only counts are shown of every column.
    """
    masked = set(release.sample.get("masked", []))
    return {
        **release.profile,
        "columns": [
            column
            if values and release.is_cleared and column["name"] not in masked
            else {name: column[name] for name in COUNTS if name in column}
            for column in release.profile.get("columns", [])
        ],
    }
