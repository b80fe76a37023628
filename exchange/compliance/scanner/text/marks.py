"""Numbers and marks in running text: those of the table's detectors, and what only text explains.

What has a check digit or a number plan is checked; what has neither needs a word beside it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

import numpy as np
import phonenumbers
from stdnum import iban
from stdnum.br import cnpj, cpf
from stdnum.de import idnr
from stdnum.gb import nhs
from stdnum.in_ import aadhaar, pan
from stdnum.jp import in_ as my_number
from stdnum.us import ssn

from exchange.compliance.scanner.spans import Finds

from .reading import Reading
from .triggers import Stretch

Check = Callable[[str], bool]
_AS_IN_TABLES: Final = {
    "cn_resident_id": "cn_resident_id",
    "hk_permit": "hk_permit",
    "mo_permit": "mo_permit",
    "tw_permit": "tw_permit",
    "cn_foreign_resident_id": "cn_foreign_resident_id",
    "uscc": "uscc",
    "vin": "vin",
    "hkid": "hkid",
    "tw_id": "tw_id",
    "cn_mobile": "cn_mobile",
    "licence_plate": "licence_plate",
    "mac_address": "mac_address",
    "email": "email",
    "email_office": "email",
    "us_ssn": "ssn",
}
_SPOKEN_AGAINST: Final = frozenset({"cn_mobile", "uscc", "vin", "ssn", "hkid", "tw_id"})
"""Kinds that a number of the trade, such as an order's, may look like by chance."""
_TRADE: Final = re.compile(
    r"(?:批号|座位号?|构建号?|备注|工单|订单号?|单号|流水号?|编号|货号|条码|序列号|"
    r"合同号|案号|书号|发票号?码?|"
    r"凭证号?|交易号|参考号|版本号?|型号|工号|学号|"
    r"version|order(?: no\.?| number| id)?|invoice(?: no\.?| number)?|batch(?: no\.?)?|"
    r"tracking(?: no\.?| number)?|serial(?: no\.?| number)?|ref(?:erence)?)"
    r"[:：#\s]{0,3}[A-Za-z]{0,4}$",
    re.IGNORECASE,
)
_IDENTITY: Final = re.compile(r"(?:身份证|证件|身份号码|ID)[^，,。;；]{0,6}$")
_SOCIAL: Final = re.compile(r"(?:社保|社会保障|社会保险|医保)[^，,。;；0-9]{0,6}$")
_DEVICE: Final = re.compile(r"(?:IMEI|设备号|串号|设备识别码|手机串码)[^0-9]{0,6}$", re.IGNORECASE)
_VERSION: Final = re.compile(r"(?:version|ver|v|版本号?|固件|release)[:：.\s]{0,2}$", re.IGNORECASE)
_BANK: Final = re.compile(r"(?:银行|储蓄|信用|借记|银联)?(?:卡|账户|账号|帐号)[^，,。;；0-9]{0,6}$")
_SCHEMES: Final = re.compile(r"4|5[1-5]|2[2-7]|3[47]|6011|65|36|35")


def table_marks(reading: Reading, finds: Finds) -> Iterator[Stretch]:
    """Yield what the detectors of tables found, where the words beside it do not speak against."""
    text = reading.text
    for kind, name in _AS_IN_TABLES.items():
        for begin, end in _stretches(reading, finds, kind):
            if said := _in_context(text, begin, end, name):
                yield (begin - 1 if text[begin - 1 : begin] == "+" else begin), end, said
    issued = set(_stretches(reading, finds, "bank_card_issuer"))
    for begin, end in _stretches(reading, finds, "bank_card"):
        first = max(0, begin - 16)
        if not _TRADE.search(text, first, begin):
            abroad = _SCHEMES.match(text, begin) and (begin, end) not in issued
            abroad = abroad and not _BANK.search(text, first, begin)
            yield begin, end, "credit_card" if abroad else "bank_card"
    for kind, word in (("cn_resident_id_15", _IDENTITY), ("imei", _DEVICE)):
        for begin, end in _stretches(reading, finds, kind):
            if word.search(text, max(0, begin - 12), begin):
                yield begin, end, kind


def _in_context(text: str, begin: int, end: int, name: str) -> str | None:
    """Return what a number is where it stands; None where it is something else."""
    if name == "cn_resident_id" and _SOCIAL.search(text, max(0, begin - 12), begin):
        return "social_security"
    if name == "hkid" and text.startswith("QQ", begin):
        return None
    if name == "ssn" and not _ssn(text[begin:end]):
        return None
    if name in _SPOKEN_AGAINST and _TRADE.search(text, max(0, begin - 16), begin):
        return None
    return name


