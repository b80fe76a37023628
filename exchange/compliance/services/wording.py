"""Reasons that people give, as the record keeps them."""

import hashlib

from django.utils.translation import gettext as _

from audit.log.errors import Invalid

REASON_LIMIT = 2000


def read_reason(text: str, field: str = "reason") -> str:
    """Return what a person says for a decision; raises Invalid for nothing and for too much."""
    words = " ".join(text.split())
    if not words:
        raise Invalid({field: [_("Say why.")]})
    if len(words) > REASON_LIMIT:
        raise Invalid({field: [_("At most %(limit)s characters.") % {"limit": REASON_LIMIT}]})
    return words


def digest_of_text(words: str) -> str:
    """Return the digest under which the log knows a text."""
    return hashlib.sha256(words.encode()).hexdigest()
