"""Rule packs: versions by date, published once, never rewritten."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, NotAllowed
from audit.rulebook import queries, shelf
from audit.rulebook.models import RulePack
from audit.rulebook.services import publish_packs

Log = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def packs(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for version, rate in {"2026-01-01": "0.10", "2026-06-01": "0.20"}.items():
        file = tmp_path / "fees" / f"{version}.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f'rate = "{rate}"\n')
    monkeypatch.setattr(shelf, "PACKS", tmp_path)
    queries.forget_packs()
    yield tmp_path
    queries.forget_packs()


def test_the_version_in_effect_is_the_latest_begun(packs: Path) -> None:
    assert queries.get_pack("fees", on=date(2026, 5, 31)).data == {"rate": "0.10"}
    assert queries.get_pack("fees", on=date(2026, 6, 1)).label == "fees@2026-06-01"


def test_before_the_first_version_there_are_no_rules(packs: Path) -> None:
    with pytest.raises(queries.NoPack, match="2025-12-31"):
        queries.get_pack("fees", on=date(2025, 12, 31))


def test_publishing_records_each_version_once(
    packs: Path, operator: Actor, at: datetime, log: Log
) -> None:
    published = publish_packs(by=operator, at=at)
    again = publish_packs(by=operator, at=at)

    assert [pack.reference for pack in published] == ["fees@2026-01-01", "fees@2026-06-01"]
    assert again == []
    assert log() == [
        ("rulebook.pack.published", "fees@2026-01-01"),
        ("rulebook.pack.published", "fees@2026-06-01"),
    ]


def test_a_published_version_cannot_be_rewritten(
    packs: Path, operator: Actor, at: datetime, log: Log
) -> None:
    publish_packs(by=operator, at=at)
    (packs / "fees" / "2026-06-01.toml").write_text('rate = "0.99"\n')
    queries.forget_packs()
    before = log()

    with pytest.raises(Conflict, match="new version"):
        publish_packs(by=operator, at=at)

    assert log() == before


def test_members_of_the_market_publish_no_rules(
    packs: Path, provider: Actor, at: datetime, log: Log
) -> None:
    with pytest.raises(NotAllowed):
        publish_packs(by=provider, at=at)

    assert not RulePack.objects.exists()
    assert log() == []
