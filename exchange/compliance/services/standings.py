"""The standing of organizations in the rules on export, as the watch verified it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from audit.log.services import record
from audit.rulebook.queries import day_of
from exchange.compliance import filing_rules as rules
from exchange.compliance.export import Place
from exchange.compliance.export_events import StandingSet
from exchange.compliance.exports import (
    count_year,
    export_rules,
    in_bay_area,
    persons_in,
    processor_of,
    records_of,
)
from exchange.compliance.models import ExportStanding, ExportYear
from exchange.parties.models import Organization


@transaction.atomic
def set_standing(
    *,
    organization: Organization,
    place: str,
    by: Actor,
    at: datetime,
    zone: str = "",
    critical: bool = False,
    counted_with: Organization | None = None,
) -> ExportStanding:
    """State where an organization is registered and with whom its exports are counted.

    `counted_with` is an organization of the same processor: a branch, or a second membership. The
    years of both are counted anew, so that what left before counts together, too.
    """
    if refusal := rules.why_not_set_standing(by, organization):
        raise NotAllowed(refusal)
    known = export_rules(at)
    problems = {}
    if place not in {str(each) for each in Place if each != Place.UNKNOWN}:
        problems["place"] = [_("Choose one of the places.")]
    if zone and (zone not in known.zones() or place != Place.MAINLAND):
        problems["zone"] = [_("There is no list of this zone in force.")]
    if counted_with == organization:
        problems["counted_with"] = [_("Name another organization.")]
    if problems:
        raise Invalid(problems)
    year, before = day_of(at).year, processor_of(organization)
    processor = processor_of(counted_with) if counted_with else _own(organization)
    for name in sorted({before, processor}):
        ExportYear.objects.get_or_create(processor=name, year=year)
        ExportYear.objects.select_for_update(of=("self",)).get(processor=name, year=year)
    standing, _created = ExportStanding.objects.update_or_create(
        organization=organization,
        defaults={
            "processor": processor,
            "place": place,
            "bay_area": place == Place.MAINLAND and in_bay_area(organization.region, known),
            "zone": zone,
            "critical": critical,
            "set_by": by.id,
            "set_at": at,
        },
    )
    for name in {before, processor}:
        total = count_year(persons_in(each) for each in records_of(name, year))
        ExportYear.objects.filter(processor=name, year=year).update(
            ordinary=total.ordinary, sensitive=total.sensitive
        )
    said = StandingSet(
        organization=organization.reference,
        processor=processor,
        place=place,
        bay_area=standing.bay_area,
        zone=zone,
        critical=critical,
    )
    record(said, by=by, at=at)
    return standing


def _own(organization: Organization) -> str:
    return organization.uscc or organization.reference
