"""Paging by cursor: nothing twice, nothing lost, and damaged cursors are refused."""

from datetime import datetime, timedelta

import pytest
from django.http import QueryDict

from audit.log.errors import Invalid
from exchange.parties.models import Organization
from exchange.web.paging import CursorPage, paginate

ORDER = ("-applied_at", "pk")


@pytest.fixture
def seven(db: None, at: datetime) -> list[Organization]:
    """Seven organizations, several at the same instant."""
    return [
        Organization.objects.create(
            reference=f"ORG-{number}",
            uscc=f"{number:018d}",
            name=f"n{number}",
            roles=["BUYER"],
            status_since=at,
            applied_at=at - timedelta(minutes=number // 3),
        )
        for number in range(7)
    ]


def page(query: str) -> CursorPage[Organization]:
    """Return the page a query string names, two rows at a time."""
    return paginate(Organization.objects.all(), QueryDict(query.lstrip("?")), order=ORDER, size=2)


def names(shown: CursorPage[Organization]) -> list[str]:
    """Return what a page shows."""
    return [organization.name for organization in shown]


def test_walking_forward_and_back_shows_every_row_once(seven: list[Organization]) -> None:
    first = page("status=x&tag=a&tag=b")
    seen, shown = [names(first)], first
    while shown.next:
        assert "tag=a&tag=b" in shown.next
        shown = page(shown.next)
        seen.append(names(shown))

    assert seen == [["n0", "n1"], ["n2", "n3"], ["n4", "n5"], ["n6"]]
    assert not first.previous
    back = []
    while shown.previous:
        shown = page(shown.previous)
        back.append(names(shown))
    assert back == [["n4", "n5"], ["n2", "n3"], ["n0", "n1"]]


def test_rows_that_come_meanwhile_shift_nothing(seven: list[Organization], at: datetime) -> None:
    first = page("")
    Organization.objects.create(
        reference="ORG-NEW",
        uscc="9" * 18,
        name="new",
        roles=[],
        status_since=at,
        applied_at=at + timedelta(hours=1),
    )

    second = page(first.next)

    assert names(second) == ["n2", "n3"]
    assert names(page(second.previous)) == ["n0", "n1"]


def test_an_empty_list_has_no_neighbours(db: None) -> None:
    shown = page("")

    assert (len(shown), shown.previous, shown.next) == (0, "", "")


@pytest.mark.parametrize(
    "cursor",
    ["x", "!!!", "e30", "W10", "WzFd", "WyJub3QgYSBkYXRlIiwgMV0", "W1sxXSwgMV0", "<", "<x", "é",
     "W251bGwsIDFd", "W3siYSI6MX0sIDFd"],
)  # fmt: skip
def test_damaged_cursors_are_refused(seven: list[Organization], cursor: str) -> None:
    with pytest.raises(Invalid):
        paginate(Organization.objects.all(), {"cursor": cursor}, order=ORDER)
