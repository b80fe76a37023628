"""Over REST: a blocked release, what would help, a dry run, the order, the result; and checks."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.reactions import dispatch
from exchange.catalog.models import Release
from exchange.compliance.remedies import read_recipe, recipe_sha256
from exchange.compliance.services import screen_release
from exchange.parties.models import Organization
from exchange.vault.models import StoredObject
from tests.compliance.making import PERSONAL, csv_of, product_of, submitted

from .calling import Program, expect, problem, program_of

Log = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def programs(request: pytest.FixtureRequest, at: datetime) -> dict[str, Program]:
    """Return a program of each organization, with what it may do of reading and listing."""
    found = {}
    for name in ("provider", "buyer", "stranger", "regulator", "operator"):
        scopes = ("read", "list") if name == "provider" else ("read",)
        organization = request.getfixturevalue(f"{name}_org")
        actor = request.getfixturevalue(name)
        found[name] = program_of(organization, actor, at, *scopes)[0]
    return found


@pytest.fixture
def blocked(provider_org: Organization, provider: Actor, at: datetime) -> Release:
    """A release of names and numbers that the filter stopped."""
    release = submitted(product_of(provider_org, provider, at), provider, at, PERSONAL)
    screen_release(release=release, by=Actor.system("compliance"), at=at)
    return release


def test_a_blocked_release_is_mended_in_three_calls(
    blocked: Release,
    programs: dict[str, Program],
    at: datetime,
    django_capture_on_commit_callbacks: Any,
) -> None:
    program = programs["provider"]
    place = f"releases/{blocked.reference}"

    proposal = program.get(f"{place}/proposal?preset=PSEUDONYMS")
    told = program.post(f"{place}/derivations/preview", {"recipe": proposal["recipe"]})
    made = program.post(f"{place}/derivations", {"recipe": proposal["recipe"]}, status=201)
    with django_capture_on_commit_callbacks(execute=True):
        dispatch(at=at)

    assert [(each["column"], each["action"]) for each in proposal["columns"]] == [
        ("姓名", "drop"),
        ("身份证号", "pseudonym"),
    ]
    assert proposal["columns"][1]["entities"] == ["cn_resident_id"]
    assert "第七十三条" in proposal["columns"][1]["basis"]["zh"]
    assert proposal["recipe_sha256"] == recipe_sha256(read_recipe(proposal["recipe"]))
    assert (told["whole"], told["rows_read"], told["rows_out"]) == (True, 60, 60)
    assert told["before"]["columns"] == ["姓名", "身份证号"]
    assert (made["status"], made["recipe_sha256"]) == ("QUEUED", proposal["recipe_sha256"])
    done = program.get(f"derivations/{made['reference']}")
    assert (done["status"], done["progress"], done["rows_out"]) == ("DONE", 100, 60)
    assert done["derived_from"] == blocked.reference
    result = program.get(f"releases/{done['result']}")
    assert result["sha256"] == done["result_sha256"]
    assert result["number"] == 2
    listed = program.get(f"{place}/derivations")
    assert [each["reference"] for each in listed["results"]] == [made["reference"]]


def test_a_recipe_that_does_not_fit_is_refused_at_its_place(
    blocked: Release, programs: dict[str, Program], log: Log
) -> None:
    before = log()
    bad = {"steps": [{"do": "drop", "column": "没有"}]}

    answer = programs["provider"].call(
        "POST", f"releases/{blocked.reference}/derivations", {"recipe": bad}
    )

    errors = problem(answer, 422, "invalid")["errors"]
    assert [each["field"] for each in errors] == ["recipe.steps.0.column"]
    assert log() == before


def test_strangers_do_not_learn_of_the_release(
    blocked: Release, programs: dict[str, Program], log: Log
) -> None:
    before = log()
    for name in ("buyer", "stranger"):
        for path in ("proposal", "derivations"):
            assert programs[name].call(
                "GET", f"releases/{blocked.reference}/{path}"
            ).status_code in {
                403,
                404,
            }

    assert log() == before


def test_a_file_is_checked_and_not_kept(
    programs: dict[str, Program], provider: Actor, log: Log
) -> None:
    before, objects = log(), StoredObject.objects.count()
    file = io.BytesIO(csv_of(PERSONAL))
    file.name = "客户.csv"

    checked = expect(programs["provider"].send_file("screenings", file), 200)

    assert (checked["filename"], checked["outcome"], checked["error"]) == ("客户.csv", "BLOCK", "")
    report = checked["report"]
    assert {rule["id"] for rule in report["rules"]} >= {"R-PI-RAW"}
    found = {
        (column["name"], entity["type"], entity["distinct"])
        for column in report["columns"]
        for entity in column["entities"]
    }
    assert ("身份证号", "cn_resident_id", 60) in found
    assert not any(number in str(checked) for number in PERSONAL["身份证号"])
    assert log()[len(before) :] == [("compliance.file.checked", provider.organization)]
    assert StoredObject.objects.count() == objects


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"\x00\x01\x02"])
def test_what_cannot_be_read_is_refused_with_the_reason(
    programs: dict[str, Program], content: bytes
) -> None:
    file = io.BytesIO(content or b" ")
    file.name = "t.xlsx"

    checked: dict[str, Any] = expect(programs["provider"].send_file("screenings", file), 200)

    assert (checked["outcome"], checked["report"]) == ("REFUSED", {})
    assert checked["error"]


@pytest.mark.parametrize("name", ["buyer", "stranger", "regulator", "operator"])
def test_only_providers_have_files_checked(
    programs: dict[str, Program], name: str, log: Log
) -> None:
    before = log()
    file = io.BytesIO(csv_of(PERSONAL))
    file.name = "t.csv"

    assert programs[name].send_file("screenings", file).status_code == 403

    assert log() == before
