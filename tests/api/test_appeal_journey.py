"""An appeal over HTTP, from the block to the answer; a failed screening, repeated."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from exchange.compliance.services import screening as screening_module
from tests.compliance.making import CLEAN, PERSONAL

from .calling import expect, problem
from .casting import PURPOSE, Cast, offered

GROUNDS = "The numbers are those of the machines, not of persons; see the maker's letter."


def evidence(cast: Cast) -> str:
    """Return the reference of a letter that stands beside an appeal."""
    letter = SimpleUploadedFile("letter.pdf", b"%PDF-1.7 letter", "application/pdf")
    stored = expect(cast.seller.send_file("objects", letter, purpose="EVIDENCE"), 201)
    return str(stored["reference"])


def appealed(cast: Cast) -> tuple[str, dict[str, Any]]:
    """Return a blocked release, and the appeal against its block."""
    _product, release = offered(cast, PERSONAL)
    blocked = cast.seller.get(f"releases/{release}")
    assert blocked["status"] == "BLOCKED"
    read = cast.seller.get(f"screenings/{blocked['screening']}")
    assert (read["outcome"], "R-PI-RAW" in read["rules"]) == ("BLOCK", True)
    said = {
        "screening": blocked["screening"],
        "wish": "RESCREEN",
        "grounds": GROUNDS,
        "documents": [evidence(cast)],
    }
    return release, dict(cast.seller.post("appeals", said, status=201))


def test_an_appeal_from_the_block_to_the_answer(cast: Cast) -> None:
    release, appeal = appealed(cast)
    path = f"appeals/{appeal['reference']}"
    (document,) = appeal["documents"]
    again = {"screening": appeal["screening"], "wish": "RESCREEN", "grounds": GROUNDS}
    problem(cast.seller.call("POST", "appeals", again, key="twice"), 409, "conflict")

    letter = f"{path}/documents/{document['object']}"
    assert cast.taker.call("GET", letter).status_code == 404
    problem(cast.watch.call("GET", letter), 428, "purpose-needed")
    for reader in (cast.floor, cast.watch):
        assert reader.call("GET", letter, **PURPOSE).getvalue() == b"%PDF-1.7 letter"
    assert cast.seller.call("GET", letter).getvalue() == b"%PDF-1.7 letter"
    foreign = f"{path}/documents/{evidence(cast)}"
    assert cast.floor.call("GET", foreign).status_code == 404

    answer = {"answer": "RESCREEN", "reason": "The letter is plausible; read it again."}
    assert cast.seller.call("POST", f"{path}/answer", answer, key="own").status_code == 403
    answered = cast.floor.post(f"{path}/answer", answer)
    assert (answered["status"], answered["answer"]) == ("RESCREENED", answer["reason"])
    cast.settle()

    read = cast.seller.get(f"releases/{release}")
    assert read["status"] == "BLOCKED"
    assert read["screening"] != appeal["screening"]
    problem(cast.floor.call("POST", f"{path}/answer", answer, key="l"), 409, "conflict")


def test_an_appeal_that_is_answered_by_upholding_the_block(cast: Cast) -> None:
    release, appeal = appealed(cast)
    path = f"appeals/{appeal['reference']}"

    said = {"answer": "UPHOLD", "reason": "They are identity numbers."}
    upheld = cast.watch.post(f"{path}/answer", said)
    cast.settle()

    assert upheld["status"] == "UPHELD"
    assert cast.seller.get(f"releases/{release}")["status"] == "BLOCKED"
    assert cast.seller.get(path)["answer"] == "They are identity numbers."
    problem(cast.seller.call("POST", f"{path}/withdraw", {}), 409, "wrong-state")


def test_a_screening_that_failed_is_repeated(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        message = "the disk is gone"
        raise OSError(message)

    with monkeypatch.context() as patch:
        patch.setattr(screening_module, "read_content", broken)
        _product, release = offered(cast, CLEAN)
    blocked = cast.seller.get(f"releases/{release}")
    failed = cast.seller.get(f"screenings/{blocked['screening']}")
    assert (blocked["status"], failed["status"]) == ("BLOCKED", "FAILED")
    path = f"screenings/{failed['reference']}/retry"
    assert cast.taker.call("POST", path, {}, key="t").status_code in {403, 404}

    queued = cast.seller.post(path)
    cast.settle()

    assert (queued["status"], queued["release"]) == ("QUEUED", release)
    cleared = cast.seller.get(f"releases/{release}")
    assert cleared["status"] == "CLEARED"
    again = problem(cast.seller.call("POST", path, {}, key="x"), 409, "conflict")
    assert "read again" in again["detail"]
    done = f"screenings/{cleared['screening']}/retry"
    read = problem(cast.seller.call("POST", done, {}, key="y"), 409, "conflict")
    assert "failed" in read["detail"]


def test_a_file_that_cannot_be_read_three_times_is_not_tried_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(screening_module, "read_content", broken)
    _product, release = offered(cast, CLEAN)
    for _time in range(2):
        failed = cast.seller.get(f"releases/{release}")["screening"]
        cast.seller.post(f"screenings/{failed}/retry")
        cast.settle()
    failed = cast.seller.get(f"releases/{release}")["screening"]

    answer = cast.seller.call("POST", f"screenings/{failed}/retry", {}, key="fourth")

    assert "three times" in problem(answer, 409, "conflict")["detail"]
