"""Time limits of the register: which one runs, and on which day it ends.

《算法推荐管理规定》第二十四条: filing within ten working days of the beginning of service, changes
within ten, cancellation within twenty; 第二十五条: decision within thirty.
"""

from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.rulebook.queries import NoPack, get_pack
from audit.rulebook.workdays import WEEKEND, add_workdays, workdays_until

from .models import Disclosure
from .states import EDITABLE, STANDING, WAITING, DisclosureState, Duty

KIND = "disclosure"


class Stage(models.TextChoices):
    """For which act a time limit of a disclosure runs."""

    FILE = "FILE", _("filing of a new algorithm")
    CHANGE = "CHANGE", _("filing of a change")
    MEND = "MEND", _("mending of a returned filing")
    DECIDE = "DECIDE", _("decision of the reviewer")
    CANCEL = "CANCEL", _("filing of the cancellation")


def workdays_for(act: str, on: date) -> int:
    """Return how many working days an act has by the rules of a day."""
    return int(get_pack(KIND, on=on).data["workdays"][act])


def due_after(day: date, count: int) -> date:
    """Return the `count`-th working day after `day`.

    In years that no calendar names, Monday to Friday are taken for working days: an algorithm may
    have been in service long before this register.
    """
    try:
        return add_workdays(day, count)
    except NoPack:
        left = count
        while left:
            day += timedelta(days=1)
            left -= day.weekday() not in WEEKEND
        return day


def left_until(on: date, due: date) -> int:
    """Return the working days that are left; negative once it is over."""
    try:
        return workdays_until(on, due)
    except NoPack:
        return (due - on).days


def filing_due(disclosure: Disclosure, before: Disclosure | None, on: date) -> date | None:
    """Return the last day for filing a draft, by what it says of service or change.

    `before` is the version in the register; None where nothing is known to have begun.
    """
    if before is None:
        began = disclosure.service_began_on
        return due_after(began, workdays_for("file", on)) if began else None
    changed = disclosure.changed_on
    if before.duty == Duty.CHANGE and before.duty_since is not None:
        changed = min(changed or before.duty_since, before.duty_since)
    return due_after(changed, workdays_for("change", on)) if changed else None


def stage_of(disclosure: Disclosure) -> Stage | None:
    """Return for which act the present time limit runs."""
    if disclosure.due_on is None:
        return None
    if disclosure.status == DisclosureState.RETURNED:
        return Stage.MEND
    if disclosure.status in EDITABLE:
        return Stage.CHANGE if disclosure.changed_on else Stage.FILE
    if disclosure.status in WAITING:
        return Stage.DECIDE
    if disclosure.status in STANDING and disclosure.duty:
        return Stage.CHANGE if disclosure.duty == Duty.CHANGE else Stage.CANCEL
    return None
