"""How well spans in free text are found: on sentences of our own, and on labeled files at hand."""

from pathlib import Path
from typing import Final

from audit.disclosure.intervals import wilson_interval
from audit.disclosure.measuring import (
    Metric,
    measurement,
    outside_data,
    report_progress,
    sha256_of,
)
from audit.rulebook.queries import list_packs
from exchange.compliance.labeled_texts import (
    Comparison,
    checked,
    find_in_rows,
    read_rows,
    vocabulary_of,
)
from exchange.compliance.scanner.text import Score, Scores, TextFinder, Vocabulary
from exchange.compliance.scanning import lexicon_of

from .scanner import MEASURED_ON
from .sentences import SEED, SENTENCES, UNTRIED, Sentence, digest_of, make_sentences

FOLDER: Final = "pii-text"
OWN: Final = "exact span and type; the finder was adjusted on these sentences"
NEW: Final = (
    "exact span and type; same makers, but the finder was never adjusted to these sentences"
)
STRICT: Final = "exact span and type; every span that is not labeled counts as an error"
DECLARED: Final = (
    "exact span and type; a row that names a type is asked for that type only, and rows that "
    "declare a match without saying where are left out"
)


@measurement("scanner", code=["exchange.compliance.scanner", "exchange.compliance.labeled_texts"])
def measure_text() -> list[Metric]:
    """Measure precision, recall and F1 of spans by type, by basis and over all."""
    finder = TextFinder(lexicon_of(list_packs("compliance")[-1], on=MEASURED_ON))
    folder = outside_data()
    files = [] if folder is None else sorted(folder.glob(f"{FOLDER}/*.jsonl"))
    metrics = _own(finder)
    for done, file in enumerate(files, start=1):
        metrics += _file(finder, file)
        report_progress(done, len(files), file.name)
    return metrics


def score_sentences(finder: TextFinder, sentences: list[Sentence]) -> Scores:
    """Compare what is found in our own sentences with what was put into them."""
    scores, own = Scores(), Vocabulary()
    found = finder.find([each.text for each in sentences])
    for sentence, spans in zip(sentences, found, strict=True):
        scores.add(own.say(spans), sentence.spans)
    return scores


def compare_file(finder: TextFinder, file: Path) -> Comparison:
    """Compare what is found in a labeled file with its labels, in both readings."""
    vocabulary, comparison = vocabulary_of(file), Comparison()
    for row, found in find_in_rows(read_rows(file), finder):
        comparison.add(row, vocabulary.say(found))
    return comparison


def _own(finder: TextFinder) -> list[Metric]:
    metrics = []
    for patterns, word, note in ((SENTENCES, "", OWN), (UNTRIED, "untried ", NEW)):
        sentences = make_sentences(patterns=patterns)
        name = f"{word}invented sentences, seed {SEED}, {len(sentences)} texts"
        scores = score_sentences(finder, sentences)
        metrics += _metrics("text", scores, name, digest_of(sentences), note)
    return metrics


def _file(finder: TextFinder, file: Path) -> list[Metric]:
    comparison, digest = compare_file(finder, file), sha256_of(file)
    strict = _metrics("text", comparison.strict, file.name, digest, STRICT)
    declared = _metrics("text_declared", comparison.declared, file.name, digest, DECLARED)
    return [*strict, *declared]


def _metrics(prefix: str, scores: Scores, dataset: str, digest: str, note: str) -> list[Metric]:
    groups = {"all": scores.all(), "checked": checked(scores)}
    groups |= {each: scores.of(each) for each in scores.types()}
    return [
        metric
        for name, score in groups.items()
        for metric in _figures(prefix, name, score, (dataset, digest, note))
    ]


def _figures(prefix: str, name: str, score: Score, source: tuple[str, str, str]) -> list[Metric]:
    dataset, digest, note = source
    metrics = []
    for figure, value, whole in (
        ("precision", score.precision, score.found),
        ("recall", score.recall, score.labeled),
        ("f1", score.f1, score.found + score.labeled - score.right),
    ):
        low, high = wilson_interval(score.right, whole) if whole else (0.0, 1.0)
        between = figure != "f1" and bool(whole)
        metrics.append(
            Metric(
                name=f"{prefix}.{figure}.{name}",
                value=f"{value:.4f}",
                ci_low=f"{low:.4f}" if between else "",
                ci_high=f"{high:.4f}" if between else "",
                n=max(whole, 1),
                dataset=dataset,
                dataset_sha256=digest,
                note=note,
            )
        )
    return metrics
