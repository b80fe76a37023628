"""T27: what may not be sold is not put on the market under another form; a person sees it first."""

import base64
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from audit.log.actors import Actor
from exchange.catalog.models import Release
from exchange.catalog.services import submit_release
from exchange.catalog.services.uploading import upload_release
from exchange.compliance.opaque import with_opaque
from exchange.compliance.scanner import scan_parquet
from exchange.compliance.services import screen_release
from exchange.parties.models import Organization
from exchange.vault.reading import Unreadable
from tests.compliance.deriving import SYSTEM
from tests.compliance.making import CORE, IMPORTANT, PERSONAL, csv_of, product_of
from tests.compliance.scanning import lexicon
from tests.vault.making import workbook

Columns = Mapping[str, Sequence[Any]]
Disguise = Callable[[Columns], tuple[str, bytes]]
HARMLESS = ("温度", "湿度", "风速", "气压", "备注")
ZERO = str.maketrans({"0": "О"})
"""A Cyrillic letter that looks like the digit."""


def b64(text: object) -> str:
    """Return a text in base64."""
    return base64.b64encode(str(text).encode()).decode()


def records(columns: Columns) -> list[dict[str, Any]]:
    """Return the rows of a table as records."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def zipped(content: bytes) -> bytes:
    """Return a file within a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.csv", content)
    return out.getvalue()


def parquet(table: pa.Table) -> bytes:
    """Return a table as Parquet."""
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def beside(cell: Any) -> dict[str, Sequence[Any]]:
    """Return a harmless table with something in one cell of it."""
    return {"站点": ["a", "b", "c"], "备注": ["无", cell, "无"]}


DISGUISES: dict[str, Disguise] = {
    "no names": lambda c: ("t.csv", csv_of({f"f{n}": v for n, v in enumerate(c.values())})),
    "harmless names": lambda c: ("t.csv", csv_of(dict(zip(HARMLESS, c.values(), strict=False)))),
    "letters alike": lambda c: (
        "t.csv",
        csv_of({name: [str(v).translate(ZERO) for v in cells] for name, cells in c.items()}),
    ),
    "base64": lambda c: (
        "t.csv",
        csv_of({b64(name): [b64(v) for v in cells] for name, cells in c.items()}),
    ),
    "base64 of records": lambda c: (
        "t.csv",
        csv_of({"f1": [b64(json.dumps(each, ensure_ascii=False)) for each in records(c)]}),
    ),
    "nested JSON": lambda c: (
        "t.json",
        json.dumps([{"a": {"b": [{"c": each}]}} for each in records(c)]).encode(),
    ),
    "JSON in cells": lambda c: ("t.csv", csv_of({"f1": [json.dumps(e) for e in records(c)]})),
    "keys and values": lambda c: (
        "t.csv",
        csv_of(
            {
                "k": [name for each in records(c) for name in each],
                "v": [value for each in records(c) for value in each.values()],
            }
        ),
    ),
    "a file in a cell": lambda c: ("t.csv", csv_of(beside(csv_of(c).decode()))),
    "gzip in a cell": lambda c: (
        "t.csv",
        csv_of(beside(base64.b64encode(gzip.compress(csv_of(c))).decode())),
    ),
    "zip in a cell": lambda c: (
        "t.csv",
        csv_of(beside(base64.b64encode(zipped(csv_of(c))).decode())),
    ),
    "bytes of a cell": lambda c: (
        "t.parquet",
        parquet(pa.table({"n": [1, 2], "b": pa.array([b"", csv_of(c)], pa.binary())})),
    ),
    "a property of the file": lambda c: (
        "t.parquet",
        parquet(pa.table({"n": [1, 2]}).replace_schema_metadata({"note": csv_of(c)})),
    ),
    "a hidden sheet": lambda c: (
        "t.xlsx",
        workbook(
            {
                "表": [["站", "客流"], ["a", 1], ["b", 2]],
                "x": [list(c), *map(list, zip(*c.values(), strict=True))],
            },
            hidden=["x"],
        ),
    ),
    "UTF-16": lambda c: ("t.csv", csv_of(c).decode().encode("utf-16")),
}
WRAPPED: dict[str, Disguise] = {
    "zip": lambda c: ("t.zip", zipped(csv_of(c))),
    "zip called a table": lambda c: ("t.csv", zipped(csv_of(c))),
    "zip called a workbook": lambda c: ("t.xlsx", zipped(csv_of(c))),
    "gzip": lambda c: ("t.csv.gz", gzip.compress(csv_of(c))),
}
HARDEST = ("base64", "a file in a cell", "zip in a cell", "a property of the file")
TRIED = [
    *((CORE, way) for way in DISGUISES),
    *((IMPORTANT, way) for way in (*HARDEST, "no names", "letters alike")),
    *((PERSONAL, way) for way in HARDEST),
]
NAMES = {id(CORE): "core", id(IMPORTANT): "important", id(PERSONAL): "persons"}


