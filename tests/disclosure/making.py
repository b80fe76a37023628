"""Things the disclosure tests start from."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from audit.disclosure.measuring import Metric
from audit.disclosure.models import Disclosure
from audit.disclosure.services import (
    draft_disclosure,
    file_disclosure,
    publish_disclosure,
    supersede_disclosure,
    take_review,
)
from audit.disclosure.statements import DeclaredAccuracy, Statement
from audit.log.actors import Actor, ActorKind

OWNER = "ORG-PROVIDER"
PLATFORM = Actor.system("disclosure")
CODE = "c" * 64
REVIEWER = Actor(
    kind=ActorKind.USER,
    id="user:reviewer",
    organization="ORG-OPERATOR",
    roles=frozenset({"OPERATOR"}),
    member_role="ADMIN",
)
AUTHORITY = replace(
    REVIEWER, id="user:authority", organization="ORG-REGULATOR", roles=frozenset({"REGULATOR"})
)
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


def drafted(by: Actor, at: datetime, **changes: Any) -> Disclosure:
    """A draft of the usual statement, changed."""
    return draft_disclosure(statement=statement(**changes), owner=OWNER, by=by, at=at)


def filed(by: Actor, at: datetime, **changes: Any) -> Disclosure:
    """A version that was handed in."""
    return file_disclosure(disclosure=drafted(by, at, **changes), by=by, at=at)


def taken(by: Actor, at: datetime, reviewer: Actor = REVIEWER, **changes: Any) -> Disclosure:
    """A version that a reviewer has taken up."""
    return take_review(disclosure=filed(by, at, **changes), by=reviewer, at=at)


def published(by: Actor, at: datetime, reviewer: Actor = REVIEWER, **changes: Any) -> Disclosure:
    """A version in force."""
    found = taken(by, at, reviewer, **changes)
    return publish_disclosure(disclosure=found, by=reviewer, at=at)


def superseding(
    first: Disclosure, by: Actor, at: datetime, reviewer: Actor = REVIEWER, **changes: Any
) -> Disclosure:
    """The version in force that took the place of another."""
    found = supersede_disclosure(disclosure=first, statement=statement(**changes), by=by, at=at)
    return reviewed(found, at, reviewer)


def reviewed(disclosure: Disclosure, at: datetime, reviewer: Actor = REVIEWER) -> Disclosure:
    """A filed version, published after review."""
    take_review(disclosure=disclosure, by=reviewer, at=at)
    return publish_disclosure(disclosure=disclosure, by=reviewer, at=at)


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
