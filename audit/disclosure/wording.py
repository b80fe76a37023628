"""The sentences in which a measurement is told: verdicts, reasons, findings, faults of a card."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .evaluation.cards import CardFault
from .evaluation.results import Finding, Severity, Sureness, Verdict

Words = dict[str, str | Promise]

VERDICTS: Words = {
    Verdict.CONFIRMED: _("confirmed"),
    Verdict.WITHIN_ERROR: _("within the error of measurement"),
    Verdict.OVERSTATED: _("overstated"),
    Verdict.NO_BETTER: _("not better than the baseline"),
    Verdict.NOT_RUN: _("cannot be run"),
}
SURENESS: Words = {
    Sureness.CERTAIN: _("certain"),
    Sureness.LIKELY: _("likely"),
    Sureness.POSSIBLE: _("possible"),
}
SEVERITY: Words = {
    Severity.CONTRADICTS: _("speaks against the card"),
    Severity.NOTICE: _("to be known"),
}
RULES: Words = {
    "": _("no skill"),
    "majority": _("always the commonest class"),
    "always_positive": _("always the positive class"),
    "prior": _("drawn by the classes' shares"),
    "random": _("drawn by lot"),
    "same_rate": _("yes by lot, equally often"),
    "mean": _("always the mean"),
    "median": _("always the median"),
    "persistence": _("the value before"),
}
TECHNIQUES: Words = {
    "trees": _("ensemble of decision trees"),
    "linear": _("linear model"),
    "support_vectors": _("support vector machine"),
    "neural": _("neural network"),
    "nearest": _("nearest neighbors"),
    "rules": _("fixed comparisons"),
    "forest": _("random forest"),
    "boosting": _("boosting"),
}
STAGES: Words = {
    "reading": _("reading rows"),
    "running": _("running the model"),
    "checking": _("looking for tricks"),
}
CARD: Words = {
    "card-not-object": _("A card is a JSON object of named fields."),
    "card-not-json": _("The card is not valid JSON (line %(line)s, column %(column)s)."),
    "card-lacks": _("This is needed."),
    "card-lacks-accuracy": _(
        'This is needed: at least one figure by the name of its metric, such as {"f1": 0.61}.'
    ),
    "card-long": _("The text has more than %(limit)s characters."),
    "card-not-text": _("A text is expected."),
    "card-not-list": _("A list of texts is expected."),
    "card-not-number": _("A positive number is expected."),
    "card-twice": _("An entry of the list is repeated."),
    "card-task": _("The task “%(found)s” is not known. Known are: %(known)s."),
    "main-not-claimed": _("The main metric “%(name)s” is not among the figures claimed."),
}
REASONS: Words = {
    # the model's file
    "model-empty": _("The model's file is empty. Upload it again."),
    "model-large": _("The model has %(size)s bytes; %(limit)s are accepted."),
    "pickle": _(
        "The file is a Python pickle, which runs code when it is opened. Export the model to ONNX."
    ),
    "foreign-model": _("The file is %(content)s, not ONNX. Export the model to ONNX."),
    "not-onnx": _("The file does not follow the ONNX format. Export the model again."),
    "training-graph": _("The file holds a graph for training. Export the model for inference."),
    "own-functions": _(
        "The file defines functions of its own. Inline them when exporting the model."
    ),
    "own-domain": _(
        "An operator is of the domain “%(domain)s”; only those of ONNX itself (ai.onnx, "
        "ai.onnx.ml) are run. Export the model without extensions."
    ),
    "external-data": _(
        "The model keeps weights in another file (%(place)s), which is never opened. Save "
        "everything in one file."
    ),
    "hollow-tensor": _(
        "The constant %(name)s claims %(size)s numbers and does not hold them. Export the model "
        "again."
    ),
    "deep-graph": _("Graphs are nested more than %(limit)s deep."),
    "many-nodes": _("The graph has more than %(limit)s operators."),
    "many-classes": _("There are more than %(limit)s classes."),
    "no-input": _("The graph has no input."),
    "no-output": _("The graph has no output."),
    # model, card and rows together
    "no-input-named": _("The card names the input “%(name)s”; the model has: %(found)s."),
    "no-output-named": _("The card names the output “%(name)s”; the model has: %(found)s."),
    "no-feature-for-input": _("No feature has the name of these inputs: %(names)s."),
    "odd-input": _("The input “%(name)s” is not of numbers or texts."),
    "odd-batch": _("The inputs demand different numbers of rows at one time."),
    "other-width": _(
        "The input “%(name)s” takes %(wanted)s numbers to a row; the features give %(width)s."
    ),
    "text-and-number": _(
        "The input “%(name)s” is of the type %(kind)s, which does not fit column “%(column)s”."
    ),
    "unknown-metric": _(
        "The metric “%(name)s” is not known for the task %(task)s. The metrics are listed in "
        "docs/algorithms.md."
    ),
    "metric-not-measured": _(
        "The metric “%(name)s” cannot be measured on what the model gives out. Declare one that "
        "can, or give out probabilities."
    ),
    "no-target": _("The rows have no column “%(name)s” with the answers. They have: %(found)s."),
    "no-column": _("The rows have no column “%(name)s”."),
    "odd-column": _("Column “%(name)s” holds neither numbers nor texts."),
    "empty-target": _("Answers are missing in %(rows)s rows (column “%(name)s”)."),
    "text-target": _("Column “%(name)s” holds texts; the task %(task)s needs numbers."),
    "target-not-classes": _("Column “%(name)s” has %(count)s different values, too many classes."),
    "one-class": _("All rows are of one class (column “%(name)s”); nothing can be told apart."),
    "one-value": _("All answers are the same (column “%(name)s”); nothing can be predicted."),
    "unknown-task": _("The task “%(name)s” is not known. Known are: %(known)s."),
    "few-rows": _(
        "The evaluation has %(rows)s rows; at least %(fewest)s are needed to say anything."
    ),
    "few-queries": _("The evaluation has %(count)s queries; at least %(fewest)s are needed."),
    "odd-relevance": _("Relevance (column “%(name)s”) has to lie between 0 and 60."),
    "odd-anomalies": _("Column “%(name)s” has to mark anomalies by 1 (or −1) and others by 0."),
    "odd-index": _("Column “%(name)s” has to hold whole numbers from 0 to below %(width)s."),
    "odd-output": _("The outputs cannot be read as what the task asks for. Name them in the card."),
    "one-score-many-classes": _("One score to a row cannot tell %(classes)s classes apart."),
    "unknown-classes": _(
        "The model gives %(width)s probabilities and the rows have %(count)s classes. List the "
        "classes in the card, in the model's order."
    ),
    "no-positive": _("The positive class “%(name)s” does not occur."),
    # the rows
    "no-rows": _("The table has no rows."),
    "many-rows": _("The table has more than %(limit)s rows."),
    "many-columns": _("The table has %(count)s columns; %(limit)s are accepted."),
    "many-texts": _("Column “%(name)s” has more than %(limit)s different texts."),
    "ragged": _("The lists in column “%(name)s” differ in length."),
    "wide-cell": _("A cell of column “%(name)s” holds more than %(limit)s numbers."),
    "wide-number": _("Column “%(name)s” holds numbers too large for its lists."),
    "not-parquet": _("The table is not a sound Parquet file (%(reason)s)."),
    # running
    "no-runtime": _(
        "onnxruntime is not installed. Install the extra “evaluation”: pip install "
        "--require-hashes -r requirements/evaluation.txt"
    ),
    "not-loaded": _("The runtime does not accept the model: %(reason)s"),
    "not-run": _("The model failed near row %(row)s: %(reason)s"),
    "not-run-sealed": _(
        "The model failed while it ran. What the runtime said may tell of sealed rows and is "
        "withheld; a rehearsal on rows of your own shows it."
    ),
    "not-finite-sealed": _(
        "The model's output is not a number in some of the sealed rows, for instance because of "
        "empty cells or a division by zero. Rehearse on rows of your own."
    ),
    "other-rows-sealed": _(
        "The model gives out another number of rows than it was asked. It has to answer each row "
        "once."
    ),
    "not-finite": _("The output “%(name)s” is not a number in %(rows)s rows."),
    "other-rows": _("The output “%(name)s” has %(rows)s rows where %(expected)s were asked."),
    "timeout": _("The model took longer than %(limit)s seconds and was stopped."),
    "processor-time": _("The model used up its processor time and was stopped."),
    "memory": _("The model needed more memory than allowed and was stopped."),
    "killed": _("The system stopped the model, probably for lack of memory."),
    "written": _("The model's answers are larger than allowed."),
    "disk-full": _("There is no room on the disk at present."),
    "answer": _("What came back from the model's process is not what an honest one says."),
    "crashed": _("The model's process stopped (%(reason)s)."),
}
FINDINGS: Words = {
    "other-file": _("%(file)s: not the one the card names (sha256 %(found)s)."),
    "constant": _("The model answers %(value)s to every row."),
    "constant-sealed": _("The model answers the same to every row."),
    "always-same-class-sealed": _("The model calls every row the same; only its scores differ."),
    "always-same-class": _("The model calls every row %(value)s; only its scores differ."),
    "unsteady": _("A row's answer changes with the rows beside it, or by chance."),
    "loops": _("Operators that repeat an inner graph: %(count)s."),
    "unknown-claim": _("The card also claims “%(name)s”, which is no metric known here."),
    "other-technique": _("The card names %(named)s; the graph is %(found)s."),
    "technique-not-seen": _("The card also names %(named)s; in the graph is only %(found)s."),
    "other-ensemble": _("The card names %(named)s; the leaves are those of %(found)s."),
    "other-trees": _("The card names %(named)s trees; the graph has %(found)s."),
    "fewer-trees": _(
        "The card names %(named)s trees; the graph has %(found)s, perhaps by early stopping."
    ),
    "deeper-trees": _("The card names a depth of %(named)s; the trees are %(found)s deep."),
    "not-scaled": _("The card speaks of standardized features; the graph does not scale them."),
    "target-is-feature": _("The target “%(name)s” is itself among the features."),
    "leak": _("From the feature “%(name)s” alone the target can be read off (%(strength)s of 1)."),
    "perhaps-leak": _(
        "The feature “%(name)s” nearly gives the target (%(strength)s of 1), and no other comes "
        "near. Is it known before the event?"
    ),
    "leak-sum": _("The target is a weighted sum of features (%(names)s), without error."),
    "copies": _(
        "%(share)s of the evaluation's rows also occur in training, where %(natural)s would be "
        "by nature."
    ),
    "near-copies": _(
        "%(share)s of the evaluation's rows are training rows slightly changed, where "
        "%(natural)s would be by nature."
    ),
    "repeated-rows": _(
        "%(share)s of the evaluation's rows also occur in training; the table repeats itself "
        "(%(natural)s within training)."
    ),
    "flattering": _(
        "%(metric)s flatters: %(value)s for the model, %(baseline)s for a rule without skill. It "
        "is judged by %(judged)s."
    ),
    "accuracy-says-little": _(
        "Accuracy (%(value)s) is little better than always saying the commonest class "
        "(%(baseline)s). It is judged by %(judged)s."
    ),
    "training-score": _(
        "%(metric)s = %(declared)s is the score on the training rows (%(trained)s); on the "
        "evaluation it is %(value)s."
    ),
    "like-training-score": _(
        "%(metric)s = %(declared)s is close to the score on the training rows (%(trained)s)."
    ),
    "fitted-to-evaluation": _(
        "The model does better on the evaluation (%(metric)s = %(value)s) than on its own "
        "training rows (%(trained)s): it knows the answers."
    ),
    "sensitive-used": _(
        "The features hold attributes that the law guards and the card does not own to: %(names)s."
    ),
    "sensitive-unmentioned": _(
        "The features hold attributes that the law guards (%(names)s); the card says nothing of "
        "sensitive attributes."
    ),
    "proxy": _(
        "From the feature “%(name)s” the guarded attribute “%(guarded)s” can be read off "
        "(%(strength)s of 1)."
    ),
    "people-not-named": _(
        "The data are of people (%(names)s), and the card names none among the stakeholders."
    ),
    "people-perhaps": _(
        "The data may be of people (%(names)s), and the card names none among the stakeholders."
    ),
}
FILES: Words = {"model": _("Model's file"), "holdout": _("File of the evaluation")}
NAMED = ("named", "found")


def describe_reason(what: str, params: Mapping[str, Any]) -> str:
    """Return why an algorithm could not be measured, in the current language."""
    return _filled(REASONS.get(what, REASONS["crashed"]), {"reason": what} | dict(params))


def describe_card_fault(fault: CardFault) -> str:
    """Return what is wrong with a field of a card, in the current language."""
    return _filled(CARD[fault.what], fault.params)


def describe_finding(finding: Finding) -> str:
    """Return what was seen, in the current language; techniques by their names."""
    params = dict(finding.params)
    if finding.code == "other-file":
        params["file"] = str(FILES[str(params["file"])])
    if finding.code in ("other-technique", "technique-not-seen", "other-ensemble"):
        for key in NAMED:
            codes = str(params[key]).split(", ")
            params[key] = gettext(", ").join(str(TECHNIQUES.get(code, code)) for code in codes)
    return _filled(FINDINGS[finding.code], params)


def _filled(sentence: str | Promise, params: Mapping[str, Any]) -> str:
    return str(sentence) % params if params else str(sentence).replace("%%", "%")
