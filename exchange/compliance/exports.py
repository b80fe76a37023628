"""Reading for the export gate: who stands where, what is on file, how far the year has come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet

from audit.rulebook.queries import day_of, get_pack
from exchange.catalog.models import Release
from exchange.parties.models import Organization

from .export import (
    OUTSIDE,
    Cargo,
    Decision,
    ExportRules,
    Filed,
    Heads,
    Party,
    Place,
    Route,
    Scope,
    Situation,
    decide,
    read_rules,
)
from .export.counting import Persons, count_persons
from .models import (
    ExportFiling,
    ExportRecord,
    ExportRoute,
    ExportStanding,
    KeySketch,
    Screening,
)
from .sketches import unite
from .states import FilingState, Grade, PersonalClass

USCC_LENGTH = 18
NAMED: dict[Place, tuple[str, ...]] = {
    Place.HK: ("香港", "hong kong"),
    Place.MO: ("澳门", "澳門", "macao", "macau"),
    Place.TW: ("台湾", "臺灣", "taiwan"),
}
GENETIC = "HUMAN_GENETIC"


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What is to be weighed: one release, from whom to whom, and from where it will be read."""

    release: Release
    exporter: Organization
    recipient: Organization
    seat: Place
    access: frozenset[Place]
    use: str = ""


@dataclass(frozen=True)
class Weighed:
    """A decision with what it was made from."""

    ask: Ask
    situation: Situation
    decision: Decision
    rules: ExportRules


def export_rules(at: datetime) -> ExportRules:
    """Return the rules in effect; without any, NoPack stops every export."""
    pack = get_pack("export", on=day_of(at))
    return read_rules(pack.label, pack.data)


def matters(release: Release) -> bool:
    """Whether a release may not leave without a mechanism or a ground on record."""
    return release.grade != Grade.GENERAL or release.personal != PersonalClass.NONE


def weigh(ask: Ask, at: datetime) -> Weighed:
    """Decide an export on what is on file now; counts nothing."""
    rules = export_rules(at)
    cargo = cargo_of(ask.release, ask.use)
    processor = processor_of(ask.exporter)
    records = records_of(processor, day_of(at).year)
    earlier = [persons_in(record) for record in records]
    situation = Situation(
        cargo=cargo,
        route=Route(
            exporter=party_of(ask.exporter, rules),
            recipient=party_of(ask.recipient, rules),
            seat=ask.seat,
            access=ask.access,
        ),
        so_far=count_year(earlier),
        with_cargo=count_year([*earlier, persons_of(ask.release, cargo)]),
        filed=tuple(_filed(each, ask.release) for each in filings_of(processor)),
        on=day_of(at),
        trial_lists=settings.EXPORT_DEMONSTRATION_LISTS,
    )
    return Weighed(ask, situation, decide(situation, rules), rules)


def weigh_route(route: ExportRoute, at: datetime) -> Weighed:
    """Decide the export of an order's declared route on what is on file now."""
    return weigh(ask_of(route), at)


def ask_of(route: ExportRoute) -> Ask:
    """Return what an order's declared route asks for."""
    return Ask(
        release=route.release,
        exporter=route.exporter,
        recipient=route.recipient,
        seat=Place(route.seat),
        access=frozenset(map(Place, route.access)),
        use=route.use,
    )


def route_of(order: str) -> ExportRoute | None:
    """Return the declared route of an order, if one was asked for."""
    rows = ExportRoute.objects.select_related("release__product", "exporter", "recipient")
    return rows.filter(order=order).first()


def cargo_of(release: Release, use: str) -> Cargo:
    """Return what would leave with a release, as its screening found it."""
    screening = Screening.objects.filter(reference=release.screening).first()
    report: dict[str, Any] = screening.report if screening else {}
    themes = {theme["code"] for theme in report.get("themes", ())}
    personal = release.personal or PersonalClass.SENSITIVE
    persons = int(report.get("persons") or 0) or release.rows
    sensitive = personal == PersonalClass.SENSITIVE
    return Cargo(
        grade=release.grade or Grade.CORE,
        personal=personal,
        heads=Heads(
            ordinary=persons if personal != PersonalClass.NONE and not sensitive else 0,
            sensitive=persons if sensitive else 0,
        ),
        genetic=GENETIC in themes,
        product=release.product.reference,
        fields=tuple(release.column_names),
        use=use,
    )


def persons_of(release: Release, cargo: Cargo) -> Persons:
    """Return the persons of a release for the count of the year."""
    return _with_sketch(release, cargo.heads)


def persons_in(record: ExportRecord) -> Persons:
    """Return the persons that a line of the ledger counted."""
    heads = Heads(ordinary=record.ordinary, sensitive=record.sensitive)
    return _with_sketch(record.route.release, heads)


def count_year(each: Iterable[Persons]) -> Heads:
    """Return the distinct persons of a year, as far as sketches tell one from another."""
    return count_persons(each, _unite)


