"""Things the disclosure tests start from."""

from dataclasses import replace
from typing import Any

from audit.disclosure.measuring import Metric
from audit.disclosure.statements import DeclaredAccuracy, Statement
from audit.log.actors import Actor

OWNER = "ORG-PROVIDER"
PLATFORM = Actor.system("disclosure")
CODE = "c" * 64
STATEMENT = Statement(
    algorithm="credit-score",
    algorithm_type="SCHEDULING_DECISION",
    texts={
        "name": {"en": "Credit score", "zh": "信用评分"},
        "technique": {"en": "Logistic regression", "zh": "逻辑回归"},
        "prediction_target": {"en": "Default within a year", "zh": "一年内违约"},
        "stakeholders": {"en": "Borrowers, lenders", "zh": "借款人、放款人"},
    },
    metrics={"auc": {"en": "Area under the curve", "zh": "曲线下面积"}},
    declared=(DeclaredAccuracy(metric="auc", value="0.91", note="own holdout"),),
    products=("P-2026-00000001",),
)


def statement(**changes: Any) -> Statement:
    """The usual statement, changed."""
    return replace(STATEMENT, **changes)


def texts(**changes: dict[str, str]) -> dict[str, Any]:
    """The usual texts, some of them changed."""
    return dict(STATEMENT.texts) | changes


def metric(**changes: Any) -> Metric:
    """A measured figure, changed."""
    values: dict[str, Any] = {
        "name": "auc",
        "value": "0.84",
        "ci_low": "0.81",
        "ci_high": "0.87",
        "n": 500,
        "dataset": "holdout 2026",
        "dataset_sha256": "d" * 64,
    }
    return Metric(**(values | changes))
