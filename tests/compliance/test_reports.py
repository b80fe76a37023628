"""The report: complete, without floats, in both languages."""

from datetime import datetime
from typing import Any

from audit.log.canonical import canonical
from exchange.compliance.reports import entity_names, make_report, rules_in_words

from .making import PERSONAL
from .scanning import PACK, judge, read


def report_on(columns: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Return the report on a table."""
    return make_report(
        report=read(columns), verdict=judge(columns), pack=PACK, sha256="0" * 64, at=at
    )


def test_report_is_canonical_and_the_same_every_time(at: datetime) -> None:
    columns = dict(PERSONAL)

    assert canonical(report_on(columns, at)) == canonical(report_on(columns, at))


def test_report_names_rules_columns_and_what_to_do_in_both_languages(at: datetime) -> None:
    report = report_on(dict(PERSONAL), at)

    english, chinese = rules_in_words(report, "en"), rules_in_words(report, "zh-hans")

    assert [rule["id"] for rule in english] == ["R-PI-RAW", "R-SPI"]
    assert english[1]["title"] == "Sensitive personal information"
    assert chinese[1]["title"] == "敏感个人信息"
    assert chinese[1]["basis"].startswith("《个人信息保护法》")
    assert {each["column"] for each in chinese[1]["evidence"]} == {"姓名", "身份证号"}


def test_every_kind_of_content_has_a_name_in_both_languages() -> None:
    for language in ("en", "zh-hans"):
        names = entity_names(PACK, language)
        assert names["minor_birth"]
        for code, entry in PACK.data["entities"].items():
            assert names[code]
            assert entry["category"]
            assert entry["nature"] in {"DIRECT", "PSEUDONYM", "TRAIT", "THING"}
