"""Reading what is declared: shareholdings by code, signing persons and their ties by public id."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from audit.log.errors import Invalid
from exchange.parties.models import Member, Organization
from exchange.parties.rules import uscc_problem
from exchange.parties.states import MemberRole

Rows = list[dict[str, Any]]


def read_stakes(field: str, rows: Rows, *, own: str) -> Rows:
    """Return shareholdings with compact codes; Invalid names the row that cannot be one."""
    faults: dict[str, list[str]] = {}
    read: Rows = []
    for number, row in enumerate(rows):
        code = _code(row["uscc"], f"{field}.{number}.uscc", faults)
        if code == own:
            faults[f"{field}.{number}.uscc"] = [_("An organization holds no share of itself.")]
        if Decimal(row["share"]) <= 0:
            faults[f"{field}.{number}.share"] = [_("A share is above 0 and at most 1.")]
        read.append({"uscc": code, "name": row["name"], "share": row["share"]})
    if len({row["uscc"] for row in read}) != len(read):
        faults[field] = [_("Name each organization once.")]
    if field == "owners" and sum(Decimal(row["share"]) for row in read) > 1:
        faults[field] = [_("The shares add up to more than the whole.")]
    if faults:
        raise Invalid(faults)
    return read


def read_signers(organization: Organization, named: list[str]) -> list[str]:
    """Return the public ids of members named by e-mail address or id; who may sign, may act."""
    people = _people(organization)
    unknown = [name for name in named if name.strip().lower() not in people]
    if unknown:
        text = _("These are no members of yours who may act: %(names)s.")
        raise Invalid({"signers": [text % {"names": ", ".join(unknown)}]})
    return sorted({people[name.strip().lower()] for name in named})


def read_links(organization: Organization, rows: Rows, signers: list[str]) -> Rows:
    """Return the ties of signing persons, by public id and compact code."""
    people = _people(organization)
    faults: dict[str, list[str]] = {}
    read: Rows = []
    for number, row in enumerate(rows):
        person = people.get(row["person"].strip().lower(), "")
        if person not in signers:
            faults[f"links.{number}.person"] = [_("Name one of the signing persons.")]
        code = _code(row["uscc"], f"links.{number}.uscc", faults)
        read.append({"person": person, "kind": row["kind"], "uscc": code, "note": row["note"]})
    if faults:
        raise Invalid(faults)
    return read


def _people(organization: Organization) -> dict[str, str]:
    rows = Member.objects.filter(organization=organization, user__is_active=True)
    members = rows.exclude(role=MemberRole.VIEWER).select_related("user")
    people = [(member.user.email, str(member.user.public_id)) for member in members]
    return dict(people) | {person: person for _email, person in people}


def _code(text: str, path: str, faults: dict[str, list[str]]) -> str:
    code = text.strip().upper()
    if problem := uscc_problem(code):
        faults[path] = [problem]
    return code
