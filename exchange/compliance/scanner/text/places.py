"""Postal addresses in running text: regions of the dictionary, roads, houses and rooms."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from .triggers import Cue, Stretch

_HAN: Final = "㐀-鿿"
_ABROAD: Final = ("台湾省", "香港特别行政区", "澳门特别行政区")
_SHORT: Final = (
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|"
    "湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|"
    "内蒙古|广西|西藏|宁夏|新疆|台湾|香港|澳门|深圳|广州|杭州|南京|武汉|成都|西安|苏州|"
    "天津|青岛|大连|厦门|宁波"
)
_UNIT: Final = (
    "特别行政区|自治区|自治州|自治县|自治旗|新区|开发区|高新区|街道|地区|省|市|州|盟|"
    "区|县|旗|镇|乡|村"
)
_ROAD: Final = "高速公路|国道|省道|大道|公路|胡同|大街|路|街|道|巷|弄|(?<![公千海英])里|线|组|队"
_ESTATE: Final = (
    "小区|花园|公寓|大厦|广场|家园|庄园|新村|中心|产业园|科技园|工业园|软件园|创业园|"
    "园区|家属院|宿舍|大院|城|苑|园|湾|府|庭|庄|屯"
)
_DOOR: Final = "号楼|号院|号|弄|栋|幢|座|楼|单元|层|室|户|房|门|排|铺|檔|座楼"
_COUNT: Final = r"[0-9A-Za-z甲乙丙丁一二三四五六七八九十百零〇东西南北附\-#之]{1,12}"
_PART: Final = rf"[{_HAN}A-Za-z0-9·]{{1,12}}?"
_REGIONS: Final = rf"(?:{_PART}(?:{_UNIT})){{0,6}}"
_STREET: Final = rf"(?:{_PART}(?:{_ROAD})){{1,3}}"
_SECTION: Final = r"(?:[东西南北中]?[一二三四五六七八九十0-9]{1,2}段)?"
_HOUSE: Final = rf"(?:\s?{_COUNT}(?:{_DOOR}))"
_ROOM: Final = r"(?:(?<=[号栋幢座楼元层])\s?[0-9]{2,5}(?![0-9年月日元岁.]))?"
_NAMED: Final = rf"(?:[{_HAN}A-Za-z0-9·]{{1,12}}?(?:{_ESTATE}))"
_INSIDE: Final = rf"(?:{_NAMED}{_HOUSE}*|[{_HAN}]{{2,8}}?{_HOUSE}+)?"
_TAIL: Final = rf"(?:{_STREET}{_SECTION}{_HOUSE}*{_INSIDE}|{_NAMED}{_HOUSE}+|{_HOUSE}+){_ROOM}"
_AFTER_REGION: Final = re.compile(rf"{_REGIONS}{_TAIL}")
_FREE: Final = re.compile(
    rf"{_PART}(?:{_UNIT}){_REGIONS}{_TAIL}|"
    rf"{_STREET}{_SECTION}{_HOUSE}+{_INSIDE}{_ROOM}|{_NAMED}{_HOUSE}+{_ROOM}"
)
_HOUSES: Final = re.compile(rf"{_SECTION}{_HOUSE}+{_INSIDE}{_ROOM}")
_LINK: Final = re.compile(r"(?:地址|地|址)?[:：\s是为在于]{0,3}")
_NUMBERED: Final = re.compile(rf"[0-9A-Za-z一二三四五六七八九十百]\s?(?:{_DOOR})")
_CITED: Final = (
    "住址|地址|现住|家住|住在|居住在|居住于|住所|户籍地|户籍|籍贯|位于|坐落于|寄到|"
    "寄往|寄至|送到|送至|送往|发往|搬到|配送至|收货地|暂住"
)
_ENGLISH_ROADS: Final = (
    "street", "st", "road", "rd", "avenue", "ave", "boulevard", "blvd", "lane", "drive", "court",
)  # fmt: skip
_BREAK: Final = re.compile(rf"[^{_HAN}A-Za-z0-9·]|[住在于至到往址是为从向及和与的]")
_ENGLISH: Final = re.compile(
    r"\d{1,5}(?:-\d{1,4})? (?:[A-Z][a-z]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|"
    r"Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Square)"
    r"\b\.?(?:,? (?:Apt|Suite|Unit|Flat|Room)\.? ?#?\w+)?(?:, [A-Z][A-Za-z]+(?: "
    r"[A-Z][a-z]+)?)*(?:,? [A-Z]{2})?(?: \d{5}(?:-\d{4})?)?"
)


@cache
def region_names() -> frozenset[str]:
    """Names of provinces, prefectures and counties, whole, from the division codes' table."""
    found = set(_ABROAD)
    for line in (files("stdnum.cn") / "loc.dat").read_text("utf-8").splitlines():
        for name in re.findall(r'(?:province|county|prefecture)="(?:\[[^\]]*\])?([^"]+)"', line):
            plain = name.partition("(")[0].strip()
            if len(plain) > 2 and re.fullmatch(rf"[{_HAN}]+", plain):
                found.add(plain)
    return frozenset(found - {"市辖区", "省直辖", "自治区直辖", "县级市"})


def cues() -> Iterator[Cue]:
    """Yield the words at which an address is looked for."""
    yield Cue(tuple(sorted(region_names())), _at_region)
    yield Cue(tuple(dict.fromkeys(_SHORT.split("|"))), _at_short)
    yield Cue(tuple(_CITED.split("|")), _after_word)
    yield Cue(("路", "街", "大道", "巷", "弄", "胡同"), _at_road)
    yield Cue(_ENGLISH_ROADS, _english)


def _at_region(text: str, begin: int, end: int) -> Iterator[Stretch]:
    found = _AFTER_REGION.match(text, end)
    if found and _NUMBERED.search(found[0]):
        yield begin, found.end(), "address"


def _at_short(text: str, begin: int, _: int) -> Iterator[Stretch]:
    """Take a place without its unit, such as 北京朝阳区, before a region or a road."""
    found = _FREE.match(text, begin)
    if found and _NUMBERED.search(found[0]) and found.end() - begin >= 8:
        yield begin, found.end(), "address"


def _after_word(text: str, _: int, end: int) -> Iterator[Stretch]:
    link = _LINK.match(text, end)
    place = link.end() if link else end
    found = _FREE.match(text, place)
    if found and _NUMBERED.search(found[0]):
        yield place, found.end(), "address"


def _at_road(text: str, begin: int, end: int) -> Iterator[Stretch]:
    """Take a road and a number, with nothing before it that names a region."""
    found = _HOUSES.match(text, end)
    if not found or not any(character.isdigit() for character in found[0]):
        return
    place = begin
    while place > max(0, begin - 8) and not _BREAK.match(text, place - 1):
        place -= 1
    if begin - place >= 1:
        yield place, found.end(), "address"


def _english(text: str, begin: int, _: int) -> Iterator[Stretch]:
    first = max(0, begin - 48)
    for found in _ENGLISH.finditer(text, first, min(len(text), begin + 80)):
        if found.start() < begin < found.end():
            yield found.start(), found.end(), "address"