def _stretches(reading: Reading, finds: Finds, kind: str) -> Iterator[tuple[int, int]]:
    spans = finds.of(kind)
    if spans is not None:
        begins, ends = reading.characters_at(spans.begins), reading.characters_at(spans.ends)
        yield from zip(begins.tolist(), ends.tolist(), strict=True)


def _valid_phone(region: str | None, text: str) -> bool:
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(text, region)))
    except phonenumbers.NumberParseException:
        return False


def _ssn(text: str) -> bool:
    """US social security in an area, group and series that are given to persons."""
    return bool(ssn.is_valid(text.replace(" ", "-")))


def _rrn(text: str) -> bool:
    """Korean resident registration: a date and a digit for century and sex (주민등록번호)."""
    return (
        bool(re.match(r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", text))
        and text[7] in "12345678"
    )


def _possible_phone(text: str) -> bool:
    """Whether a number with its country code has a length that the country uses."""
    try:
        return bool(phonenumbers.is_possible_number(phonenumbers.parse(text, None)))
    except phonenumbers.NumberParseException:
        return False


def _landline(text: str) -> bool:
    """Whether a landline, its extension aside, has an area code and a number of its plan."""
    return _valid_phone("CN", re.sub(r"(?<=\d{7})-\d{1,5}$", "", text))


_ANY: Final[Check] = bool
_URL: Final = r"[^\s\0\u3000-\u9fff，。；]"
_PARTS: Final = (
    r"[\w-]*token|api_?key|key|secret|sig|signature|auth|code|session(?:id)?|password|pwd|sign"
)
_EDGE, _END = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
_MARKS: Final[tuple[tuple[str, str, Check], ...]] = (
    (
        "ssh_private_key",
        (
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^\0]{1,8000}?-----END [A-Z ]*PRIVATE "
            r"KEY-----"
        ),
        _ANY,
    ),
    ("jwt", r"\beyJ[\w-]{8,}\.[\w-]{5,}\.[\w-]{5,}", _ANY),
    ("anthropic_api_key", r"\bsk-ant-[\w-]{20,}", _ANY),
    ("openai_api_key", r"\bsk-(?!ant-)[\w-]{20,}", _ANY),
    ("github_token", r"\b(?:gh[pousr]_[0-9A-Za-z]{30,}|github_pat_\w{22,})", _ANY),
    ("aws_access_key", rf"{_EDGE}A[KS]IA[0-9A-Z]{{16}}{_END}", _ANY),
    ("cloud_access_key", rf"{_EDGE}(?:LTAI[0-9A-Za-z]{{12,26}}|AKID[0-9A-Za-z]{{32}}){_END}", _ANY),
    (
        "url_token",
        rf"https?://{_URL}+?[?&](?:{_PARTS})={_URL}{{6,}}",
        _ANY,
    ),
    ("email", r"(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}" + _END, _ANY),
    (
        "iban",
        rf"{_EDGE}[A-Z]{{2}}\d{{2}}(?: ?[A-Z0-9]{{4}}){{2,7}}(?: ?[A-Z0-9]{{1,3}})?{_END}",
        iban.is_valid,
    ),
    ("cnpj", rf"{_EDGE}\d{{2}}\.\d{{3}}\.\d{{3}}/\d{{4}}-\d{{2}}{_END}", cnpj.is_valid),
    ("cpf", rf"{_EDGE}\d{{3}}\.\d{{3}}\.\d{{3}}-\d{{2}}{_END}", cpf.is_valid),
    ("pan", rf"{_EDGE}[A-Z]{{3}}[ABCFGHLJPT][A-Z]\d{{4}}[A-Z]{_END}", pan.is_valid),
    ("rrn", r"(?<![\d-])\d{6}-[1-8]\d{6}(?![\d-])", _rrn),
    (
        "nino",
        (
            rf"{_EDGE}(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{{2}} "
            rf"?\d{{2}} ?\d{{2}} ?[A-D]{_END}"
        ),
        _ANY,
    ),
    (
        "ip_address",
        (
            r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|"
            r"1?\d?\d)(?![\w]|\.\d)"
        ),
        _ANY,
    ),
    ("ip_address", r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}(?![\w:])", _ANY),
    (
        "ip_address",
        r"(?<![\w:.])(?:(?:[0-9A-Fa-f]{1,4}:){1,6}|:)(?::[0-9A-Fa-f]{1,4}){1,6}(?![\w:])",
        _ANY,
    ),
    (
        "foreign_phone",
        r"(?<![\w+])\+(?!86\b)\d{1,3}(?:[ .-]?\(?\d{1,4}\)?){2,5}(?!\d)",
        _possible_phone,
    ),
    (
        "foreign_phone",
        (
            r"(?<![\w.-])(?:\+?1[-. ])?(?!\(?400)(?:\([2-9]\d\d\) ?|"
            r"[2-9]\d\d[-.])[1-9]\d\d[-.]\d{4}(?![\w-]|\.\d)"
        ),
        _ANY,
    ),
    ("foreign_phone", r"(?<![\d-])0[5789]0-\d{4}-\d{4}(?![\d-])", partial(_valid_phone, "JP")),
    ("foreign_phone", r"(?<![\d-])01[016789]-\d{3,4}-\d{4}(?![\d-])", partial(_valid_phone, "KR")),
    (
        "cn_landline",
        (
            r"(?<![\d-])(?:\(0\d{2,3}\) ?|0\d{2,3}[- ]?)[2-8]\d{6,7}(?:(?:转|-|"
            r"分机)\d{1,5})?(?!\d)(?!-\d)"
        ),
        _landline,
    ),
    (
        "foreign_phone",
        r"(?<![\d-])0\d{1,3}-\d{3,4}-\d{4}(?![\d-])",
        lambda text: _valid_phone("JP", text) or _valid_phone("KR", text),
    ),
    (
        "foreign_phone",
        (
            r"(?<![\d-])0(?:7\d{3} \d{3} ?\d{3}|20 \d{4} \d{4}|1\d{2,3} \d{3} "
            r"\d{3,4})(?![\d-])"
        ),
        partial(_valid_phone, "GB"),
    ),
    ("foreign_phone", r"(?<![\w(])\(\d{2}\) ?9?\d{4}-\d{4}(?![\d-])", partial(_valid_phone, "BR")),
    ("mac_address", rf"{_EDGE}(?:[0-9A-Fa-f]{{4}}\.){{2}}[0-9A-Fa-f]{{4}}{_END}", _ANY),
    (
        "uk_postcode",
        (
            rf"{_EDGE}(?:[A-PR-UWYZ][A-HK-Y]?\d[\dA-HJKMNPR-Y]?) "
            rf"\d[ABD-HJLNP-UW-Z]{{2}}{_END}"
        ),
        _ANY,
    ),
)
_COMPILED: Final = tuple(
    (kind, re.compile(pattern, re.ASCII), check) for kind, pattern, check in _MARKS
)
_WORTH: Final = re.compile(r"[0-9]{2}|[0-9][A-Z]{2}|[@]|://|-----B|sk-|eyJ|gh[pousr]_")
_ASCII_SHORTEST: Final = 7


def free_marks(reading: Reading) -> Iterator[Stretch]:
    """Yield marks that no table's detector knows, from the stretches of ASCII in the text."""
    plain = (reading.points < 0x80) & (reading.points > 0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], plain.view(np.int8), [0]])))
    begins, ends = edges[0::2], edges[1::2]
    long = ends - begins >= _ASCII_SHORTEST
    text = reading.text
    for begin, end in zip(begins[long].tolist(), ends[long].tolist(), strict=True):
        if _WORTH.search(text, begin, end):
            for kind, pattern, check in _COMPILED:
                for found in pattern.finditer(text, begin, end):
                    if kind == "ip_address" and _VERSION.search(
                        text, max(0, found.start() - 12), found.start()
                    ):
                        continue
                    if check(found[0]):
                        yield found.start(), found.end(), kind


_CONFIRMED: Final[dict[str, tuple[str, Check]]] = {
    "_ssn": ("ssn", _ssn),
    "_aadhaar": ("aadhaar", aadhaar.is_valid),
    "_cpf": ("cpf", cpf.is_valid),
    "_cnpj": ("cnpj", cnpj.is_valid),
    "_my_number": ("my_number", my_number.is_valid),
    "_tax_id": ("tax_id", idnr.is_valid),
    "_nhs_number": ("nhs_number", nhs.is_valid),
    "_german_phone": ("foreign_phone", partial(_valid_phone, "DE")),
}
"""Kinds that a word proposes and a check has to confirm."""


def confirm(text: str, stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Ask the check of each kind that has one; the others pass."""
    for begin, end, kind in stretches:
        name, check = _CONFIRMED.get(kind, (kind, _ANY))
        if check(text[begin:end]):
            yield begin, end, name
