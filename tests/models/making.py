"""Models that are offered: files, what is stated of them, their disclosures."""

import hashlib
import io
from datetime import datetime
from typing import Any

import numpy as np

from audit.disclosure import services as register
from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from exchange.catalog.models import Product, Release
from exchange.catalog.services import attach_rights, submit_release, upload_release
from exchange.compliance.models import Screening
from exchange.compliance.services import screen_release
from exchange.parties.models import Organization
from exchange.trading.services import state_model_training
from tests.catalog.making import draft_product
from tests.disclosure.making import reviewed, statement, texts
from tests.disclosure.onnx_files import field, logistic, model
from tests.registry.making import stated_rights

SYSTEM = Actor.system("compliance")
ALGORITHM = "credit-score"
MANUAL: dict[str, Any] = {
    "name": "企业信用评分模型",
    "name_en": "Credit score of enterprises",
    "abstract": "根据两项经营指标给出违约概率的逻辑回归模型。",
    "abstract_en": "A logistic regression that gives the chance of a default.",
    "product_type": "MODEL",
    "form": "MODEL",
    "structure": "STRUCTURED",
    "description": "Two figures in, a label and the chance of a default out.",
    "dictionary": [],
    "keywords": ["评分", "模型"],
    "delivery_modes": ["FILE_DOWNLOAD", "MODEL_RESULT"],
}
WORDS = {"en": "Loans of 2024 from our own books", "zh": "本机构2024年贷款台账"}


def onnx_file(*, bias: float = 0.5, extra: bytes = b"") -> bytes:
    """Return a logistic regression of two figures."""
    return logistic(np.array([1.0, -2.0]), bias) + extra


def sha256(content: bytes) -> str:
    """Return a digest as the exchange writes it."""
    return hashlib.sha256(content).hexdigest()


def model_product(
    organization: Organization, provider: Actor, at: datetime, **changes: Any
) -> Product:
    """Return a described model with its rights stated."""
    product = draft_product(organization, provider, at, **(MANUAL | changes))
    rights = stated_rights(organization, provider, at)
    return attach_rights(product=product, rights=rights, by=provider, at=at)


def source(product: Product, **changes: Any) -> dict[str, Any]:
    """Return training data that rests on the rights of the product."""
    assert product.rights is not None
    return {
        "name": "贷款台账 2024",
        "rights": "STATEMENT",
        "reference": product.rights.reference,
        "personal": "NONE",
        "grade": "GENERAL",
    } | changes


def state(
    product: Product, provider: Actor, at: datetime, content: bytes, *sources: dict[str, Any]
) -> None:
    """State what a model is; without sources, one that is in order."""
    told = {
        "algorithm": ALGORITHM,
        "model_sha256": sha256(content),
        "sources": list(sources) or [source(product)],
    }
    state_model_training(product=product, statement=told, by=provider, at=at)


def disclosed(
    product: Product, provider: Actor, at: datetime, content: bytes, **changes: Any
) -> Disclosure:
    """Return a disclosure of the model that is in force."""
    said = {
        "texts": texts(training_data=WORDS),
        "products": (product.reference,),
        "model_sha256": sha256(content),
    } | changes
    draft = register.draft_disclosure(
        statement=statement(**said), owner=product.provider.reference, by=provider, at=at
    )
    return reviewed(register.file_disclosure(disclosure=draft, by=provider, at=at), at)


def uploaded(product: Product, provider: Actor, at: datetime, content: bytes) -> Release:
    """Return a model as it was uploaded."""
    return upload_release(
        product=product, source=io.BytesIO(content), filename="score.onnx", by=provider, at=at
    )


def screened(
    product: Product, provider: Actor, at: datetime, content: bytes
) -> tuple[Release, Screening]:
    """Return a model after the filter read it."""
    release = uploaded(product, provider, at, content)
    release = submit_release(release=release, by=provider, at=at)
    screening = screen_release(release=release, by=SYSTEM, at=at)
    release.refresh_from_db()
    return release, screening


def cleared_model(
    organization: Organization, provider: Actor, at: datetime, content: bytes = b"", **changes: Any
) -> Release:
    """Return a model in order that the filter let through."""
    content = content or onnx_file()
    product = model_product(organization, provider, at, **changes)
    state(product, provider, at, content)
    disclosed(product, provider, at, content)
    release, _screening = screened(product, provider, at, content)
    return release


def described(words: str) -> bytes:
    """Return a model file whose description says something."""
    return onnx_file(extra=field(6, words))


def entry(key: str, value: str) -> bytes:
    """Return metadata for the end of a model file."""
    return field(14, field(1, key) + field(2, value))


__all__ = ["field", "model"]
