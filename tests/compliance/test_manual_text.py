"""What the words of a product manual suggest, and what they do not."""

import csv
from pathlib import Path

import pytest

from exchange.catalog.vocabulary import Industry
from exchange.compliance.manual_text import (
    CLASSES,
    INDUSTRY_WORDS,
    THEME_WORDS,
    ManualHints,
    read_manual,
)
from exchange.compliance.states import PersonalClass

from .scanning import PACK


def hints(*texts: str) -> ManualHints:
    """Read a manual under the newest pack."""
    return read_manual(texts, PACK.data)


def test_words_belong_to_themes_of_the_pack_and_sections_of_the_standard() -> None:
    assert THEME_WORDS.keys() <= PACK.data["themes"].keys()
    assert tuple(INDUSTRY_WORDS) == tuple(Industry.values)
    assert set(PersonalClass.values) <= set(CLASSES)


@pytest.mark.parametrize(
    ("text", "theme", "suggested"),
    [
        ("某市地下管线数据", "PIPELINE", "IMPORTANT"),
        ("重点军事设施分布", "MILITARY_SITE", "CORE"),
        ("患者就诊记录数据集", "MEDICAL", "SENSITIVE"),
        ("个人信用评分接口", "CREDIT", "SENSITIVE"),
        ("三要素核验：姓名、身份证、手机号", "IDENTIFIED", "PERSONAL"),
        ("商圈客流统计", "PSEUDONYMOUS", "PSEUDONYMOUS"),
    ],
)
def test_words_suggest_a_theme_and_the_pack_grades_it(
    text: str, theme: str, suggested: str
) -> None:
    found = hints(text)

    assert theme in found.codes
    assert found.suggested == suggested
    assert all(word in text for hint in found.themes for word in hint.words)


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("医疗器械招投标中标结果", "ENTERPRISE"),
        ("企业信用评分", "ENTERPRISE"),
        ("涤纶短纤2021年度行情", "NONE"),
        ("长三角点位气温预报", "NONE"),
        ("", "NONE"),
    ],
)
def test_look_alikes_suggest_no_person(text: str, suggested: str) -> None:
    assert hints(text).suggested == suggested


def test_the_title_counts_most_for_the_section() -> None:
    assert hints("银行网点数据", "附近有医院、药品商店与学校").industry == "J"
    assert hints("无题").industry == ""


def test_more_is_told_only_if_it_is_graver_than_the_content() -> None:
    told = hints("患者就诊记录数据集")

    assert told.exceeds("GENERAL", "NONE")
    assert told.exceeds("GENERAL", "PERSONAL")
    assert not told.exceeds("GENERAL", "SENSITIVE")
    assert not told.exceeds("IMPORTANT", "NONE")


def test_every_real_listing_is_read(shared_data: Path) -> None:
    file = shared_data / "price-evidence" / "cn_data_exchange_listings.csv"
    with file.open(encoding="utf-8-sig", newline="") as content:
        rows = list(csv.DictReader(content))

    found = [hints(row["title"], row["description"]) for row in rows]

    assert len(found) == 2410
    assert all(each.suggested in CLASSES for each in found)
    assert {"IMPORTANT", "SENSITIVE", "ENTERPRISE", "NONE"} <= {each.suggested for each in found}
