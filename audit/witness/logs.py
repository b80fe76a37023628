"""Which logs a witness knows, and by which keys."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from verify.errors import VerificationError
from verify.note import Verifier, key_id_of, parse_vkey

_YEARLY = re.compile(r"(?P<prefix>.+)/(?P<year>[0-9]{4})\Z", re.ASCII | re.DOTALL)
_LONGEST_ORIGIN = 255  # of what an ML-DSA-44 cosignature can name


@dataclass(frozen=True)
class KnownLogs:
    """The keys that speak for each log, several while a log changes its key.

    An exchange opens a new log every year, `<prefix>/2027` after `<prefix>/2026`. Where
    `following_years` says so, a key given for one year also speaks for the later years under the
    same prefix: nobody without that key can open one, and the witness need not be touched each
    New Year.
    """

    keys: tuple[Verifier, ...]
    following_years: bool = False

    @classmethod
    def parse(cls, vkeys: Iterable[str], *, following_years: bool = False) -> "KnownLogs":
        """Read verifier keys, whose names are the logs' origins."""
        keys = tuple(map(parse_vkey, vkeys))
        if any(len(key.name.encode()) > _LONGEST_ORIGIN for key in keys):
            raise VerificationError("the origin of a log is longer than 255 bytes")
        return cls(keys, following_years)

    def keys_of(self, origin: str) -> list[Verifier]:
        """Return the keys that speak for `origin`; none means the log is unknown."""
        keys = [key for key in self.keys if key.name == origin]
        known = {key.public_key for key in keys}
        if self.following_years:
            keys += [
                Verifier(origin, key_id_of(origin, key.public_key), key.public_key)
                for key in self.keys
                if key.public_key not in known and _is_later_year(origin, key.name)
            ]
        return keys


def _is_later_year(origin: str, earlier: str) -> bool:
    one, other = _YEARLY.match(origin), _YEARLY.match(earlier)
    return bool(one and other and one["prefix"] == other["prefix"] and one["year"] > other["year"])
