"""How fast Microsoft Presidio's pattern recognizers read the first rows of a Parquet file.

    python3 benchmarks/presidio.py FILE ROWS

Runs under any Python that has `presidio-analyzer` and `pyarrow`; `benchmarks/scan.py` calls it in
the same run, on the same table. Three times: the recognizers alone; the analyzer that its users
call; the analyzer for many texts at once, which users with a table call. The language pipeline of
both analyzers is empty, which makes them faster than with a model.
"""

import json
import sys
import time
from collections.abc import Callable

import pyarrow.parquet as pq
import spacy
from presidio_analyzer import (
    AnalyzerEngine,
    BatchAnalyzerEngine,
    Pattern,
    PatternRecognizer,
    RecognizerRegistry,
)
from presidio_analyzer.nlp_engine import SpacyNlpEngine

PATTERNS = {
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
    """Read the cells of the first rows one by one and print the figures as JSON."""
    file, rows = sys.argv[1], int(sys.argv[2])
    recognizers = [
        PatternRecognizer(supported_entity=kind, patterns=[Pattern(kind, pattern, 0.5)])
        for kind, pattern in PATTERNS.items()
    ]
    table = pq.read_table(file).slice(0, rows)
    cells = [str(cell) for column in table.columns for cell in column.to_pylist()]
    analyzer = AnalyzerEngine(
        registry=RecognizerRegistry(recognizers), nlp_engine=Blank(), supported_languages=["en"]
    )
    many = BatchAnalyzerEngine(analyzer)
    ways: dict[str, Callable[[], object]] = {
        "pattern recognizers": lambda: [alone(recognizers, cell) for cell in cells],
        "analyzer": lambda: [analyzer.analyze(cell, language="en") for cell in cells],
        "batch analyzer": lambda: many.analyze_iterator(cells, language="en"),
    }
    print(json.dumps([measure(name, cells, rows, analyze) for name, analyze in ways.items()]))


class Blank(SpacyNlpEngine):
    """A language pipeline that only parts words."""

    def __init__(self) -> None:
        """Take the empty pipeline of spaCy."""
        super().__init__()
        self.nlp = {"en": spacy.blank("en")}


def alone(recognizers: list[PatternRecognizer], cell: str) -> None:
    """Run the recognizers one after the other."""
    for recognizer in recognizers:
        recognizer.analyze(cell, entities=recognizer.supported_entities)


def measure(
    name: str, cells: list[str], rows: int, analyze: Callable[[], object]
) -> dict[str, object]:
    """Have all cells read and return the figures."""
    begun, begun_work = time.perf_counter(), time.process_time()
    analyze()
    seconds = time.perf_counter() - begun
    size = sum(len(cell.encode()) for cell in cells)
    return {
        "what": f"Microsoft Presidio, {name}",
        "rows": rows,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(time.process_time() - begun_work, 3),
        "rows_per_second": round(rows / seconds),
        "mb_per_second": round(size / 1e6 / seconds, 3),
    }


if __name__ == "__main__":
    main()
