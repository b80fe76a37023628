"""Invented identifiers with right check digits, and look-alikes that are wrong in one respect.

Seeded, so that a figure can be recomputed. Check digits come from python-stdnum or from the plain
form of the standard, not from the scanner that is measured. No value belongs to anybody.
"""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Final

from stdnum import luhn
from stdnum.cn import uscc as uscc_standard
from stdnum.iso7064 import mod_11_2

TEN: Final = 10
ELECTRIC: Final = 0.3
Maker = Callable[[Random], str]

REGIONS: Final = (
    "110101", "120103", "130102", "210102", "310115", "320505", "330106", "350203", "370202",
    "420106", "430102", "440305", "500103", "510104", "610113", "650102", "460105", "230103",
)  # fmt: skip
SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程"
)
GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红飞鑫波斌宇浩凯健俊帆婷雪"
_USCC: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VIN: Final = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_VIN_NUMBERS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9)
_VIN_VALUES: Final = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", _VIN_NUMBERS, strict=True)) | {
    str(digit): digit for digit in range(10)
}
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_MOBILE: Final = (
    "130",
    "135",
    "138",
    "139",
    "147",
    "150",
    "158",
    "166",
    "176",
    "181",
    "188",
    "199",
)
_ISSUERS: Final = ("622202", "622848", "621700", "621661", "622588", "622260", "436742", "621226")
_PLATES: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLACES: Final = ("广东省深圳市南山区", "浙江省杭州市西湖区", "四川省成都市武侯区")
_TAIWAN: Final = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))


def digits(rng: Random, count: int) -> str:
    """Return some digits."""
    return f"{rng.randrange(10**count):0{count}}"


def birthday(rng: Random, first: int = 1940, last: int = 2010) -> date:
    """Return a day between the beginnings of two years."""
    span = (date(last, 1, 1) - date(first, 1, 1)).days
    return date(first, 1, 1) + timedelta(days=rng.randrange(span))


def resident_id(rng: Random, born: date | None = None) -> str:
    """Return a resident identity number (GB 11643-1999)."""
    day = born or birthday(rng)
    body = f"{rng.choice(REGIONS)}{day:%Y%m%d}{digits(rng, 3)}"
    return body + str(mod_11_2.calc_check_digit(body))


def permit(rng: Random, region: str = "810000") -> str:
    """Return a residence permit number for a resident of Hong Kong, Macau or Taiwan."""
    body = f"{region}{birthday(rng):%Y%m%d}{digits(rng, 3)}"
    return body + str(mod_11_2.calc_check_digit(body))


def uscc(rng: Random) -> str:
    """Return a unified social credit code (GB 32100-2015)."""
    body = f"9{rng.choice('123')}{rng.choice(REGIONS)}" + "".join(rng.choices(_USCC, k=9))
    return body + str(uscc_standard.calc_check_digit(body))


def mobile(rng: Random) -> str:
    """Return a mainland mobile number."""
    return rng.choice(_MOBILE) + digits(rng, 8)


def bank_card(rng: Random) -> str:
    """Return a bank card number of a known issuer."""
    prefix = rng.choice(_ISSUERS)
    body = prefix + digits(rng, (15 if prefix[0] == "4" else rng.choice((15, 18))) - 6)
    return body + str(luhn.calc_check_digit(body))


def vin(rng: Random) -> str:
    """Return a vehicle identification number (GB 16735)."""
    letters = ["L", *rng.choices(_VIN, k=11), *digits(rng, 5)]
    total = sum(
        _VIN_VALUES[letter] * weight
        for letter, weight in zip(letters, _VIN_WEIGHTS, strict=True)
        if weight
    )
    letters[8] = "X" if total % 11 == TEN else str(total % 11)
    return "".join(letters)


def plate(rng: Random) -> str:
    """Return a number plate (GA 36)."""
    head = rng.choice(_PLATES) + rng.choice("ABCDEFGH")
    if rng.random() < ELECTRIC:
        return f"{head}{rng.choice('DF')}{digits(rng, 5)}"
    return f"{head}{rng.choice('ABCDEFGHJK')}{digits(rng, 4)}"


