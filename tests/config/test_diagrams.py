"""The states as `manage.py diagrams` draws them: each has its own word in both languages."""

import pytest
from django.utils import translation

from audit.log.lifecycle import Lifecycle


@pytest.mark.parametrize("kind", sorted(Lifecycle.registry))
def test_no_state_borrows_the_word_of_a_time_column(kind: str) -> None:
    # One English word may head a column of times ("erased") and name a state; in Chinese they
    # differ, and the catalogs of all apps are one, so such a state needs a context of its own.
    with translation.override("zh-hans"):
        words = {str(state.label) for state in Lifecycle.registry[kind].states}
    assert not [word for word in words if word.endswith(("时间", "日期"))]


@pytest.mark.parametrize("kind", sorted(Lifecycle.registry))
def test_no_two_states_of_a_thing_share_a_word(kind: str) -> None:
    for language in ("en", "zh-hans"):
        with translation.override(language):
            words = [str(state.label) for state in Lifecycle.registry[kind].states]
        assert len(words) == len(set(words))
