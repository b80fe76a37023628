"""Searches that a member of an authority keeps, and what they find while nobody looks.

A search compares the entries of the log from where it stopped last, and what it finds and how far
it came are one transaction: every entry is found once, and a crash loses none. A mail tells how
many new entries there are and where to read them, never what stands in them.
"""

import hashlib
import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.log import queries as log_queries
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.models import Leaf
from audit.log.references import new_reference
from audit.log.services import record
from exchange.oversight import rules
from exchange.oversight.events import SearchChanged, SearchRemoved, SearchSaved
from exchange.oversight.models import Finding, SavedSearch
from exchange.oversight.queries import CONFIDENTIAL
from exchange.oversight.search import Search
from exchange.oversight.states import SEARCH, Interval, SearchState
from exchange.parties.models import User
from exchange.parties.queries import actor_for_user, get_organization, user_of
from exchange.registry.fields import Field, Kind

from .texts import texts_of

logger = logging.getLogger(__name__)
NAME = Field(
    name="name",
    label=gettext_lazy("name of the search"),
    kind=Kind.TEXT,
    required=True,
    max_length=80,
)
MOST_KEPT = 50
BATCH = 50_000
"""Entries of the log that one search compares in one transaction."""


@transaction.atomic
def save_search(
    *,
    name: str,
    filters: Mapping[str, Any],
    alert: bool = True,
    interval: int = Interval.HOUR,
    by: Actor,
    at: datetime,
) -> SavedSearch:
    """Keep a search for the person behind `by`; it watches what is recorded from now on."""
    owner = _owner(by)
    kept = SavedSearch.objects.filter(owner=owner, status=SearchState.KEPT)
    if kept.count() >= MOST_KEPT:
        raise Conflict(_("You keep 50 searches already; remove one first."))
    search = _read(filters)
    saved = SavedSearch.objects.create(
        reference=new_reference("SS", at),
        owner=owner,
        authority=get_organization(by.organization),
        name=texts_of((NAME,), name=name)["name"],
        filters=search.said(),
        alert=alert,
        interval=_interval(interval),
        next_index=_size(),
        checked_at=at,
        created_at=at,
    )
    event = SearchSaved(
        search=saved.reference,
        organization=by.organization,
        filters_sha256=search.digest,
        alert=alert,
    )
    begin(saved, event=event, by=by, at=at)
    return saved


@transaction.atomic
def change_search(
    *,
    search: SavedSearch,
    name: str | None = None,
    alert: bool | None = None,
    interval: int | None = None,
    by: Actor,
    at: datetime,
) -> SavedSearch:
    """Rename a search, or have it give notice or not, and how often."""
    _check_owner(search, by)
    if search.status != SearchState.KEPT:
        raise Conflict(_("This search was removed."))
    if name is not None:
        search.name = texts_of((NAME,), name=name)["name"]
    if alert is not None:
        if alert and not search.alert:  # what was recorded meanwhile is no news
            search.next_index, search.checked_at = _size(), at
        search.alert = alert
    if interval is not None:
        search.interval = _interval(interval)
    search.save(update_fields=["name", "alert", "interval", "next_index", "checked_at"])
    event = SearchChanged(
        search=search.reference,
        organization=by.organization,
        filters_sha256=Search.of(search.filters).digest,
        alert=search.alert,
    )
    record(event, by=by, at=at)
    return search


def remove_search(*, search: SavedSearch, by: Actor, at: datetime) -> SavedSearch:
    """Let a search watch no longer."""
    _check_owner(search, by)
    event = SearchRemoved(search=search.reference, organization=by.organization)
    advance(search, SEARCH.remove, event=event, by=by, at=at)
    return search


def mark_seen(*, search: SavedSearch, indexes: Collection[int], by: Actor, at: datetime) -> int:
    """Note that the owner was shown the findings at `indexes`; return how many were new."""
    _check_owner(search, by)
    unseen = search.findings.filter(seen_at__isnull=True, index__in=indexes)
    return unseen.update(seen_at=at)


def run_due_searches(*, at: datetime) -> int:
    """Compare new entries for every search whose time has come; return how many were found."""
    watching = SavedSearch.objects.filter(alert=True, status=SearchState.KEPT)
    found = 0
    for search in watching.select_related("owner", "authority").order_by("checked_at", "pk"):
        if at - search.checked_at < timedelta(minutes=search.interval):
            continue
        try:
            found += _run(search, at)
            _tell(search)
        except Exception as error:
            logger.exception("saved search %s failed", search.reference)
            _note(search, attempts=search.attempts + 1, error=type(error).__name__)
        else:
            if search.attempts:
                _note(search, attempts=0)
    return found


