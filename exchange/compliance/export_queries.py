"""Exports for those who may see them: filings, the ledger, warnings, the year so far."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, NotAllowed, NotFound
from audit.rulebook.queries import day_of
from exchange.catalog.models import Product
from exchange.catalog.queries import current_release
from exchange.parties.models import Organization

from .export import Heads, Line, Place, standing
from .exports import (
    Ask,
    Weighed,
    count_year,
    export_rules,
    party_of,
    persons_under,
    processor_of,
    weigh,
)
from .filing_rules import watches, why_not_weigh
from .models import ExportFiling, ExportRecord, ExportStanding, ExportWarning, ExportYear
from .states import FilingState, Whereabouts


def filings_visible_to(actor: Actor) -> QuerySet[ExportFiling]:
    """Return the evidence an actor may read: its own organization's; the watch reads all."""
    rows = ExportFiling.objects.select_related("organization")
    return rows if watches(actor) else rows.filter(_own(actor, "organization__reference"))


def get_filing_for(actor: Actor, reference: str) -> ExportFiling:
    """Return one filing the actor may read; NotFound tells nothing about others."""
    found = filings_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound(_("There is no filing %(reference)s.") % {"reference": reference})
    return found


def filings_waiting(actor: Actor) -> QuerySet[ExportFiling]:
    """Return the evidence that waits to be verified by the actor."""
    rows = filings_visible_to(actor).filter(status=FilingState.FILED)
    return rows.exclude(organization__reference=actor.organization).order_by("filed_at", "pk")


def exports_visible_to(actor: Actor) -> QuerySet[ExportRecord]:
    """Return the lines of the ledger an actor may read: its own exports; the watch reads all."""
    rows = ExportRecord.objects.select_related(
        "route__release__product", "route__exporter", "route__recipient"
    )
    return rows if watches(actor) else rows.filter(_own(actor, "route__exporter__reference"))


def get_export_for(actor: Actor, reference: str) -> ExportRecord:
    """Return one line of the ledger the actor may read."""
    found = exports_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound(_("There is no export %(reference)s.") % {"reference": reference})
    return found


def warnings_visible_to(actor: Actor) -> QuerySet[ExportWarning]:
    """Return the warnings of lines: to the processor it concerns and to the watch."""
    rows = ExportWarning.objects.select_related("record__route__exporter")
    if watches(actor):
        return rows
    own = _organization(actor)
    return rows.filter(processor=processor_of(own)) if own else rows.none()


@dataclass(frozen=True, kw_only=True)
class OwnStanding:
    """Where an organization stands in the rules on export."""

    organization: Organization
    processor: str
    place: Whereabouts
    bay_area: bool
    zone: str
    critical: bool
    verified_at: datetime | None


@dataclass(frozen=True)
class YearSoFar:
    """How far one processor's year has come, line by line."""

    processor: str
    year: int
    heads: Heads
    lines: list[tuple[Line, int, int]]
    organizations: tuple[str, ...] = ()


def year_for(actor: Actor, at: datetime) -> YearSoFar | None:
    """Return the year so far of the actor's own processor."""
    own = _organization(actor)
    if own is None:
        return None
    processor, year = processor_of(own), day_of(at).year
    row = ExportYear.objects.filter(processor=processor, year=year).first()
    return _so_far(row or ExportYear(processor=processor, year=year), at)


def years_for(actor: Actor, at: datetime) -> list[YearSoFar]:
    """Return the year so far of every processor, the fullest first; for the watch only."""
    if not watches(actor):
        return []
    rows = ExportYear.objects.filter(year=day_of(at).year)
    counted = rows.filter(Q(ordinary__gt=0) | Q(sensitive__gt=0))
    return sorted(
        (_so_far(row, at) for row in counted),
        key=lambda each: (-max(share for _line, _count, share in each.lines), each.processor),
    )


@dataclass(frozen=True)
class Use:
    """How many persons left under a piece of evidence, of how many that it covers."""

    sensitive: bool
    used: int
    covered: int

    @property
    def left(self) -> int:
        """How many more may leave under it."""
        return max(0, self.covered - self.used)

    @property
    def percent(self) -> int:
        """How much of it is used, in whole percent."""
        return min(100, self.used * 100 // self.covered) if self.covered else 100


def uses_of(filing: ExportFiling) -> list[Use]:
    """Return how far a piece of evidence is used, ordinary and sensitive information apart."""
    used, scope = count_year(persons_under(filing)), filing.scope
    both = (
        Use(False, used.ordinary, scope["ordinary"]),
        Use(True, used.sensitive, scope["sensitive"]),
    )
    return [use for use in both if use.covered or use.used]


def standing_for(actor: Actor, at: datetime) -> OwnStanding | None:
    """Return where the actor's own organization stands, as verified or as its registration says."""
    own = _organization(actor)
    return standing_of(own, at) if own else None


def standing_of(organization: Organization, at: datetime) -> OwnStanding:
    """Return where an organization stands now, and whether somebody verified it."""
    verified = ExportStanding.objects.filter(organization=organization).first()
    party = party_of(organization, export_rules(at))
    return OwnStanding(
        organization=organization,
        processor=processor_of(organization),
        place=Whereabouts(party.place),
        bay_area=party.in_bay_area,
        zone=party.zone,
        critical=party.critical,
        verified_at=verified.set_at if verified else None,
    )


def weigh_for(
    actor: Actor,
    *,
    product: Product,
    recipient: Organization,
    seat: Place,
    access: frozenset[Place],
    use: str,
    at: datetime,
) -> Weighed:
    """Return what an order would need to leave, on what is on file now; counts and keeps nothing.

    For the provider of the product and the watch, and for a buyer about an order of its own.
    """
    if refusal := why_not_weigh(actor, product, recipient):
        raise NotAllowed(refusal)
    release = current_release(product)
    if release is None:
        raise Conflict(_("The product has no release that passed the screening."))
    ask = Ask(
        release=release,
        exporter=product.provider,
        recipient=recipient,
        seat=seat,
        access=access,
        use=use,
    )
    return weigh(ask, at)


def standings_visible_to(actor: Actor) -> QuerySet[ExportStanding]:
    """Return where organizations stand; the watch reads all, others their own."""
    rows = ExportStanding.objects.select_related("organization").order_by("organization__reference")
    return rows if watches(actor) else rows.filter(_own(actor, "organization__reference"))


def _so_far(row: ExportYear, at: datetime) -> YearSoFar:
    heads = Heads(ordinary=row.ordinary, sensitive=row.sensitive)
    exporters = ExportRecord.objects.filter(processor=row.processor, year=row.year)
    names = exporters.values_list("route__exporter__reference", flat=True).distinct()
    lines = standing(export_rules(at).lines, heads)
    return YearSoFar(row.processor, row.year, heads, lines, tuple(sorted(set(names))))


def _organization(actor: Actor) -> Organization | None:
    if not actor.organization:
        return None
    return Organization.objects.filter(reference=actor.organization).first()


def _own(actor: Actor, path: str) -> Q:
    return Q(**{path: actor.organization}) if actor.organization else Q(pk__in=())
