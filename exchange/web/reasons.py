"""Reasons that the exchange itself writes into a record, in the reader's language."""

import json

from django.utils.translation import gettext as _

from audit.log.queries import entries_for
from exchange.compliance.models import Case
from exchange.compliance.states import CaseState


def reason_of(case: Case) -> str:
    """Return why a case is as it is; of one that was closed without a decision, the log knows."""
    return in_words(_why_closed(case) if case.status == CaseState.CLOSED else case.reason)


def in_words(reason: str) -> str:
    """Return a reason in the reader's language where a program wrote it, else as it stands."""
    known = {
        "withdrawn": _("The provider took the release back."),
        "The release is read again.": _("The release is read again."),
        "The release was read again.": _("The release was read again."),
    }
    return known.get(reason, reason)


def _why_closed(case: Case) -> str:
    closed = entries_for("case", case.reference).filter(name="compliance.case.closed")
    entry = closed.order_by("-position").first()
    return str(json.loads(bytes(entry.data))["body"]["reason"]) if entry else case.reason
