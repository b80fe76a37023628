"""Working days as the State Council announces them, for terms that are counted in them."""

from datetime import date, timedelta

from .rules import ExportRules

SATURDAY = 5


def is_workday(day: date, rules: ExportRules) -> bool:
    """Whether a day is worked on: weekdays but holidays, and the weekends worked in exchange."""
    return day in rules.worked or (day.weekday() < SATURDAY and day not in rules.off)


def workdays_after(day: date, count: int, rules: ExportRules) -> date:
    """Return the day on which `count` working days after a day are over."""
    return _walk(day, count, 1, rules)


def workdays_before(day: date, count: int, rules: ExportRules) -> date:
    """Return the last day that is `count` working days before a day.

    Where the period touches a year whose holidays are not announced, the margin is added.
    """
    found = _walk(day, count, -1, rules)
    if {found.year, day.year} <= rules.announced:
        return found
    return _walk(day, count + rules.margin, -1, rules)


def _walk(day: date, count: int, step: int, rules: ExportRules) -> date:
    while count:
        day += timedelta(days=step)
        count -= is_workday(day, rules)
    return day
