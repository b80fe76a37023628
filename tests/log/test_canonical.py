"""Records as bytes: the fast way and the library's are one."""

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from audit.log.canonical import canonical
from audit.log.states import PeriodState

DOCUMENTS = st.dictionaries(
    st.text() | st.text("abc_"),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.binary(max_size=1),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.tuples(inner)
            | st.dictionaries(st.text() | st.text("abc_") | st.integers(), inner, max_size=4)
        ),
        max_leaves=12,
    ),
    max_size=4,
)


@given(DOCUMENTS)
@example({"\U0001f600": 1, "\ufb33": 2})  # sorted by UTF-16, not by code points
@example({"a": '\x00\x1f\x7f\u2028/"\\'})
@example({"a": "\ud800"})
@example({"a": 2**53 - 1, "b": 1 - 2**53, "c": PeriodState.OPEN})
@example({"a": 2**53})
@example({"a": -(2**53)})
def test_what_is_written_fast_is_written_as_rfc_8785_says(document: dict[str, object]) -> None:
    try:
        expected = rfc8785.dumps(document)  # type: ignore[arg-type]
    except rfc8785.CanonicalizationError as refusal:
        with pytest.raises(type(refusal)):
            canonical(document)
        return
    assert canonical(document) == expected


def test_canonical_form() -> None:
    document = {"€": "Euro", "\r": "CR", "1": [True, None, 7], "a": {"c": 1, "b": "数据"}}

    assert canonical(document) == (
        '{"\\r":"CR","1":[true,null,7],"a":{"b":"数据","c":1},"€":"Euro"}'.encode()
    )
    with pytest.raises(TypeError, match=r"a\[0\]\.b"):
        canonical({"a": [{"b": 1.0}]})
