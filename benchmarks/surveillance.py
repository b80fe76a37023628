"""What one look over the whole market costs: every rule over invented orders and accesses.

    python benchmarks/surveillance.py [--orders 1000000] [--accesses 5000000] [--json]

Organizations, products and amounts are drawn from a seed: 20,000 organizations of which a fifth
both sell and buy, 20,000 products at posted prices, accesses by the hours of a working day. Beside
it stands the least that any way of looking needs: pyarrow reading the same columns from Parquet and
sorting orders and accesses once by key and time, which most of the rules begin with. Printed are
seconds of the clock and of the processor, the peak resident memory, what each rule takes, and the
ratio of the whole to that reading and sorting.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from exchange.oversight.surveillance.detection.control import control_of  # noqa: E402
from exchange.oversight.surveillance.detection.detecting import DETECTORS  # noqa: E402
from exchange.oversight.surveillance.detection.facts import (  # noqa: E402
    DAY,
    Accesses,
    Facts,
    Grants,
    Orders,
    Stakes,
)
from exchange.oversight.surveillance.detection.thresholds import Thresholds  # noqa: E402

PACK = ROOT / "audit" / "rulebook" / "packs" / "surveillance" / "2026-11-01.toml"
PARTIES, PRODUCTS, BROKERS, YEAR = 20_000, 20_000, 4_000, 365 * DAY
BARGAINS, REFUNDS, PERSONAL, OWNERS = 0.1, 0.01, 0.02, 2_000
POINTS = np.array([1_000, 1_500, 2_000, 3_000, 5_000, 8_000, 10_000, 20_000, 50_000]) * 100
MIB = 1024 * 1024


def invent(orders: int, accesses: int, seed: int = 7) -> Facts:
    """Draw a year of a large market."""
    draw = np.random.default_rng(seed)
    none = np.zeros(orders, dtype=np.int64)
    product = draw.integers(0, PRODUCTS, orders)
    provider = product % (PARTIES // 2)
    buyer = draw.integers(PARTIES // 2 - BROKERS, PARTIES, orders)
    buyer = np.where(buyer == provider, buyer + 1, buyer) % PARTIES
    listed = POINTS[product % len(POINTS)]
    negotiated = draw.random(orders) < BARGAINS
    amount = np.where(negotiated, listed * draw.uniform(0.6, 0.95, orders), listed)
    placed = np.sort(draw.integers(0, YEAR, orders))
    refunded = np.where(draw.random(orders) < REFUNDS, placed + 5 * DAY, 0)
    persons = np.where(draw.random(orders) < PERSONAL, draw.integers(20, 300, orders), 0)
    names = np.array([f"O-{number:08d}" for number in range(orders)], dtype=object)
    sold = Orders(
        names, buyer, provider, product, product % 200, amount.astype(np.int64),
        none + 1, listed, listed, placed, placed + 60, refunded, negotiated, none, none,
        persons, none > 0,
    )  # fmt: skip
    who = draw.integers(0, PARTIES, accesses)
    hour = draw.triangular(7, 13, 21, accesses) * 3600
    at = draw.integers(0, 365, accesses) * DAY + hour.astype(np.int64)
    taken = Accesses(
        who,
        (who * 7 + draw.integers(0, 5, accesses)) % PRODUCTS,
        who,
        at,
        draw.integers(1, 40, accesses) * (who % 2),
    )
    owner = np.arange(OWNERS, dtype=np.int64)
    return Facts(
        organizations=[f"ORG-{number:05d}" for number in range(PARTIES)],
        products=[f"P-{number:05d}" for number in range(PRODUCTS)],
        markets=[str(number) for number in range(200)],
        orders=sold,
        accesses=taken,
        grants=Grants(
            np.full(PARTIES, 2_000, dtype=np.int64), np.full(PARTIES, 365, dtype=np.int64)
        ),
        stakes=Stakes(
            owner + PARTIES, owner * 2, np.full(OWNERS, 6_000, dtype=np.int64), owner < 0
        ),
    )


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what work returns, and its seconds of the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    done = work()
    return done, time.perf_counter() - clock, time.process_time() - processor


def read_and_sort(folder: Path) -> None:
    """Read both tables and sort each once by key and time."""
    for name, key, at in (("orders", "product", "paid"), ("accesses", "organization", "at")):
        table = pq.read_table(folder / f"{name}.parquet")
        table.sort_by([(key, "ascending"), (at, "ascending")])


def write(facts: Facts, folder: Path) -> None:
    """Write the columns down for the peer."""
    for name in ("orders", "accesses"):
        columns = vars(getattr(facts, name))
        arrays = {key: pa.array(value) for key, value in columns.items()}
        pq.write_table(pa.table(arrays), folder / f"{name}.parquet")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--accesses", type=int, default=5_000_000)
    parser.add_argument("--json", action="store_true")
    said = parser.parse_args()
    facts = invent(said.orders, said.accesses)
    thresholds = Thresholds.of(tomllib.loads(PACK.read_text(encoding="utf-8")))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    rules: dict[str, Any] = {}
    control, clock, processor = timed(lambda: control_of(facts, least_share=thresholds.tie_share))
    rules["ties"] = {"clock": clock, "processor": processor, "findings": 0}
    for rule, detector in DETECTORS.items():
        found, clock, processor = timed(
            lambda rule=rule, detector=detector: len(
                list(detector(facts, control, thresholds[rule]))
            )
        )
        rules[rule] = {"clock": clock, "processor": processor, "findings": found}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    with tempfile.TemporaryDirectory() as name:
        write(facts, Path(name))
        _done, read, read_processor = timed(lambda: read_and_sort(Path(name)))
    whole = sum(row["clock"] for row in rules.values())
    work = sum(row["processor"] for row in rules.values())
    figures = {
        "orders": said.orders,
        "accesses": said.accesses,
        "rules": rules,
        "clock_s": whole,
        "processor_s": work,
        "peak_mib": peak // MIB,
        "facts_mib": before // MIB,
        "arrow_read_and_sort_clock_s": read,
        "arrow_read_and_sort_processor_s": read_processor,
        "ratio": whole / read,
    }
    if said.json:
        print(json.dumps(figures))
        return
    for rule, row in rules.items():
        print(f"{rule:24}{row['clock']:9.2f} s{row['findings']:9} findings")
    print(f"{'all rules':24}{whole:9.2f} s, processor {work:.2f} s")
    print(f"{'peak memory':24}{peak // MIB:9} MiB, {before // MIB} of it once the facts are there")
    print(f"{'pyarrow reads and sorts':24}{read:9.2f} s, processor {read_processor:.2f} s")
    print(f"{'ratio':24}{whole / read:9.2f}")


if __name__ == "__main__":
    main()
