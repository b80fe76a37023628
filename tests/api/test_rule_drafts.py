"""Writing rules over REST, and following their re-screening."""

from datetime import datetime
from typing import Any

from audit.log.actors import Actor
from audit.rulebook import queries as rulebook
from audit.rulebook.models import RuleDraft, RulePack
from audit.rulebook.toml import set_value
from exchange.compliance import services
from tests.rulebook.making import NO_DECLARATION, published

ROOT = "/api/v1/"


def test_a_version_is_written_approved_and_published(
    client_for: Any, regulator: Actor, colleague: Actor
) -> None:
    writer, second = client_for(regulator), client_for(colleague)
    body = {"kind": "compliance", "reason": "A stricter line"}
    draft = writer.post(f"{ROOT}rule-drafts", body, format="json").json()
    place = f"{ROOT}rule-drafts/{draft['reference']}"
    text = set_value(draft["text"], *NO_DECLARATION)
    weak = set_value(text, ("rules", "R-SECRET"), "action", "REVIEW")

    edit = {"expected_version": 1, "text": weak, "effective_on": "2026-12-10"}
    faulty = writer.patch(place, edit, format="json").json()
    refused = writer.post(f"{place}/propose")
    mended = writer.patch(place, {"expected_version": 2, "text": text}, format="json").json()
    late = writer.patch(place, {"expected_version": 2, "text": weak}, format="json")
    proposed = writer.post(f"{place}/propose").json()
    own = writer.post(f"{place}/approve", {"seal": proposed["seal"]}, format="json")
    stale = second.post(f"{place}/approve", {"seal": faulty["seal"]}, format="json")
    approved = second.post(f"{place}/approve", {"seal": proposed["seal"]}, format="json")
    pack = writer.post(f"{place}/publish").json()

    assert [fault["place"] for fault in faulty["faults"]] == ["rules.R-SECRET.action"]
    assert refused.status_code == 422
    assert mended["faults"] == []
    assert (late.status_code, own.status_code, stale.status_code) == (409, 403, 409)
    assert approved.json()["status"] == "APPROVED"
    assert (pack["reference"], pack["status"]) == ("compliance@2026-12-10", "PUBLISHED")
    rulebook.forget_packs()
    read = writer.get(f"{ROOT}rule-packs/{pack['reference']}").json()
    assert read["data"]["title"]
    gone = writer.post(
        f"{ROOT}rule-packs/{pack['reference']}/withdraw", {"reason": "Too strict"}, format="json"
    )
    assert gone.json()["status"] == "WITHDRAWN"
    assert RuleDraft.objects.get().status == "PUBLISHED"


def test_a_run_is_followed(
    client_for: Any, regulator: Actor, colleague: Actor, operator: Actor, at: datetime
) -> None:
    pack: RulePack = published(regulator, colleague, at)
    run = services.plan_rescreening(pack=pack.reference, by=Actor.system("compliance"), at=at)

    listed = client_for(operator).get(f"{ROOT}rescreenings").json()["results"]
    read = client_for(regulator).get(f"{ROOT}rescreenings/{run.reference}").json()

    assert [row["reference"] for row in listed] == [run.reference]
    assert read["progress"] == {
        "total": 0, "read": 0, "renewed": 0, "stopped": 0, "failed": 0, "left": 0,
    }  # fmt: skip
    assert (read["status"], read["pack"], read["foreseen"]) == ("PREPARING", pack.reference, {})
