"""Looks at what is not public: each with its purpose, each an entry.

《网络数据安全管理条例》第五十三条: what supervision learns serves supervision only. Call a verb
before the records are shown: without the entry there is no look.
"""

import dataclasses
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, NotFound
from audit.log.models import Entry, EntryRef
from audit.log.queries import PARTY_KINDS
from audit.log.services import record
from exchange.oversight import rules
from exchange.oversight.events import ViewRecorded
from exchange.registry.fields import Field, Kind

from .texts import texts_of

PURPOSE = Field(
    name="purpose",
    label=gettext_lazy("purpose of the inspection"),
    help=gettext_lazy("What the inspection is for; it stands in the log."),
    kind=Kind.TEXT,
    required=True,
    max_length=200,
)
SCOPE_LIMIT = 1000

INSPECTED_KINDS = frozenset(ViewRecorded.references) - {"organization"}
"""Kinds of things whose inspection is recorded."""

COLLECTIONS = frozenset(
    {
        "accounts",
        "accreditations",
        "alerts",
        "algorithm_appeals",
        "algorithm_audits",
        "audit_findings",
        "cases",
        "certificates",
        "contracts",
        "decisions",
        "demands",
        "disclosures",
        "engagements",
        "evaluation_runs",
        "exports",
        "filings",
        "gradings",
        "grants",
        "inquiries",
        "members",
        "negotiations",
        "objects",
        "orders",
        "organizations",
        "pages",
        "price_reviews",
        "price_steps",
        "products",
        "releases",
        "retention",
        "screenings",
        "searches",
        "standings",
        "statements",
        "statistics",
        "statistics.export",
        "timeline.export",
        "tokens",
        "trail",
        "trail.export",
    }
)
"""Records of many parties that are inspected together."""


@transaction.atomic
def record_view(
    *, kind: str, reference: str, purpose: str, by: Actor, at: datetime, scope: str = ""
) -> Entry:
    """Record that an authority looks at one thing that is not public, and what for.

    The kind `party` is an organization that is looked at.
    """
    if refusal := rules.why_not_inspect(by):
        raise NotAllowed(refusal)
    texts = texts_of((PURPOSE,), purpose=purpose)
    if kind not in INSPECTED_KINDS:
        raise Invalid({"kind": [_("Inspections of this kind of record are not known.")]})
    if not _is_known(kind, reference):
        raise NotFound
    viewed = ViewRecorded(
        organization=by.organization,
        what=kind,
        purpose=texts["purpose"],
        scope=scope[:SCOPE_LIMIT],
    )
    return record(dataclasses.replace(viewed, **{kind: reference}), by=by, at=at)


@transaction.atomic
def record_inspection(
    *, what: str, purpose: str, by: Actor, at: datetime, scope: str = ""
) -> Entry:
    """Record that an authority reads records of many parties together, and what for.

    For the trail and lists, and what is taken away of them; `record_view` is for one thing.
    `scope` says which part was read, without names of persons.
    """
    if refusal := rules.why_not_inspect(by):
        raise NotAllowed(refusal)
    texts = texts_of((PURPOSE,), purpose=purpose)
    if what not in COLLECTIONS:
        raise Invalid({"what": [_("Inspections of this kind of record are not known.")]})
    viewed = ViewRecorded(
        organization=by.organization,
        what=what,
        purpose=texts["purpose"],
        scope=scope[:SCOPE_LIMIT],
    )
    return record(viewed, by=by, at=at)


def _is_known(kind: str, reference: str) -> bool:
    """Whether the log knows the thing; what it does not know, nobody can have looked at."""
    if kind == "entry":
        try:
            return Entry.objects.filter(id=UUID(reference)).exists()
        except ValueError:
            return False
    kinds = PARTY_KINDS if kind == "party" else (kind,)
    return EntryRef.objects.filter(kind__in=kinds, reference=reference).exists()
