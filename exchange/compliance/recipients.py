"""Who may not be the recipient, whatever the content: courts and agencies of other states."""

from functools import lru_cache

from audit.rulebook.queries import Pack, find_pack

from .scanner.terms import Terms

GROUP = "foreign_authority"


def names_foreign_authority(text: str, pack: str) -> bool:
    """Whether a text names a foreign court or agency by the words of a rule pack (R-FOREIGN-LE)."""
    found = find_pack(pack)
    return found is not None and bool(_terms(found.label, found.digest).find(text))


@lru_cache(maxsize=4)
def _terms(label: str, digest: str) -> Terms:
    pack: Pack | None = find_pack(label)
    words = pack.data["words"].get(GROUP, "") if pack and pack.digest == digest else ""
    return Terms({GROUP: words.split()})