@pytest.fixture
def offer(
    provider_org: Organization, provider: Actor, at: datetime
) -> Callable[[str, bytes], Release]:
    """Return what takes a file to the filter, as a new product, and returns the release."""

    def taken(filename: str, content: bytes) -> Release:
        product = product_of(provider_org, provider, at)
        source = io.BytesIO(content)
        release = upload_release(
            product=product, source=source, filename=filename, by=provider, at=at
        )
        release = submit_release(release=release, by=provider, at=at)
        screen_release(release=release, by=SYSTEM, at=at)
        release.refresh_from_db()
        return release

    return taken


@pytest.mark.parametrize(
    ("columns", "way"), TRIED, ids=[f"{NAMES[id(columns)]}, {way}" for columns, way in TRIED]
)
def test_it_is_stopped_or_seen_by_a_person(
    columns: Columns, way: str, offer: Callable[[str, bytes], Release]
) -> None:
    release = offer(*DISGUISES[way](columns))

    assert release.status in {"BLOCKED", "IN_REVIEW"}


@pytest.mark.parametrize("way", WRAPPED)
def test_what_is_wrapped_as_a_file_is_not_taken(
    way: str, offer: Callable[[str, bytes], Release]
) -> None:
    with pytest.raises(Unreadable):
        offer(*WRAPPED[way](CORE))

    assert not Release.objects.exists()


KEY = [f"K{row:05}" for row in range(60)]
IDS = PERSONAL["身份证号"]
HALVES: dict[str, tuple[Columns, Columns]] = {
    "names and numbers": ({"k": KEY, "a": PERSONAL["姓名"]}, {"k": KEY, "b": IDS}),
    **{
        f"numbers, cut after {cut}": (
            {"k": KEY, "a": [number[:cut] for number in IDS]},
            {"k": KEY, "b": [number[cut:] for number in IDS]},
        )
        for cut in (6, 9)
    },
    "latitude and longitude": (
        {"k": KEY, "纬度": IMPORTANT["大地纬度"]},
        {"k": KEY, "经度": IMPORTANT["大地经度"]},
    ),
    "depots and their places": (
        {"k": KEY, "名": CORE["设施"]},
        {"k": KEY, "x": CORE["纬度"], "y": CORE["经度"]},
    ),
}


@pytest.mark.parametrize("split", HALVES)
def test_of_two_halves_one_at_least_is_seen(
    split: str, offer: Callable[[str, bytes], Release]
) -> None:
    states = {offer("t.csv", csv_of(half)).status for half in HALVES[split]}

    assert states & {"BLOCKED", "IN_REVIEW"}


R = Random(27)
OPEN: dict[str, Columns] = {
    "digests and keys": {"sha256": [R.randbytes(32).hex() for _ in KEY], "k": KEY},
    "order numbers": {"号": [f"202405{R.randint(10, 28)}{R.randrange(10**4):04}" for _ in KEY]},
    "long texts": {"text": ["这是一段很长的说明文字，没有任何人的信息。\n" * 40] * 60},
    "codes of words": {"c": [R.choice(["abcdefgh", "oilpress", "windmill"]) for _ in KEY]},
    "measures": {"a": [R.uniform(20, 50) for _ in KEY], "b": [R.uniform(80, 130) for _ in KEY]},
    "prices": {"a": [f"{R.uniform(20, 50):.2f}" for _ in KEY], "b": list(range(60))},
    "named places": {
        "纬度": [f"{R.uniform(30, 31):.6f}" for _ in KEY],
        "经度": [f"{R.uniform(120, 121):.6f}" for _ in KEY],
    },
}


@pytest.mark.parametrize("name", OPEN)
def test_what_only_looks_so_is_not_opaque(name: str, tmp_path: Any) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table(dict(OPEN[name])), path)

    report = with_opaque(scan_parquet(path, lexicon()), path)

    opaque = {"encoded_content", "packed_content", "identity_fragment", "unnamed_coordinates"}
    assert not opaque & set(report.entities())
