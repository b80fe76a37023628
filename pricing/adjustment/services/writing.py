"""Rows that may exist once only, and the words people give as reasons."""

import hashlib

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.log.errors import Conflict, Invalid
from pricing.adjustment.models import Adjustment, PriceCeiling, PriceFreeze, PriceStep


def insert_once(row: Adjustment | PriceStep | PriceFreeze | PriceCeiling, taken: str) -> None:
    """Insert a row; raises Conflict with `taken` where another of its kind is there already."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(taken) from error


def read_words(name: str, text: str, *, most: int) -> str:
    """Return a reason that somebody gave; raises Invalid at the field `name`."""
    words = text.strip() if isinstance(text, str) else ""
    if not words or "\x00" in words:
        raise Invalid({name: [_("Say it in words.")]})
    if len(words) > most:
        raise Invalid({name: [_("At most %(count)d characters.") % {"count": most}]})
    return words


def digest_of_words(words: str) -> str:
    """Return what the log says of words that people wrote."""
    return hashlib.sha256(words.encode()).hexdigest()
