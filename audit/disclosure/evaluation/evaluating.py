"""The whole measurement, from card, model and rows to the verdict."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from confined.faults import Fault
from confined.running import Progress

from .cards import Card
from .checks import CHECKS, Evidence
from .checks.flattery import is_flattering
from .checks.persons import sensitive_columns
from .frames import Frame
from .graph import ModelFacts
from .groups import groups_of
from .limits import RunLimits
from .metrics import metric_named
from .refusals import refused
from .results import Claim, Evaluation, Finding, Severity, Sureness, Verdict
from .running import Answers, features_of, inspect_model, run_model
from .scoring import SHOWN_CLASSES, Scored, calibration_of, score_answers
from .techniques import techniques_of
from .verdicts import is_no_better, judge

DEFAULT_LIMITS = RunLimits()
MODEL = "model.onnx"
NO_RUNTIME = "NO_RUNTIME"


def evaluate(
    card: Card,
    model: bytes,
    holdout: Frame,
    *,
    train: Frame | None = None,
    workdir: Path,
    limits: RunLimits = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Evaluation:
    """Measure a model on `holdout`, compare with its card and with simple rules, look for tricks.

    `workdir` is an empty folder; what is left in it is the caller's to remove. A model that is
    refused, stopped or unfit for its card yields the verdict NOT_RUN with the reason. Raises
    Refused with the code NO_RUNTIME where onnxruntime is not installed.
    """
    bench = _Bench(card, workdir, limits, progress)
    bench.path.write_bytes(model)
    digests = {"model": hashlib.sha256(model).hexdigest(), "holdout": holdout.sha256}
    facts = ModelFacts()
    try:
        facts = inspect_model(bench.path, workdir=workdir, limits=limits)
        return _measure(bench, facts, holdout, train, digests)
    except Fault as fault:
        if fault.code == NO_RUNTIME:
            raise
        return Evaluation(
            name=card.name,
            task=card.task,
            verdict=Verdict.NOT_RUN,
            reason=fault.what,
            reason_params=dict(fault.params),
            rows=holdout.rows,
            model_sha256=digests["model"],
            holdout_sha256=digests["holdout"],
            operators=dict(facts.operators),
            techniques=techniques_of(facts),
            peak=fault.peak,
            processor=round(fault.processor, 3),
        )


@dataclass(frozen=True)
class _Bench:
    """Where one model is measured, and how far it may go."""

    card: Card
    workdir: Path
    limits: RunLimits
    progress: Progress | None

    @property
    def path(self) -> Path:
        return self.workdir / MODEL

    def run(self, facts: ModelFacts, frame: Frame, folder: str) -> Answers:
        where = self.workdir / folder
        where.mkdir()
        return run_model(
            self.path,
            self.card,
            facts,
            frame,
            workdir=where,
            limits=self.limits,
            progress=self.progress,
        )

    def tell(self, done: int, total: int) -> None:
        if self.progress:
            self.progress(done, total, "checking")


def _measure(
    bench: _Bench,
    facts: ModelFacts,
    holdout: Frame,
    train: Frame | None,
    digests: dict[str, str],
) -> Evaluation:
    card = bench.card
    if metric_named(card.main_metric, task=card.task) is None:
        raise refused("unknown-metric", name=card.main_metric, task=card.task)
    answers = bench.run(facts, holdout, "holdout")
    scored = score_answers(card, facts, holdout, answers, train, bench.limits)
    claims, unknown = _claims(card, scored)
    evidence = Evidence(
        card=card,
        facts=facts,
        features=tuple(features_of(card, facts, holdout)),
        holdout=holdout,
        scored=scored,
        claims=claims,
        judged_by=_judged_by(claims, scored),
        train=train,
        trained=_score_training(bench, facts, train),
        steady=answers.steady,
        digests=digests,
    )
    findings = list(unknown)
    for done, check in enumerate(CHECKS):
        bench.tell(done, len(CHECKS))
        findings += check(evidence)
    bench.tell(len(CHECKS), len(CHECKS))
    return _evaluation(evidence, answers, findings, digests)


def _score_training(bench: _Bench, facts: ModelFacts, train: Frame | None) -> Scored | None:
    """Score the model on its own training rows too, where they were given with their answers."""
    if train is None or train.column(bench.card.target) is None:
        return None
    answers = bench.run(facts, train, "train")
    return score_answers(bench.card, facts, train, answers, None, bench.limits)


def _claims(card: Card, scored: Scored) -> tuple[tuple[Claim, ...], list[Finding]]:
    """Judge every claimed figure; those in metrics that are not known are told."""
    classes = len(scored.classed.classes) if scored.classed else 0
    claims, unknown = [], []
    for said, declared in card.claimed.items():
        metric = metric_named(said, task=card.task, classes=classes)
        if metric is None or metric.name not in scored.scores.values:
            if said == card.main_metric:
                raise refused("metric-not-measured", name=said)
            unknown.append(
                Finding("unknown-claim", Severity.NOTICE, Sureness.CERTAIN, {"name": said[:80]})
            )
            continue
        figure = scored.figure(metric.name)
        verdict = judge(declared, figure, metric)
        claims.append(Claim(metric.name, declared, figure, verdict, said == card.main_metric))
    return tuple(claims), unknown


def _judged_by(claims: tuple[Claim, ...], scored: Scored) -> str:
    """Return the metric that decides: the card's main one, or F1 where that one flatters."""
    main = next(claim for claim in claims if claim.judged)
    if not is_flattering(main.metric, main.figure.value, main.figure.baseline):
        return main.metric
    positive = scored.classed is not None and scored.classed.positive is not None
    if not positive and scored.classed is not None:
        return "f1_macro"
    return "mcc" if main.metric == "f1_positive" else "f1_positive"


def _evaluation(
    evidence: Evidence, answers: Answers, findings: list[Finding], digests: dict[str, str]
) -> Evaluation:
    scored, card = evidence.scored, evidence.card
    shown = scored.confusion is not None and len(scored.confusion) <= SHOWN_CLASSES
    confusion = scored.confusion.tolist() if shown and scored.confusion is not None else []
    order = list(Verdict)
    worst = max((claim.verdict for claim in evidence.claims), key=order.index)
    deciding = scored.figure(evidence.judged_by)
    return Evaluation(
        name=card.name,
        task=card.task,
        verdict=Verdict.NO_BETTER if is_no_better(deciding) else worst,
        judged_by=evidence.judged_by,
        claims=evidence.claims,
        figures=scored.figures,
        baselines=scored.scores.baselines,
        findings=tuple(findings),
        groups=groups_of(scored, evidence.holdout, sensitive_columns(evidence)),
        calibration=calibration_of(scored),
        classes=scored.classed.classes if scored.classed and shown else (),
        confusion=tuple(map(tuple, confusion)),
        rows=evidence.holdout.rows,
        training_rows=evidence.train.rows if evidence.train else 0,
        model_sha256=digests["model"],
        holdout_sha256=digests["holdout"],
        operators=dict(evidence.facts.operators),
        techniques=techniques_of(evidence.facts),
        held=answers.held,
        peak=answers.peak,
        processor=round(answers.processor, 3),
    )
