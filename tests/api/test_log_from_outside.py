"""The log as the exchange serves it, read by the stand-alone verifier and followed by a monitor."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client

from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.publishing import publish
from audit.log.receipts import receipt_for
from audit.log.signing import get_signer
from exchange.parties.models import Organization
from tests.log.writing import write_entries
from verify.chain import across_periods, verify_chain
from verify.errors import Contradiction, Missing, Withheld
from verify.monitor import Follower
from verify.policy import Policy
from verify.receipt import verify_receipt

from .calling import program_of

NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # midnight in Shanghai
EVE = NEW_YEAR - timedelta(seconds=1)


class Served:
    """The exchange's own pages as a place to read the log from."""

    fetches = 1

    def __init__(self, client: Client, address: str = "/audit", secret: str = "") -> None:
        self.client, self.address, self.secret = client, address, secret

    def read(self, path: str, limit: int) -> bytes:
        headers = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        answer = self.client.get(f"{self.address}/{path}", headers=headers)
        if answer.status_code != 200:
            raise Withheld(f"{path}: {answer.status_code}")
        assert len(answer.content) <= limit
        return bytes(answer.content)

    def may_hold(self, path: str) -> bool:
        return bool(path)

    def below(self, name: str) -> "Served":
        return Served(self.client, f"{self.address}/{name}", self.secret)

    def names(self) -> None:
        """Servers do not list."""


@pytest.fixture
def keys(db: None) -> Policy:
    """The key of the year 2026 alone."""
    return Policy.of_keys([get_signer("log", origin="localhost/audit/2026").verifier])


def turn_the_year() -> None:
    write_entries(300, EVE)
    publish(at=EVE)
    publish(at=NEW_YEAR)
    write_entries(4, NEW_YEAR, first=300)
    publish(at=NEW_YEAR)


def test_everybody_can_check_the_hashes(client: Client, keys: Policy) -> None:
    turn_the_year()

    report = verify_chain(Served(client), keys)

    assert [each.signed.head.origin for each in report.logs] == [
        "localhost/audit/2026",
        "localhost/audit/2027",
    ]
    assert not report.linked
    assert [each.entries for each in report.logs] == [301, 6]


def test_the_regulator_can_check_everything(
    client: Client, keys: Policy, regulator_org: Organization, regulator: Actor, at: datetime
) -> None:
    program, _token = program_of(regulator_org, regulator, at, "read", "audit")
    turn_the_year()

    report = verify_chain(Served(client, secret=program.secret), keys)

    assert report.linked
    assert verify_chain(Path(django_settings.AUDIT_LOG_DIR), keys).linked
    assert json.loads(report.logs[1].first or b"")["type"] == "log.period.opened"


def test_a_key_of_last_year_proves_a_receipt_of_this_one(keys: Policy) -> None:
    turn_the_year()
    entry = Entry.objects.order_by("-position")[0]

    proved = verify_receipt(receipt_for(entry).encode(), across_periods(keys))

    assert proved.head.origin == "localhost/audit/2027"


def test_a_monitor_follows_the_exchange_over_the_turn_of_the_year(
    client: Client, keys: Policy, tmp_path: Path
) -> None:
    follower = Follower(Served(client), keys, tmp_path)
    with pytest.raises(Missing):
        follower.look()
    write_entries(10, EVE)
    publish(at=EVE)
    assert [each.signed.head.size for each in follower.look()] == [10]
    write_entries(300, EVE, first=10)
    publish(at=EVE)
    assert [each.signed.head.size for each in follower.look()] == [310]

    publish(at=NEW_YEAR)

    seen = [(each.signed.head.origin[-4:], each.before) for each in follower.look()]
    assert seen == [("2026", 310), ("2027", None)]
    assert [each.signed.head.origin[-4:] for each in follower.look()] == ["2027"]


def test_a_restored_folder_is_noticed_by_the_monitor(
    client: Client, keys: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verify.monitor.LOOK_PAUSE_SECONDS", 0)
    folder = Path(django_settings.AUDIT_LOG_DIR) / "2026"
    write_entries(10, EVE)
    publish(at=EVE)
    old = (folder / "checkpoint").read_bytes()
    write_entries(10, EVE, first=10)
    publish(at=EVE)
    follower = Follower(Served(client), keys, tmp_path)
    follower.look()
    (folder / "checkpoint").write_bytes(old)

    with pytest.raises(Contradiction, match="went back from 20 entries to 10") as found:
        follower.look()

    assert found.value.seen == old
