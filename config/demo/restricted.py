"""Invented data that must not get through, made with a fixed seed.

No row belongs to a living person or a real site. Resident IDs carry valid checksums
(GB 11643-1999), so that only their content, not their form, can give them away.
"""

import csv
import random
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from faker import Faker

SEED = 20261123
REGIONS = ["110101", "310115", "440106", "330106", "510104", "320102", "420106", "610113"]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
DIAGNOSES = [
    ("I10", "原发性高血压", "氨氯地平"),
    ("E11.9", "2型糖尿病", "二甲双胍"),
    ("J45.9", "支气管哮喘", "布地奈德"),
    ("N18.5", "慢性肾脏病5期", "碳酸司维拉姆"),
    ("C34.9", "肺恶性肿瘤", "培美曲塞"),
]
SITES = ["弹药库", "雷达站", "指挥所", "潜艇码头", "导弹阵地"]


def _faker() -> Faker:
    faker = Faker("zh_CN")
    faker.seed_instance(SEED)
    return faker


def resident_id(dice: random.Random) -> str:
    """Return an invented resident ID with a valid date and check character (GB 11643)."""
    born = date(1955, 1, 1) + timedelta(days=dice.randrange(18_000))
    digits = f"{dice.choice(REGIONS)}{born:%Y%m%d}{dice.randrange(1000):03d}"
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True))
    return digits + "10X98765432"[total % 11]


def customers(folder: Path, rows: int = 400) -> Path:
    """Write customers with names, resident IDs, mobiles and addresses."""
    dice, faker = random.Random(SEED), _faker()  # noqa: S311  repeatable invention
    return _write(
        folder / "会员实名信息.csv",
        ["姓名", "身份证号", "手机号码", "家庭住址", "累计消费"],
        (
            [
                faker.name(),
                resident_id(dice),
                faker.phone_number(),
                faker.address().split(" ")[0],
                f"{dice.uniform(50, 90_000):.2f}",
            ]
            for _ in range(rows)
        ),
    )


def patients(folder: Path, rows: int = 300) -> Path:
    """Write hospital records: diagnosis, medication, laboratory values, notes."""
    dice, faker = random.Random(SEED + 1), _faker()  # noqa: S311  repeatable invention

    def record(number: int) -> list[str]:
        code, diagnosis, drug = dice.choice(DIAGNOSES)
        note = f"患者主诉乏力{dice.randrange(2, 40)}天，既往{diagnosis}病史。"
        return [
            f"ZY{2026_0000 + number}",
            faker.name(),
            resident_id(dice),
            code,
            diagnosis,
            drug,
            f"{dice.uniform(3.9, 16):.1f}",
            note,
        ]

    head = ["住院号", "患者姓名", "证件号码", "ICD10", "诊断", "用药", "空腹血糖", "病程记录"]
    return _write(folder / "出院病历首页.csv", head, (record(number) for number in range(rows)))


def military_sites(folder: Path, rows: int = 80) -> Path:
    """Write coordinates of invented military sites with secrecy markings."""
    dice = random.Random(SEED + 2)  # noqa: S311  repeatable invention
    return _write(
        folder / "保障设施点位.csv",
        ["设施名称", "设施类别", "纬度", "经度", "高程", "密级", "驻守人数"],
        (
            [
                f"虚构第{700 + number}{dice.choice(SITES)}",
                dice.choice(["作战", "训练", "后勤"]),
                f"{dice.uniform(36, 40):.6f}",
                f"{dice.uniform(80, 88):.6f}",
                f"{dice.uniform(900, 1900):.1f}",
                dice.choice(["绝密", "机密", "秘密"]),
                str(dice.randrange(20, 400)),
            ]
            for number in range(rows)
        ),
    )


def _write(target: Path, head: list[str], rows: Iterable[list[str]]) -> Path:
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(head)
        writer.writerows(rows)
    return target