def _note(search: SavedSearch, *, attempts: int, error: str = "") -> None:
    """Keep how often in a row a search failed, and with what; words of errors may name people."""
    SavedSearch.objects.filter(pk=search.pk).update(attempts=attempts, last_error=error[:100])


def _run(search: SavedSearch, at: datetime) -> int:
    """Compare up to the log's present end; nothing is compared for who may not watch any more."""
    actor = actor_for_user(search.owner, search.authority.reference)
    size = _size()
    if actor.organization != search.authority.reference or rules.why_not_inspect(actor):
        return 0
    found, start = 0, search.next_index
    while True:
        end = min(size, start + BATCH)
        found += _compare(search, start, end, at)
        if end >= size:
            return found
        start = end


@transaction.atomic
def _compare(search: SavedSearch, start: int, end: int, at: datetime) -> int:
    """Find what fits among the entries from `start` to `end`, unless a rival did."""
    rows = SavedSearch.objects.filter(pk=search.pk, status=SearchState.KEPT, next_index=start)
    if not rows.update(next_index=end, checked_at=at):
        return 0
    kept = Search.of(search.filters)
    entries = log_queries.trail(kept.filters()).filter(leaf__index__gte=start, leaf__index__lt=end)
    if not any(name.startswith(CONFIDENTIAL) for name in kept.events):
        entries = entries.exclude(name__startswith=CONFIDENTIAL)  # its own looks are no news
    indexes = entries.order_by().values_list("leaf__index", flat=True)
    findings = [Finding(search=search, index=index, found_at=at) for index in indexes]
    Finding.objects.bulk_create(findings, batch_size=1000)
    return len(findings)


def _tell(search: SavedSearch) -> None:
    """Send the owner one mail about findings it was not told of.

    It is marked as sent in the transaction that sends it, and its Message-ID says which findings
    it tells of: a crash between the two repeats the same mail, which mail readers show once.
    """
    with transaction.atomic():
        held = SavedSearch.objects.select_for_update(of=("self",)).get(pk=search.pk)
        new = held.findings.filter(pk__gt=held.mailed_to, seen_at__isnull=True)
        last = new.aggregate(last=Max("pk"))["last"]
        if last is None:
            return
        count = new.count()
        held.mailed_to = last
        held.save(update_fields=["mailed_to"])
        _mail(search, count, last)


def _mail(search: SavedSearch, count: int, last: int) -> None:
    owner: User = search.owner
    with translation.override(owner.language):
        subject = ngettext(
            "%(exchange)s: %(count)s new entry for a saved search",
            "%(exchange)s: %(count)s new entries for a saved search",
            count,
        ) % {"exchange": settings.EXCHANGE_NAME, "count": count}
        link = f"{settings.BASE_URL.rstrip('/')}/regulator/searches/{search.reference}/"
        body = _(
            "A search that you saved has found entries of the audit trail that were not there "
            "before: %(count)s.\n\nRead them after signing in; the purpose is asked for:\n%(link)s"
            "\n\nThis mail says nothing of what stands in them. Notices are switched off on the "
            "same page."
        ) % {"count": count, "link": link}
    mark = hashlib.sha256(f"{search.reference} {last}".encode()).hexdigest()[:32]
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    EmailMessage(
        subject=subject,
        body=body,
        to=[owner.email],
        headers={"Message-ID": f"<{mark}@{domain}>", "Auto-Submitted": "auto-generated"},
    ).send()


def _owner(by: Actor) -> User:
    if refusal := rules.why_not_inspect(by):
        raise NotAllowed(refusal)
    owner = user_of(by)
    if owner is None:
        raise NotAllowed(_("Only a person keeps searches."))
    return owner


def _check_owner(search: SavedSearch, by: Actor) -> None:
    owner = _owner(by)
    if search.owner_id != owner.pk or search.authority.reference != by.organization:
        raise NotAllowed(_("Only who saved a search changes it."))


def _read(filters: Mapping[str, Any]) -> Search:
    search = Search.of(filters)
    if not search.said():
        raise Invalid({"filters": [_("Say what to look for; a search for everything is none.")]})
    search.filters()
    return search


def _interval(minutes: int) -> int:
    if minutes not in Interval.values:
        raise Invalid({"interval": [_("There is no such interval.")]})
    return int(minutes)


def _size() -> int:
    """Return how many entries have their index."""
    last = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    return 0 if last is None else last + 1
