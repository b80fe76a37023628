"""Saved searches of a person and what they found, for that person alone."""

from django.db.models import Count, Max, Q, QuerySet

from audit.log.actors import Actor
from audit.log.errors import NotFound
from exchange.parties.queries import user_of

from .models import SavedSearch
from .queries import LARGEST_PAGE, PAGE, TrailPage, entries_visible_to, page_of_entries, watches
from .states import SearchState


def searches_visible_to(actor: Actor) -> QuerySet[SavedSearch]:
    """Return the kept searches of the person who acts, with how many findings are unseen."""
    person = user_of(actor) if watches(actor) and actor.organization else None
    if person is None:
        return SavedSearch.objects.none()
    return (
        SavedSearch.objects.filter(
            owner=person, authority__reference=actor.organization, status=SearchState.KEPT
        )
        .select_related("owner", "authority")
        .annotate(
            found=Count("findings"),
            unseen=Count("findings", filter=Q(findings__seen_at__isnull=True)),
            last_found=Max("findings__found_at"),
        )
    )


def get_search_for(actor: Actor, reference: str) -> SavedSearch:
    """Return a saved search by reference; NotFound where it is somebody else's."""
    found = searches_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def unseen_findings(actor: Actor) -> int:
    """Return how many entries the person's searches found that were not opened yet."""
    return sum(search.unseen for search in searches_visible_to(actor))  # type: ignore[attr-defined]


def findings_of(
    actor: Actor, search: SavedSearch, *, before: int | None = None, limit: int = PAGE
) -> TrailPage:
    """Return the entries a saved search found, the newest first."""
    indexes = search.findings.order_by("-index")
    if before is not None:
        indexes = indexes.filter(index__lt=before)
    wanted = list(indexes.values_list("index", flat=True)[: max(1, min(limit, LARGEST_PAGE)) + 1])
    entries = entries_visible_to(actor).filter(leaf__index__in=wanted).select_related("leaf")
    return page_of_entries(entries.order_by("-leaf__index"), limit)
