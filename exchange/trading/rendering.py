"""Contracts and certificates as pages and prints show them, in both languages side by side."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.functional import lazy

from exchange.catalog.chapters.use import USE
from pricing.wording import quote_line_text

from .fields import SCENARIO_FIELDS
from .models import Contract
from .states import Side
from .verification import Verification, verify_contract


@dataclass(frozen=True, kw_only=True)
class Worded:
    """The same words in both languages of a contract."""

    en: str
    zh: str


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One clause as it was signed."""

    number: int
    title: Worded
    text: Worded


@dataclass(frozen=True, kw_only=True)
class Row:
    """One labeled value of a contract."""

    name: str
    label: Worded
    value: Any


@dataclass(frozen=True, kw_only=True)
class PriceLine:
    """One line of the price."""

    label: Worded
    quantity: int
    unit_price: str
    amount: str


@dataclass(frozen=True, kw_only=True)
class SignatureRow:
    """One signature: for whom, by whom, when, with which key."""

    side: Worded
    organization: str
    signer: str
    signed_at: datetime
    key: str
    signature: str


@dataclass(frozen=True, kw_only=True)
class ContractView:
    """Everything a reader of a contract needs, taken from the signed document alone."""

    reference: str
    status: str
    sha256: str
    document: dict[str, Any]
    provider: dict[str, Any]
    buyer: dict[str, Any]
    product: dict[str, Any]
    release: dict[str, Any]
    scenario: Sequence[Row]
    policy: Sequence[Row]
    price: Sequence[PriceLine]
    amount: str
    currency: str
    clauses: Sequence[Clause]
    signatures: Sequence[SignatureRow]
    verification: Verification


def render_contract(contract: Contract) -> ContractView:
    """Return a contract for reading; its clauses are the signed words, not today's."""
    document = json.loads(contract.document)
    quote = document["price"]["quote"]
    return ContractView(
        reference=contract.reference,
        status=contract.status,
        sha256=contract.sha256,
        document=document,
        provider=document["provider"],
        buyer=document["buyer"],
        product=document["product"],
        release=document["release"],
        scenario=_rows(SCENARIO_FIELDS, document["scenario"]),
        policy=_rows(USE, document["policy"]),
        price=[_price_line(line, quote["quantity"]) for line in quote["lines"]],
        amount=document["price"]["amount"],
        currency=document["price"]["currency"],
        clauses=[
            Clause(
                number=number,
                title=Worded(en=clause["title_en"], zh=clause["title_zh"]),
                text=Worded(en=clause["text_en"], zh=clause["text_zh"]),
            )
            for number, clause in enumerate(document["clauses"], start=1)
        ],
        signatures=[
            SignatureRow(
                side=worded(Side(signature.side).label),
                organization=signature.organization,
                signer=signature.signer,
                signed_at=signature.signed_at,
                key=signature.key,
                signature=signature.signature,
            )
            for signature in contract.signatures.all()
        ],
        verification=verify_contract(contract),
    )


def worded(label: object) -> Worded:
    """Return a translatable label in both languages."""
    with translation.override("en"):
        english = str(label)
    with translation.override("zh-hans"):
        return Worded(en=english, zh=str(label))


def _rows(fields: Sequence[Any], values: dict[str, Any]) -> list[Row]:
    return [
        Row(name=field.name, label=worded(field.label), value=values[field.name])
        for field in fields
        if values.get(field.name) not in ("", None, [])
    ]


def _price_line(line: dict[str, Any], quantity: int) -> PriceLine:
    return PriceLine(
        label=worded(lazy(quote_line_text, str)(line["code"], quantity)),
        quantity=line["quantity"],
        unit_price=line["unit_price"],
        amount=line["amount"],
    )
