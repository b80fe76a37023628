"""Lists of free trade zones, matched field by field."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from exchange.compliance.export import Party, Place, Situation, decide
from exchange.compliance.export.zones import BorderList, Match, match_zone, plain, read_list

from .making import duties, evidence, rules_in_effect, situation

ON = date(2026, 11, 23)
RULES = rules_in_effect()


def make_list(kind: str, fields: list[list[str]], **changes: Any) -> BorderList:
    entry = {
        "zone": "Z",
        "zone_en": "zone",
        "zone_zh": "区",
        "kind": kind,
        "version": "1",
        "valid_from": "2026-01-01",
        "valid_until": "2027-01-01",
        "source_en": "own",
        "source_zh": "自拟",
        "items": [{"scene": "车", "category": "件", "fields": fields}],
    }
    return read_list(entry | changes)


GENERAL = make_list("GENERAL", [["零件编号", "part_no"], ["批次", "lot"]])
NEGATIVE = make_list("NEGATIVE", [["轨迹", "track"]])
IMPORTANT = make_list("IMPORTANT", [["高精度轨迹", "hd_track"]])


def match(
    *lists: BorderList,
    columns: list[str],
    mapping: dict[str, str] | None = None,
    on: date = ON,
    zone: str = "Z",
    trial: bool = False,
) -> Match:
    return match_zone(lists, zone=zone, columns=columns, mapping=mapping or {}, on=on, trial=trial)


def test_every_column_has_to_be_on_a_list_of_general_data() -> None:
    assert match(GENERAL, columns=["Part No", "批次"]).exempt

    partly = match(GENERAL, columns=["part_no", "mobile"])

    assert not partly.exempt
    assert (partly.listed, partly.unlisted) == (("part_no",), ("mobile",))


def test_a_mapping_names_the_field_by_its_whole_path() -> None:
    columns = ["c1", "lot"]

    assert match(GENERAL, columns=columns, mapping={"c1": "车/件/零件编号"}).exempt
    assert not match(GENERAL, columns=columns, mapping={"c1": "车/件/发明"}).exempt
    assert not match(GENERAL, columns=columns, mapping={"lot": "车/件/发明"}).exempt


def test_a_negative_list_exempts_only_what_the_provider_spoke_for() -> None:
    spoken = {"price": "", "volume": ""}

    assert match(NEGATIVE, columns=["price", "volume"], mapping=spoken).exempt
    assert not match(NEGATIVE, columns=["price", "volume"], mapping={"price": ""}).exempt
    assert not match(NEGATIVE, columns=["price", "track"], mapping={"price": ""}).exempt


def test_one_column_of_important_data_is_enough() -> None:
    found = match(GENERAL, IMPORTANT, columns=["part_no", "hd-track"])

    assert found.important == ("hd-track",)
    assert not found.exempt


@pytest.mark.parametrize(("on", "holds"), [
    (date(2025, 12, 31), ""), (date(2026, 1, 1), "yes"),
    (date(2026, 12, 31), "yes"), (date(2027, 1, 1), ""),
])  # fmt: skip
def test_a_list_holds_for_its_time(on: date, holds: str) -> None:
    assert match(GENERAL, columns=["lot"], on=on).exempt is bool(holds)


def test_a_list_is_of_its_zone_and_a_trial_list_for_trials() -> None:
    trial = replace(GENERAL, demonstration=True)

    assert not match(GENERAL, columns=["lot"], zone="Y").exempt
    assert not match(GENERAL, columns=["lot"], zone="").exempt
    assert not match(trial, columns=["lot"]).exempt
    assert match(trial, columns=["lot"], trial=True).exempt


def test_nothing_is_exempt_by_having_no_columns() -> None:
    assert not match(GENERAL, NEGATIVE, columns=[]).exempt


def test_names_are_compared_without_width_case_and_separators() -> None:
    assert plain("Ｐart_No. ") == plain("part no") == "partno"


def test_a_kind_of_list_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind"):
        make_list("PARTIAL", [])


def from_zone(
    *, trial: bool, filed: bool, columns: tuple[str, ...] = ("subject", "dose")
) -> Situation:
    """Return an order of personal data out of the zone of the pack."""
    papers = duties()
    if filed:
        papers = (evidence("ZONE_FILING"), *papers)
    papers = tuple(
        replace(each, scope=replace(each.scope, fields=frozenset(columns))) for each in papers
    )
    asked = situation(200_000, filed=papers, trial_lists=trial)
    exporter = Party(reference="ORG-1", place=Place.MAINLAND, zone="LINGANG")
    return replace(
        asked,
        cargo=replace(asked.cargo, fields=columns),
        route=replace(asked.route, exporter=exporter),
    )


def test_the_list_of_a_zone_exempts_what_was_filed_there() -> None:
    decision = decide(from_zone(trial=True, filed=True), RULES)

    assert (decision.outcome, decision.ground) == ("EXEMPT", "ZONE")
    assert decision.evidence[0] == "X-ZONE_FILING"
    assert decision.allowed


def test_without_filing_or_with_a_column_beyond_the_list_the_persons_count() -> None:
    for asked in (
        from_zone(trial=True, filed=False),
        from_zone(trial=True, filed=True, columns=("subject", "mobile")),
        from_zone(trial=False, filed=True),
    ):
        assert decide(asked, RULES).rules[0] == "R-EXPORT-CONTRACT"


def test_a_column_of_the_zones_important_data_needs_the_assessment() -> None:
    decision = decide(from_zone(trial=True, filed=False, columns=("subject", "hd_track")), RULES)

    assert decision.rules[0] == "R-EXPORT-IMPORTANT"
    assert decision.zone.important == ("hd_track",)
