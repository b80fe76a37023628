"""Public references: short, readable, and drawn without a counter that writers would queue at."""

import secrets
from datetime import datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
LENGTH = 8


def new_reference(prefix: str, at: datetime) -> str:
    """Return a new reference such as `P-2026-7K3M9QX2`: kind, year, 40 random bits.

    Uniqueness is the database's constraint; the year keeps the risk of a repeat small.
    """
    return f"{prefix}-{at.year}-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
