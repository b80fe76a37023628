"""What is refused, said in both languages."""

from collections.abc import Callable

import pytest
from django.utils import translation

from audit.log.errors import Invalid


def in_both(act: Callable[[], object]) -> dict[str, list[str]]:
    """Return what is refused by field, after making sure that each language says its own."""
    said = []
    for language in ("en", "zh-hans"):
        with translation.override(language), pytest.raises(Invalid) as refused:
            act()
        said.append(
            {name: [str(text) for text in texts] for name, texts in refused.value.fields.items()}
        )
    english, chinese = said
    assert english.keys() == chinese.keys()
    for name, texts in english.items():
        assert all(text.isascii() or "×" in text for text in texts), texts
        assert all(any("\u4e00" <= sign <= "\u9fff" for sign in text) for text in chinese[name])
    return english
