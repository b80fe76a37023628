"""Who reads what of a disclosure, and the signed document that a stranger can check.

The document holds the public texts in clear and the others as salted digests, so that its signature
holds for whoever may see only a part. Whoever may read a restricted text gets it with its salt, and
checks it against the document.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from audit.log.actors import Actor
from audit.log.canonical import canonical

from .fields import BY_CODE, Audience
from .models import Disclosure
from .statements import Statement
from .tongues import in_language

Texts = Mapping[str, Mapping[str, str]]
READS: Final = {
    Audience.PUBLIC: frozenset({Audience.PUBLIC}),
    Audience.BUYER: frozenset({Audience.PUBLIC, Audience.BUYER}),
    Audience.REGULATOR: frozenset(Audience),
}
DOCUMENT_VERSION: Final = 2


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What one reader sees of a disclosure; `withheld` names the fields that are there unread."""

    audience: Audience
    texts: Texts
    withheld: tuple[str, ...]

    def text(self, code: str) -> str:
        """Return a field's text in the current language, empty where it is not shown."""
        return in_language(self.texts.get(code, {}))


def audience_of(actor: Actor, owner: str) -> Audience:
    """Return as whom an actor reads a disclosure of `owner`: its owner reads all of it."""
    if actor.is_system or actor.has_role("OPERATOR", "REGULATOR"):
        return Audience.REGULATOR
    if owner and actor.organization == owner:
        return Audience.REGULATOR
    if actor.has_role("BUYER"):
        return Audience.BUYER
    return Audience.PUBLIC


def shown_to(actor: Actor, disclosure: Disclosure) -> Shown:
    """Return the texts that an actor may read, and which there are besides."""
    return shown_for(audience_of(actor, disclosure.owner), disclosure)


def publicly_shown_to(actor: Actor, disclosure: Disclosure) -> Shown:
    """Return the texts for a page that anybody may open.

    What not everybody reads a regulator reads at its desk, where every look has its purpose and
    its entry.
    """
    if actor.has_role("REGULATOR") and actor.organization != disclosure.owner:
        return shown_for(Audience.PUBLIC, disclosure)
    return shown_to(actor, disclosure)


def shown_for(audience: Audience, disclosure: Disclosure) -> Shown:
    """Return the texts for one kind of reader."""
    texts = {code: said for code, said in disclosure.statement.items() if _reads(audience, code)}
    withheld = tuple(code for code in disclosure.statement if code not in texts)
    return Shown(audience=audience, texts=texts, withheld=withheld)


def public_texts(texts: Texts) -> Texts:
    """Return what everybody may read."""
    return {code: said for code, said in texts.items() if _reads(Audience.PUBLIC, code)}


def searchable_text(statement: Statement) -> str:
    """Return what a search by everybody may look into: public texts, small letters, no more."""
    said = [text for texts in public_texts(statement.texts).values() for text in texts.values()]
    return "\n".join([statement.algorithm, *said]).lower()


def salt_of(disclosure: Disclosure, code: str) -> str:
    """Return the salt of one field, 64 hexadecimal digits; it tells nothing about the others'."""
    key = bytes.fromhex(disclosure.salt)
    return hmac.new(key, code.encode(), hashlib.sha256).hexdigest()


def digest_of_text(salt: str, code: str, texts: Mapping[str, str]) -> str:
    """Return the digest that stands in the document for a text not everybody reads."""
    said = canonical({"field": code, "salt": salt, "texts": dict(texts)})
    return hashlib.sha256(said).hexdigest()


def commitment_of(disclosure: Disclosure) -> str:
    """Return the digest of the whole content as the log has it: salted, so it cannot be tried."""
    said = {"salt": salt_of(disclosure, "statement"), "sha256": disclosure.statement_sha256}
    return hashlib.sha256(canonical(said)).hexdigest()


def openings_for(shown: Shown, disclosure: Disclosure) -> dict[str, dict[str, str]]:
    """Return by restricted field that is shown its salt and digest, to check it by the document."""
    return {
        code: {
            "salt": (salt := salt_of(disclosure, code)),
            "sha256": digest_of_text(salt, code, said),
        }
        for code, said in shown.texts.items()
        if disclosure.salt and not _reads(Audience.PUBLIC, code)
    }


def document_of(disclosure: Disclosure) -> dict[str, Any]:
    """Return the document that is signed when a disclosure is published."""
    assert disclosure.filed_at is not None  # noqa: S101  nothing is published unfiled
    assert disclosure.published_at is not None  # noqa: S101  set by the caller
    return {
        "type": "algorithm-disclosure",
        "v": DOCUMENT_VERSION,
        **content_of(disclosure),
        "filed_at": disclosure.filed_at.isoformat(),
        "published_at": disclosure.published_at.isoformat(),
    }


def content_of(disclosure: Disclosure) -> dict[str, Any]:
    """Return what the document says of the columns, without its times."""
    began, changed = disclosure.service_began_on, disclosure.changed_on
    return {
        "reference": disclosure.reference,
        "algorithm": disclosure.algorithm,
        "algorithm_type": disclosure.algorithm_type,
        "owner": disclosure.owner,
        "version": disclosure.version,
        "filing_number": disclosure.filing_number,
        "texts": dict(public_texts(disclosure.statement)),
        "restricted": {
            code: digest_of_text(salt_of(disclosure, code), code, said)
            for code, said in disclosure.statement.items()
            if not _reads(Audience.PUBLIC, code)
        },
        "metrics": disclosure.metrics,
        "declared": disclosure.declared,
        "products": disclosure.products,
        "service_began_on": began.isoformat() if began else "",
        "changed_on": changed.isoformat() if changed else "",
        "model_sha256": disclosure.model_sha256,
    }


def _reads(audience: Audience, code: str) -> bool:
    """Whether a reader sees a field; one that is not known any more is for supervisors."""
    field = BY_CODE.get(code)
    return (field.audience if field else Audience.REGULATOR) in READS[audience]
