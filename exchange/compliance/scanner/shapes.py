"""Shapes of single values, asked of a sample of the columns whose name points to something.

Each is a predicate over the text of one cell. Together with the column's name they decide what
has no check digit: a name alone never does.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

Shape = Callable[[str], bool]

_DATE = re.compile(
    r"(?P<y>(?:18|19|20)\d\d)[-/.年]?(?P<m>0?[1-9]|1[0-2])[-/.月]?(?P<d>[12]\d|3[01]|0?[1-9])日?"
    r"(?:[ T].*)?$"
)
_DATE_BACK = re.compile(
    r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>(?:18|19|20)\d\d)(?:[ T].*)?$"
)
_TIME = re.compile(
    r"(?:(?:19|20)\d\d[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?[ T]?\d{1,2}[:时]?\d\d.*"
    r"|\d{1,2}/\d{1,2}/(?:19|20)\d\d \d{1,2}:\d\d.*|1[0-9]{9}|1[0-9]{12})$"
)
_NUMBER = re.compile(r"[-+]?[¥$€£]?\s?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?\s?(?:元|万元|%|％)?$")
_DECIMAL = re.compile(r"[-+]?(\d+)(?:\.(\d+))?$")
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9_\-:./|#]{0,63}$")
_DEVICE = re.compile(
    r"(?:[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12}|[0-9A-F]{14,64}|o[\w-]{27})$", re.IGNORECASE
)
_HAN_NAME = re.compile(r"[㐀-鿿]{1,8}(?:[·•・][㐀-鿿]{1,10})+$|[㐀-鿿]{2,4}$")
_LATIN_NAME = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? )?[A-Z][\w'’\-]+"
    r"(?:,? (?:[A-Z]\.?|[a-z]{2,3}|[A-Z][\w'’\-]+)){1,4}"
    r"(?:,? (?:Jr|Sr|MD|PhD|II|III|DDS|DVM)\.?)?$"
)
_CAPITAL = re.compile(r"[A-Z][\w'’\-]{1,30}(?: [A-Z][\w'’\-]+)?$")
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}$", re.IGNORECASE)
_STREET = re.compile(
    r"(?:\d+[A-Za-z]?(?:[-/]\d+)? [A-Z][\w.'’ \-]+|[A-Z]\w+(?:-?str(?:aße|\.)|[ -]Straße) \d+.*"
    r"|P\.?O\.? Box \d+.*|Flat .+|Unit .+|Room .+|PSC \d+.*)",
    re.DOTALL,
)
_ICD = re.compile(r"[A-TV-Z]\d\d(?:\.(?:x?\d{1,3}|\d{1,2}x\d{2,3}))?[†+*]?$")
_ICD_HEAD = re.compile(r"[A-TV-Z]\d\d")
_ICD_SEPARATOR = re.compile(r"[,;|、/ ]+")
_PASSPORT = re.compile(
    r"(?:E(?:\d{8}|[A-HJ-NP-Z]\d{7})|G\d{8}|[DSP]E?\d{7,8}|[HK]J?\d{8}|MA\d{7}|[HM]\d{8}(?:\d\d)?"
    r"|C[0-9A-HJ-NP-Z]\d{7}|[A-Z]{1,2}\d{6,8}|\d{9})$"
)
_PHONE = re.compile(
    r"(?:\(?\+?\d{1,4}\)?[ -]?)?\(?0?\d{2,4}\)?[ -]?\d{3,4}[ -]?\d{3,4}(?:[ x#转-]\d{1,6})?$"
)
_POSTCODE = re.compile(r"\d{5,6}(?:-\d{4})?$|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$")
_HANDLE = re.compile(r"[A-Za-z@][-_A-Za-z0-9.]{4,31}$|[1-9]\d{4,11}$")
_IMAGE = re.compile(
    r".+\.(?:jpe?g|png|bmp|gif|webp|tiff?|heic|wav|mp3|m4a|flac|mp4|dcm)$", re.IGNORECASE
)
_GENOTYPE = re.compile(r"(?:[ACGTDI-][/|]?[ACGTDI-]|[01.][/|][01.])$")
_CHROMOSOME = re.compile(r"(?:chr)?(?:[1-9]|1\d|2[0-2]|X|Y|XY|MT?)$", re.IGNORECASE)
_VECTOR = re.compile(r"[\[(\s]*(?:[-+]?\d*\.\d+(?:[eE][-+]?\d+)?[\s,;|]+){31,}")
_BASE64 = re.compile(r"(?:data:[\w/+.-]+;base64,)?[A-Za-z0-9+/_-]{120,}={0,2}$")
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]{32,128}$")
_TAG = re.compile(r"[\w㐀-鿿]+(?:[._/\\-][\w㐀-鿿]+)+$")
_GRADE = re.compile(
    r"(?:国家)?[一二三四五ABCDE]等(?:水准)?$|[一二三]级$|(?:GPS|GNSS)?[ABCDE]级$|图根$|[12345]$"
)
_ECCN = re.compile(r"\d[A-E]\d{3}(?:\.[a-z](?:\.\d{1,2})?)?$")
_ALLELE = re.compile(r"\d{1,2}(?:\.\d)?(?:[,/]\s?\d{1,2}(?:\.\d)?)?$")
_SECRET = re.compile(r"(?=.*[A-Za-z0-9*•@#$!])\S{4,256}$")
_NONE = frozenset(
    {"", "na", "n/a", "nan", "null", "none", "nil", "-", "--", "—", "无", "未知", "\\n"}
)
_PLACEHOLDER = frozenset(
    {"true", "false", "yes", "no", "是", "否", "0", "1", "ok", "enabled", "disabled"}
)
_RESERVED_PORTS = frozenset({"102", "502", "789", "1089", "1090", "1091", "1911", "2222", "2404",
    "4000", "4840", "4911", "5006", "5007", "5094", "9600", "18245", "20000", "20547", "34962",
    "34963", "34964", "44818", "47808"})  # fmt: skip


def is_missing(value: str) -> bool:
    """Whether a cell says that there is nothing in it."""
    return value.strip().lower() in _NONE


def parse_date(value: str) -> date | None:
    """Read a date as written in China, by ISO 8601, or day and month around a year."""
    text = value.strip()
    if (found := _DATE.match(text)) or (found := _DATE_BACK.match(text)):
        parts = found.groupdict()
        year = int(parts["y"])
        pairs = [(parts["m"], parts["d"])] if "m" in parts else [
            (parts["a"], parts["b"]), (parts["b"], parts["a"])
        ]  # fmt: skip
        for month, day in pairs:
            try:
                return date(year, int(month), int(day))
            except ValueError:
                continue
    return None


def decimals_of(value: str) -> int:
    """Return the number of decimals with which a number is written."""
    found = _DECIMAL.match(value.strip())
    return len(found[2] or "") if found else 0


def _degrees(limit: float, decimals: int) -> Shape:
    def fits(value: str) -> bool:
        if not _DECIMAL.match(value.strip()):
            return False
        return decimals_of(value) >= decimals and abs(float(value)) <= limit

    return fits


def _between(low: float, high: float) -> Shape:
    def fits(value: str) -> bool:
        return bool(_DECIMAL.match(value.strip())) and low <= float(value) <= high

    return fits


def _icd(value: str) -> bool:
    text = value.strip().upper()
    if not _ICD_HEAD.match(text):
        return False
    return all(_ICD.match(part) for part in _ICD_SEPARATOR.split(text))


def _matching(pattern: re.Pattern[str]) -> Shape:
    return lambda value: pattern.match(value.strip()) is not None


def _credential(value: str) -> bool:
    return value.strip().lower() not in _PLACEHOLDER and _SECRET.match(value.strip()) is not None


def _business_number(value: str) -> bool:
    """Whether fifteen digits end in their check digit (ISO 7064 MOD 11,10, GS 15-2006)."""
    text = value.strip()
    if len(text) != 15 or not text.isdecimal():
        return False
    rest = 10
    for digit in text[:-1]:
        rest = (int(digit) + rest) % 10 or 10
        rest = rest * 2 % 11
    return (rest + int(text[-1])) % 10 == 1


SHAPES: Final[dict[str, Shape]] = {
    "any": lambda _value: True,
    "date": lambda value: parse_date(value) is not None,
    "time": _matching(_TIME),
    "number": _matching(_NUMBER),
    "code": _matching(_CODE),
    "device_code": _matching(_DEVICE),
    "han_name": _matching(_HAN_NAME),
    "latin_name": _matching(_LATIN_NAME),
    "capital_word": _matching(_CAPITAL),
    "vin": _matching(_VIN),
    "street": _matching(_STREET),
    "icd10": _icd,
    "icd10_mixed": lambda value: "." in value and _icd(value),
    "eccn": _matching(_ECCN),
    "allele": _matching(_ALLELE),
    "passport": _matching(_PASSPORT),
    "macau_id": _matching(re.compile(r"[1578]\d{6}[(（/-]?\d[)）]?$")),
    "taiwan_permit": _matching(
        re.compile(r"(?:\d{8}|\d{10}(?:\([A-Z0-9]{1,2}\))?|[A-Z]\d{8,10})$")
    ),
    "foreign_card": _matching(re.compile(r"[A-Z]{3}\d{12}$")),
    "bank_account": _matching(re.compile(r"\d(?:[ -]?\d){11,20}$")),
    "file_number": _matching(re.compile(r"\d{12}$")),
    "bank_code": _matching(re.compile(r"\d{12}$")),
    "business_number": _business_number,
    "organization_code": _matching(re.compile(r"[0-9A-Z]{8}-?[0-9X]$")),
    "old_tax_number": _matching(re.compile(r"\d{6}(?:[0-9A-Z]{8}[0-9X]|\d{11}[0-9X]\d{0,2})$")),
    "phone": _matching(_PHONE),
    "postcode": _matching(_POSTCODE),
    "handle": _matching(_HANDLE),
    "media_file": _matching(_IMAGE),
    "genotype": _matching(_GENOTYPE),
    "chromosome": _matching(_CHROMOSOME),
    "vector": _matching(_VECTOR),
    "base64": _matching(_BASE64),
    "hex": _matching(_HEX),
    "tag": _matching(_TAG),
    "survey_grade": _matching(_GRADE),
    "credential": _credential,
    "control_port": lambda value: value.strip().removesuffix(".0") in _RESERVED_PORTS,
    "latitude": _degrees(90, 1),
    "longitude": _degrees(180, 1),
    "latitude_fine": _degrees(90, 7),
    "longitude_fine": _degrees(180, 7),
    "age": _between(0, 120),
    "age_minor": _between(0, 13.999),
    "at_least_two": _between(2, 1e15),
    "accuracy": _between(0, 0.5),
    "text": lambda value: len(value) >= 12,
    "short_text": lambda value: 2 <= len(value.strip()) <= 60,
    "digits": lambda value: value.strip().removesuffix(".0").isdigit(),
}

NEEDED: Final = {
    "eccn": frozenset("ABCDE"),
    "icd10": frozenset("ABCDEFGHIJKLMNOPQRSTVWXYZ"),
    "icd10_mixed": frozenset("."),
    "latin_name": frozenset(" "),
    "known_name": frozenset(" "),
}
"""Characters of which a value of some shapes has at least one, itself or in capitals."""
