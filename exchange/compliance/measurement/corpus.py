"""Labeled texts: identifiers as people write them, beside texts that only look like them."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from .values import CHECKED, MAKERS, Maker, digits, with_wrong_last

SEED: Final = 20261101
PER_KIND: Final = 600
NEAR_MISSES: Final = 0.5
_FULL_WIDTH: Final = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True)
class Case:
    """One cell, and the kind of identifier in it; "" for none."""

    text: str
    kind: str


def make_corpus(seed: int = SEED, per_kind: int = PER_KIND) -> list[Case]:
    """Return for each kind as many cells with an identifier as look-alikes without."""
    rng = Random(seed)  # noqa: S311  repeatability is the point; nothing is kept secret
    cases = []
    for kind, maker in MAKERS.items():
        for _ in range(per_kind):
            cases.append(Case(_write(kind, maker(rng), rng), kind))
            cases.append(Case(_look_alike(kind, maker, rng), ""))
    return cases


def digest_of(cases: list[Case]) -> str:
    """Name exactly the texts that a figure was measured on."""
    text = json.dumps([[case.text, case.kind] for case in cases], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _write(kind: str, value: str, rng: Random) -> str:
    """Write an identifier as people do: alone, in a sentence, with separators, full width."""
    styles = _STYLES.get(kind, _PLAIN)
    return rng.choice(styles)(value, rng)


def _alone(value: str, _: Random) -> str:
    return value


def _in_chinese(value: str, rng: Random) -> str:
    before = rng.choice(("经办人提供的号码为", "请核对", "备注：", "原记录", "申请材料载明"))
    return f"{before}{value}，已于当日登记。"


def _in_english(value: str, rng: Random) -> str:
    before = rng.choice(("Ref", "Please check", "Recorded value:", "See"))
    return f"{before} {value}, confirmed on file."


def _in_json(value: str, rng: Random) -> str:
    return json.dumps({"key": value, "n": rng.randint(1, 9)}, ensure_ascii=False)


def _full_width(value: str, _: Random) -> str:
    return value.translate(_FULL_WIDTH)


def _spaced(value: str, _: Random) -> str:
    return " ".join(value[at : at + 4] for at in range(0, len(value), 4))


def _grouped_id(value: str, _: Random) -> str:
    return f"{value[:6]} {value[6:14]} {value[14:]}"


def _grouped_mobile(value: str, rng: Random) -> str:
    mark = rng.choice("- ")
    return f"{value[:3]}{mark}{value[3:7]}{mark}{value[7:]}"


def _with_country(value: str, rng: Random) -> str:
    return rng.choice(("+86", "+86 ", "0086", "86-")) + value


def _in_code(value: str, rng: Random) -> str:
    return f"{rng.choice('GTLX')}{value}"


def _invisible(value: str, _: Random) -> str:
    return f"{value[:3]}\u200b{value[3:]}"


_PLAIN: Final[tuple[Callable[[str, Random], str], ...]] = (
    _alone,
    _alone,
    _in_chinese,
    _in_english,
    _in_json,
)
_STYLES: Final[dict[str, tuple[Callable[[str, Random], str], ...]]] = {
    "cn_resident_id": (*_PLAIN, _full_width, _grouped_id, _in_code, _invisible),
    "cn_mobile": (*_PLAIN, _full_width, _grouped_mobile, _with_country, _invisible),
    "bank_card": (*_PLAIN, _full_width, _spaced, _invisible),
}


def _look_alike(kind: str, maker: Maker, rng: Random) -> str:
    """Return a text that a hasty reader would take for the kind."""
    if kind in CHECKED and rng.random() < NEAR_MISSES:
        return _write(kind, with_wrong_last(maker(rng), rng), rng)
    return rng.choice(_HARMLESS)(rng)


_HARMLESS: Final[tuple[Callable[[Random], str], ...]] = (
    lambda rng: f"2024{rng.randint(1, 12):02}{rng.randint(1, 28):02}{digits(rng, 10)}",
    lambda rng: f"DD{digits(rng, 16)}",
    lambda rng: str(1_700_000_000_000 + rng.randrange(10**10)),
    lambda rng: f"978-7-{digits(rng, 3)}-{digits(rng, 5)}-{digits(rng, 1)}",
    lambda rng: f"{rng.uniform(1, 99):.15f}",
    lambda rng: f"2023-{rng.randint(1, 12):02}-{rng.randint(1, 28):02} 0{rng.randint(0, 9)}:15:00",
    lambda rng: f"{rng.randint(1, 9)}.{rng.randint(0, 20)}.{rng.randint(0, 30)}",
    lambda rng: f"SKU-{digits(rng, 8)}-{rng.choice('ABC')}",
    lambda _: "任何个人和组织不得非法收集、使用他人身份证号码、手机号码、银行账户等个人信息。",
    lambda rng: f"第{rng.randint(1, 90)}条 发票金额{rng.uniform(10, 99999):.2f}元",
    lambda rng: f"客服热线 95{digits(rng, 3)}，工作日 9:00-18:00",
    lambda rng: f"0{digits(rng, 2)}-{digits(rng, 8)} 分机 {digits(rng, 3)}",
)
