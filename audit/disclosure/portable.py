"""Disclosures as files: what is exported, and what may be brought in as a draft.

A file comes from a stranger. It is read whole within bounds, every fault in it is named at once by
its place, and nothing is kept of a file that has one.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from audit.log.errors import Invalid

from .faults import faults_of_statement
from .fields import BY_CODE
from .models import Disclosure
from .showing import Shown, openings_for
from .statements import LANGUAGES, Statement
from .states import AlgorithmType

FORMAT: Final = "quanheng.algorithm-disclosure.v1"
MOST_BYTES: Final = 512 * 1024
MOST_FAULTS: Final = 100
MOST_OF_REFERENCE: Final = 24
TEXTS: Final = frozenset({"service_began_on", "changed_on", "model_sha256"})
CLAIM: Final = ("metric", "value", "dataset", "note", "measured_on", "ci_low", "ci_high")
MEMBERS: Final = frozenset(
    {"algorithm", "algorithm_type", "texts", "metrics", "declared", "products", *TEXTS}
)
ASIDE: Final = frozenset({"format", "$schema", "register"})
"""Members that a file may have and a draft is not made of."""
Faults = dict[str, list[str]]


def export_of(disclosure: Disclosure, shown: Shown) -> dict[str, Any]:
    """Return a version as a file for one reader; what it may not read is named, not told."""
    began, changed = disclosure.service_began_on, disclosure.changed_on
    return {
        "format": FORMAT,
        "algorithm": disclosure.algorithm,
        "algorithm_type": disclosure.algorithm_type,
        "texts": {code: dict(said) for code, said in shown.texts.items()},
        "metrics": disclosure.metrics,
        "declared": disclosure.declared,
        "products": disclosure.products,
        "service_began_on": began.isoformat() if began else "",
        "changed_on": changed.isoformat() if changed else "",
        "model_sha256": disclosure.model_sha256,
        "register": {
            "reference": disclosure.reference,
            "owner": disclosure.owner,
            "version": disclosure.version,
            "status": disclosure.status,
            "filing_number": disclosure.filing_number,
            "published_at": _moment(disclosure.published_at),
            "document": disclosure.document,
            "document_sha256": disclosure.document_sha256,
            "signature": disclosure.signature,
            "signer": disclosure.signer,
            "withheld": list(shown.withheld),
            "openings": openings_for(shown, disclosure),
        },
    }


def read_file(data: bytes, *, algorithm: str = "", algorithm_type: str = "") -> Statement:
    """Return the statement that a file says: an export, or a card of `evaluate_algorithm`.

    A card has neither key nor type, which are then taken from the arguments. Raises Invalid with
    every fault by its place.
    """
    said = _parse(data)
    if "texts" not in said and "technique" in said:
        said = _from_card(said, algorithm, algorithm_type)
    return statement_from(said)


def statement_from(said: Mapping[str, Any]) -> Statement:
    """Return the statement of a parsed file; Invalid with every fault by its place."""
    faults: Faults = {}
    for place, words in _misshapen(said):
        if len(faults) < MOST_FAULTS:
            faults.setdefault(place, []).append(words)
    if faults:
        raise Invalid(faults)
    statement = Statement.from_document({name: said[name] for name in MEMBERS if name in said})
    if faults := faults_of_statement(statement):
        raise Invalid(faults)
    return statement


def _parse(data: bytes) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        words = _("The file has more than %(most)d KiB.") % {"most": MOST_BYTES // 1024}
        raise Invalid({"file": [words]})
    try:
        said = json.loads(
            data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant
        )
    except Invalid:
        raise
    except (ValueError, RecursionError) as error:
        place = getattr(error, "lineno", 0)
        words = _("The file is not JSON.")
        if place:
            words = _("The file is not JSON; look at line %(line)d.") % {"line": place}
        raise Invalid({"file": [words]}) from error
    if not isinstance(said, dict):
        raise Invalid({"file": [_("The file holds one object with named members.")]})
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = min(name for name in names if names.count(name) > 1)
        raise Invalid(
            {"file": [_("“%(name)s” stands twice in one object.") % {"name": twice[:80]}]}
        )
    return found


def _no_constant(name: str) -> float:
    raise Invalid({"file": [_("%(name)s is not a number of JSON.") % {"name": name}]})


def _misshapen(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in sorted(said.keys() - MEMBERS - ASIDE):
        yield name[:80], _("A disclosure has no such member.")
    if said.get("format", FORMAT) != FORMAT:
        yield "format", _("This format is not known; write %(known)s.") % {"known": FORMAT}
    for name in ("algorithm", "algorithm_type"):
        if not isinstance(said.get(name), str) or not said[name]:
            yield name, _("This is needed, as a text.")
    for name in sorted(TEXTS):
        if not isinstance(said.get(name, ""), str | None):
            yield name, _("This is a text.")
    yield from _texts("texts", said.get("texts"), BY_CODE.keys())
    yield from _texts("metrics", said.get("metrics", {}), None)
    yield from _claims(said.get("declared", []))
    products = said.get("products", [])
    if not isinstance(products, list) or not all(
        isinstance(each, str) and 0 < len(each) <= MOST_OF_REFERENCE for each in products
    ):
        yield "products", _("This is a list of references.")


def _texts(place: str, said: Any, known: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(said, dict):
        yield place, _("This is an object of texts by name.")
        return
    for code, texts in said.items():
        where = f"{place}.{code[:80]}"
        if known is not None and code not in known:
            yield where, _("A disclosure has no such field.")
        elif not isinstance(texts, dict) or not texts.keys() <= set(LANGUAGES):
            yield where, _("Texts are given in English (en) and Chinese (zh).")
        elif not all(isinstance(text, str) for text in texts.values()):
            yield where, _("This is a text.")
        elif any(not _is_whole(text) for text in texts.values()):
            yield where, _("The text holds signs that are none.")


def _is_whole(text: str) -> bool:
    """Whether a text can be stored and signed: no half characters, no zero bytes."""
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _claims(said: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(said, list):
        yield "declared", _("This is a list of figures.")
        return
    for place, row in enumerate(said[:MOST_FAULTS]):
        where = f"declared.{place}"
        if not isinstance(row, dict):
            yield where, _("A figure is an object with metric and value.")
            continue
        if unknown := sorted(row.keys() - {*CLAIM, "n"}):
            yield f"{where}.{unknown[0][:80]}", _("A figure has no such member.")
        for name in CLAIM:
            text = row.get(name, "")
            if not isinstance(text, str) or not _is_whole(text):
                yield f"{where}.{name}", _("This is a text; write numbers in quotation marks.")
        for name in ("metric", "value"):
            if not row.get(name):
                yield f"{where}.{name}", _("This is needed.")
        n = row.get("n", 0)
        if isinstance(n, bool) or not isinstance(n, int) or not 0 <= n < 2**53:
            yield f"{where}.n", _("The number of cases is a whole number above 0.")


def _from_card(card: Mapping[str, Any], algorithm: str, algorithm_type: str) -> dict[str, Any]:
    """Return the file that a card amounts to; its claims are taken as they stand."""
    said = card.get("claimed", card.get("accuracy", {}))
    rows: list[tuple[Any, Any]] = list(said.items()) if isinstance(said, dict) else []
    if isinstance(said, list):
        rows = [(each.get("metric"), each.get("value")) for each in said if isinstance(each, dict)]
    return {
        "algorithm": algorithm,
        "algorithm_type": algorithm_type or AlgorithmType.OTHER,
        "texts": {
            code: _card_text(card[code])
            for code in BY_CODE
            if code in card and _card_text(card[code])
        },
        "declared": [{"metric": str(name), "value": str(value)} for name, value in rows],
        "model_sha256": str(card.get("sha256_model") or ""),
    }


def _card_text(said: Any) -> Any:
    """Return a text of a card in two languages; Chinese signs make it Chinese."""
    if isinstance(said, dict):
        return said
    text = "\n".join(said) if isinstance(said, list) and all(map(_is_text, said)) else said
    if not isinstance(text, str):
        return {"en": text}
    return {"zh" if any("\u4e00" <= sign <= "\u9fff" for sign in text) else "en": text}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _moment(at: Any) -> str:
    return at.isoformat() if at else ""
