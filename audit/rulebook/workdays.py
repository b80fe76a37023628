"""Working days (工作日), in which the law counts most of its time limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from .queries import NoPack, list_packs

KIND = "workdays"
WEEKEND = frozenset({5, 6})


@dataclass(frozen=True, kw_only=True)
class Year:
    """The days of one calendar year that are not what their weekday says."""

    holidays: frozenset[date]
    workdays: frozenset[date]
    provisional: bool


def is_workday(day: date) -> bool:
    """Whether offices work on `day`; raises NoPack for a year that no calendar names."""
    year = year_of(day)
    if day in year.workdays:
        return True
    return day.weekday() not in WEEKEND and day not in year.holidays


def add_workdays(day: date, count: int) -> date:
    """Return the `count`-th working day after `day`, which itself does not count.

    《民法典》第二百零一条: the day on which a time limit begins is not counted.
    """
    if count < 1:
        msg = f"{count} working days are no time limit"
        raise ValueError(msg)
    left = count
    while left:
        day += timedelta(days=1)
        left -= is_workday(day)
    return day


def workdays_until(day: date, end: date) -> int:
    """Return how many working days lie after `day` up to and with `end`; negative once it is over.

    On the day itself it is 0.
    """
    early, late, sign = (day, end, 1) if day <= end else (end, day, -1)
    days = (early + timedelta(days=number) for number in range(1, (late - early).days + 1))
    return sign * sum(is_workday(each) for each in days)


def year_of(day: date) -> Year:
    """Return the calendar of a day's year as the latest file that names it has it."""
    for pack in reversed(list_packs(KIND)):
        found: Mapping[str, Any] | None = pack.data["years"].get(str(day.year))
        if found is not None:
            return Year(
                holidays=frozenset(map(date.fromisoformat, found["holidays"])),
                workdays=frozenset(map(date.fromisoformat, found["workdays"])),
                provisional=bool(found["provisional"]),
            )
    msg = f"no calendar of working days names the year {day.year}"
    raise NoPack(msg)