def _unite(sketches: Sequence[bytes]) -> tuple[int, bool]:
    together = unite(sketches)
    return together.estimate(), together.is_exact


def _with_sketch(release: Release, heads: Heads) -> Persons:
    """Add what tells the persons of a release from those of others: the sketch of its keys."""
    rows = KeySketch.objects.filter(volume__release=release, kind=F("volume__main_kind"))
    found = rows.first()
    return Persons(
        content=release.sha256,
        heads=heads,
        kind=found.kind if found else "",
        sketch=bytes(found.sealed) if found else b"",
    )


def processor_of(organization: Organization) -> str:
    """Return the number under which an organization's exports are counted: one per legal person."""
    standing = ExportStanding.objects.filter(organization=organization).first()
    return standing.processor if standing else organization.uscc or organization.reference


def members_of(processor: str) -> Q:
    """Return the condition on organizations that are counted under a number."""
    own = Q(uscc=processor) | Q(reference=processor)
    return Q(export_standing__processor=processor) | (Q(export_standing__isnull=True) & own)


def records_of(processor: str, year: int) -> QuerySet[ExportRecord]:
    """Return the year's lines of all organizations that are counted under a number now."""
    members = Organization.objects.filter(members_of(processor))
    rows = ExportRecord.objects.select_related("route__release")
    return rows.filter(route__exporter__in=members, year=year).order_by("pk")


def filings_of(processor: str) -> QuerySet[ExportFiling]:
    """Return the evidence on file of all organizations that are counted under a number."""
    live = (FilingState.FILED, FilingState.VERIFIED)
    members = Organization.objects.filter(members_of(processor))
    return ExportFiling.objects.filter(organization__in=members, status__in=live).order_by("pk")


def party_of(organization: Organization, rules: ExportRules) -> Party:
    """Return where an organization stands: as verified, or as its registration tells."""
    standing = ExportStanding.objects.filter(organization=organization).first()
    if standing:
        return Party(
            reference=organization.reference,
            place=Place(standing.place),
            in_bay_area=standing.bay_area,
            zone=standing.zone,
            critical=standing.critical,
        )
    place = place_of(organization)
    return Party(
        reference=organization.reference,
        place=place,
        in_bay_area=place == Place.MAINLAND and in_bay_area(organization.region, rules),
    )


def place_of(organization: Organization) -> Place:
    """Return where an organization is, from its standing or its registration.

    The words of its region go first; a credit code is given to legal persons of the mainland only.
    """
    standing = ExportStanding.objects.filter(organization=organization).first()
    if standing:
        return Place(standing.place)
    region = organization.region.casefold()
    for place, names in NAMED.items():
        if any(name in region for name in names):
            return place
    return Place.MAINLAND if len(organization.uscc) == USCC_LENGTH else Place.UNKNOWN


def in_bay_area(region: str, rules: ExportRules) -> bool:
    """Whether a region of registration is in one of the nine cities."""
    said = region.casefold()
    return any(name.casefold() in said for pair in rules.cities for name in pair)


def leaves(ask: Ask) -> bool:
    """Whether what is asked for is an export: anybody or anything of it is outside."""
    return bool({place_of(ask.recipient), ask.seat, *ask.access} & OUTSIDE)


def _filed(filing: ExportFiling, release: Release) -> Filed:
    scope = filing.scope
    until = filing.valid_until
    if filing.file_by and not filing.authority_filed_on:
        late = filing.file_by + timedelta(days=1)
        until = min(until, late) if until else late
    return Filed(
        reference=filing.reference,
        kind=filing.kind,
        scope=Scope(
            uses=frozenset(scope["uses"]),
            recipients=frozenset(scope["recipients"]),
            products=frozenset(scope["products"]),
            fields=frozenset(scope["fields"]),
            places=frozenset(map(Place, scope["places"])),
            heads=Heads(ordinary=scope["ordinary"], sensitive=scope["sensitive"]),
        ),
        verified=filing.status == FilingState.VERIFIED,
        valid_from=filing.valid_from,
        valid_until=until,
        ground=filing.ground,
        partner=filing.partner,
        mapping=filing.mapping,
        used=_used(filing, release),
    )


def persons_under(filing: ExportFiling) -> list[Persons]:
    """Return the persons of each export that rests on a filing."""
    rows = ExportRecord.objects.select_related("route__release").filter(
        route__exporter=filing.organization_id
    )
    return [persons_in(record) for record in rows if filing.reference in record.filings]


def _used(filing: ExportFiling, release: Release) -> Heads:
    """Count the persons that left under a filing, other than those of this release."""
    others = persons_under(filing)
    return count_year(each for each in others if each.content != release.sha256)


def read_from(ask: Ask, place: str) -> Ask:
    """Return what one access asks for: the same, read from this place only.

    `place` is empty where there was no request: the exchange's own work, in its own house.
    """
    return replace(ask, access=frozenset({Place(place) if place else Place.MAINLAND}))