def hong_kong_id(rng: Random) -> str:
    """Return a Hong Kong identity card number with its check digit in brackets."""
    letter, body = rng.choice("ABCDEGHKMPRSVWYZ"), digits(rng, 6)
    values = [36, ord(letter) - 55, *map(int, body)]
    check = -sum(v * w for v, w in zip(values, range(9, 1, -1), strict=True)) % 11
    return f"{letter}{body}({'A' if check == TEN else check})"


def taiwan_id(rng: Random) -> str:
    """Return a Taiwan identity card number."""
    letter, body = rng.choice(list(_TAIWAN)), rng.choice("12") + digits(rng, 7)
    first = _TAIWAN[letter] // 10 + _TAIWAN[letter] % 10 * 9
    total = first + sum(int(v) * w for v, w in zip(body, range(8, 0, -1), strict=True))
    return f"{letter}{body}{-total % 10}"


def imei(rng: Random) -> str:
    """Return a mobile equipment identity."""
    body = rng.choice(("35", "86")) + digits(rng, 12)
    return body + str(luhn.calc_check_digit(body))


def email(rng: Random) -> str:
    """Return an e-mail address of a person."""
    local = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(4, 9)))
    host = rng.choice(("example.com", "mail.example.org", "qq.example"))
    return f"{local}{rng.randint(1, 99)}@{host}"


def social_security(rng: Random) -> str:
    """Return a number of the form of US social security, in the area that is never issued."""
    return f"{rng.randint(900, 999)}-{digits(rng, 2)}-{digits(rng, 4)}"


def mac_address(rng: Random) -> str:
    """Return a hardware address."""
    return ":".join(f"{rng.randrange(256):02X}" for _ in range(6))


def public_ip(rng: Random) -> str:
    """Return an address of the public Internet."""
    return f"{rng.choice((8, 36, 59, 101, 114, 202, 219))}." + ".".join(
        str(rng.randint(1, 254)) for _ in range(3)
    )


def dna(rng: Random) -> str:
    """Return a DNA sequence."""
    return "".join(rng.choices("ACGT", k=rng.randint(24, 80)))


def variant(rng: Random) -> str:
    """Return the number of a genetic variant."""
    return f"rs{rng.randint(1000, 99999999)}"


def secret(rng: Random) -> str:
    """Return something of the form of a cloud access key."""
    return "AKIA" + "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16))


def name(rng: Random) -> str:
    """Return a Chinese name."""
    return rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2))))


def address(rng: Random) -> str:
    """Return a postal address down to the room."""
    place = rng.choice(_PLACES)
    road = "".join(rng.choices("中山人民解放建设和平新华长江", k=2))
    building = f"{rng.randint(1, 900)}号{rng.randint(1, 40)}栋{rng.randint(101, 2909)}室"
    return f"{place}{road}路{building}"


def with_wrong_last(value: str, rng: Random) -> str:
    """Return a number whose last digit is another one, so that its check digit is wrong."""
    place = max(index for index, character in enumerate(value) if character.isdigit())
    other = rng.choice([digit for digit in "0123456789" if digit != value[place]])
    return value[:place] + other + value[place + 1 :]


MAKERS: Final[dict[str, Maker]] = {
    "cn_resident_id": resident_id,
    "hk_permit": permit,
    "uscc": uscc,
    "cn_mobile": mobile,
    "bank_card": bank_card,
    "vin": vin,
    "licence_plate": plate,
    "hkid": hong_kong_id,
    "tw_id": taiwan_id,
    "imei": imei,
    "email": email,
    "us_ssn": social_security,
    "mac_address": mac_address,
    "ipv4": public_ip,
    "dna_sequence": dna,
    "variant_id": variant,
    "secret_key": secret,
}
"""One maker for each kind of identifier whose form or check digit is unambiguous."""

CHECKED: Final = frozenset(
    {"cn_resident_id", "hk_permit", "uscc", "bank_card", "vin", "hkid", "tw_id", "imei"}
)
"""Kinds with a check digit: with another last digit they are no longer of that kind."""
