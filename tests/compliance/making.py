"""Releases on their way into the filter, with real bytes in the vault."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any

from audit.log.actors import Actor
from exchange.catalog.models import Product, Release
from exchange.catalog.services import attach_rights, submit_release
from exchange.catalog.services.uploading import upload_release
from exchange.compliance.measurement import values
from exchange.parties.models import Organization
from tests.catalog.making import draft_product
from tests.registry.making import stated_rights

R = Random(21)
ROWS = 60
CLEAN: dict[str, Sequence[Any]] = {
    "站点": [f"站{row}" for row in range(ROWS)],
    "客流": [R.randint(1, 900) for _ in range(ROWS)],
}
PERSONAL: dict[str, Sequence[Any]] = {
    "姓名": [values.name(R) for _ in range(ROWS)],
    "身份证号": [values.resident_id(R) for _ in range(ROWS)],
}
PSEUDONYMOUS: dict[str, Sequence[Any]] = {
    "会员编号": [f"HY{row:05}" for row in range(ROWS)],
    "消费金额": [R.randint(1, 900) for _ in range(ROWS)],
    "日期": [values.birthday(R, 2020, 2026).isoformat() for _ in range(ROWS)],
}
IMPORTANT: dict[str, Sequence[Any]] = {
    "点号": [f"GX{row:04}" for row in range(ROWS)],
    "大地纬度": [f"{R.uniform(30, 31):.9f}" for _ in range(ROWS)],
    "大地经度": [f"{R.uniform(120, 121):.9f}" for _ in range(ROWS)],
    "等级": [R.choice(("二等", "三等")) for _ in range(ROWS)],
    "基准": ["CGCS2000"] * ROWS,
}
SENSITIVE: dict[str, Sequence[Any]] = {
    "姓名": [values.name(R) for _ in range(ROWS)],
    "身份证号": [values.resident_id(R) for _ in range(ROWS)],
    "诊断": [R.choice(("高血压", "2型糖尿病", "急性阑尾炎", "抑郁症")) for _ in range(ROWS)],
}
CORE: dict[str, Sequence[Any]] = {
    "设施": [f"第{row}弹药库" for row in range(ROWS)],
    "纬度": [round(R.uniform(22, 39), 6) for _ in range(ROWS)],
    "经度": [round(R.uniform(103, 121), 6) for _ in range(ROWS)],
}


def csv_of(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """Return a table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()


def product_of(organization: Organization, provider: Actor, at: datetime, **rights: Any) -> Product:
    """Return a described product with its rights stated."""
    ways = ["FILE_DOWNLOAD", "SANDBOX"]
    product = draft_product(organization, provider, at, delivery_modes=ways)
    statement = stated_rights(organization, provider, at, **rights)
    return attach_rights(product=product, rights=statement, by=provider, at=at)


def submitted(
    product: Product, provider: Actor, at: datetime, columns: Mapping[str, Sequence[Any]] = CLEAN
) -> Release:
    """Return a release that waits for the filter."""
    release = upload_release(
        product=product,
        source=io.BytesIO(csv_of(columns)),
        filename="table.csv",
        by=provider,
        at=at,
    )
    return submit_release(release=release, by=provider, at=at)
