"""Texts in two languages, and the one that is read."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import get_language

LANGUAGES: Final = ("en", "zh")


def in_language(texts: Mapping[str, str]) -> str:
    """Return the text in the current language, or in the other where there is none."""
    chinese = (get_language() or "en").startswith("zh")
    first, second = ("zh", "en") if chinese else ("en", "zh")
    return texts.get(first) or texts.get(second) or ""
