"""Patients that the filter stopped, and recipes for what may be derived from them."""

import io
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest

from audit.log.actors import Actor
from exchange.catalog.models import Product, Release
from exchange.compliance.measurement import values
from exchange.compliance.models import Derivation
from exchange.compliance.services import (
    carry_out_derivation,
    screen_release,
)
from exchange.parties.models import Organization
from exchange.vault.services import open_object

from .making import product_of, submitted

Log = Callable[[], list[tuple[str, str]]]
SYSTEM = Actor.system("compliance")
R = Random(8)
ROWS = 240
PATIENTS: dict[str, list[Any]] = {
    "姓名": [values.name(R) for _ in range(ROWS)],
    "身份证号": [values.resident_id(R) for _ in range(ROWS // 2)] * 2,
    "性别": [R.choice("男女") for _ in range(ROWS)],
    "出生日期": [values.birthday(R, 1950, 2000).isoformat() for _ in range(ROWS)],
    "诊断": [R.choice(["高血压", "糖尿病"]) for _ in range(ROWS)],
    "费用": [R.randint(10, 900) for _ in range(ROWS)],
}
DROP: dict[str, Any] = {
    "steps": [{"do": "drop", "column": name} for name in ("姓名", "身份证号", "出生日期")]
}
KEYED = {
    "steps": [
        {"do": "drop", "column": "姓名"},
        {"do": "pseudonym", "column": "身份证号", "name": "个人编号"},
        {"do": "drop", "column": "诊断"},
        {"do": "age_band", "column": "出生日期", "on": "2026-11-23"},
    ]
}


def names(log: Log) -> list[str]:
    """Return the entries so far."""
    return [name for name, _ in log()]


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    """A described product with its rights stated."""
    return product_of(provider_org, provider, at)


@pytest.fixture
def blocked(product: Product, provider: Actor, at: datetime) -> Release:
    """A release of patients that the filter stopped."""
    release = submitted(product, provider, at, PATIENTS)
    screen_release(release=release, by=SYSTEM, at=at)
    release.refresh_from_db()
    assert release.status == "BLOCKED"
    return release


def carried_out(derivation: Derivation, at: datetime) -> Derivation:
    """Return the derivation once it was made."""
    made = carry_out_derivation(derivation=derivation, clock=lambda: at)
    made.refresh_from_db()
    return made


def rows_of(release: Release) -> list[dict[str, Any]]:
    """Return the rows of a release."""
    with open_object(release.table) as reader:
        return list(pq.read_table(io.BytesIO(reader.read())).to_pylist())
