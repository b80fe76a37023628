"""Listings of real exchanges, read from a file that may be wrong in any cell.

A row is dropped with a reason, never mended: a price that is no positive number is not a price. Who
is behind a listing is told by the provider's name without its legal form and without what follows
the company's name (a branch is its company); providers with the same long text are one.
"""

import csv
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from pricing.facts import Traits

NEEDED: Final = ("platform", "title", "provider", "price_mode", "price_cny", "unit")
READ: Final = (
    *NEEDED,
    "description",
    "category_aws",
    "product_type",
    "price_text",
    "update_frequency",
    "size_bytes",
)
PRICE_LEAST, PRICE_MOST = Decimal("1E-6"), Decimal("1E12")
CELL_MOST: Final = 1 << 20
NUMBER: Final = re.compile(r"\d{1,24}(\.\d{0,24})?([eE][+-]?\d{1,2})?")
FOREIGN: Final = re.compile(
    r"\$|usd|eur|hkd|jpy|gbp|€|£|美元|美金|欧元|港元|港币|日元|英镑", re.IGNORECASE
)
UNIT_OF_MODE: Final = {"usage-based": "次", "one-off": "once"}
"""The unit that a mode of sale implies where the file leaves it empty."""

LEGAL_FORM: Final = re.compile(r"(股份|有限|责任|集团|公司|限公司|限)+$")
COMPANY: Final = re.compile(r"^(.{2,}?公司)")
LONG_TEXT: Final = 40
SIZE_MOST: Final = 1 << 62


class BadListings(Exception):
    """The file cannot be read as listings; says where and what is needed."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One row of the file. `price` is None where `fault` says why it cannot be used."""

    line: int
    exchange: str
    owner: str
    traits: Traits
    price: Decimal | None
    fault: str = ""

    @property
    def identity(self) -> str:
        """The same for two rows of one listing, whatever they ask."""
        parts = [self.exchange, self.owner, self.traits.title, self.traits.text]
        words = "\x1f".join(parts)
        return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()


def read_listings(path: Path) -> list[Listing]:
    """Read every row; raises BadListings for a file without the columns, OSError for none."""
    csv.field_size_limit(CELL_MOST)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                message = _("%(path)s lacks the columns %(names)s.")
                raise BadListings(message % {"path": path, "names": ", ".join(missing)})
            return list(_read(reader))
    except UnicodeDecodeError as error:
        message = _("%(path)s is not UTF-8 at byte %(place)s: save it in that encoding.")
        raise BadListings(message % {"path": path, "place": error.start}) from error
    except csv.Error as error:
        message = _("%(path)s is not a table of comma-separated values: %(reason)s")
        raise BadListings(message % {"path": path, "reason": error}) from error


def _read(reader: "csv.DictReader[str]") -> Iterator[Listing]:
    for row in reader:
        cells = {name: _clean(row.get(name)) for name in READ}
        price, fault = read_price(cells["price_cny"], cells["price_text"])
        traits = Traits(
            title=cells["title"],
            text=cells["description"],
            industry=cells["category_aws"],
            kind=cells["product_type"],
            unit=cells["unit"] or UNIT_OF_MODE.get(cells["price_mode"], ""),
            size=_size(cells["size_bytes"]),
            renewal=cells["update_frequency"].replace("no-update", ""),
        )
        if not fault:
            fault = _fault_of(cells["platform"], traits)
        yield Listing(
            line=reader.line_num,
            exchange=cells["platform"].casefold(),
            owner=owner_of(cells["provider"]),
            traits=traits,
            price=price,
            fault=fault,
        )


def read_price(cell: str, text: str = "") -> tuple[Decimal | None, str]:
    """Read a price in yuan, or say why there is none: a code for each reason."""
    bare = unicodedata.normalize("NFKC", cell).replace(",", "").strip()
    fault = ""
    if not bare:
        fault = "no_price"
    elif FOREIGN.search(text):
        fault = "other_currency"
    elif NUMBER.fullmatch(bare.removeprefix("-")) is None:
        fault = "price_not_a_number"
    if fault:
        return None, fault
    price = Decimal(bare)
    if price <= 0:
        return None, "free" if price == 0 else "price_negative"
    if not PRICE_LEAST <= price <= PRICE_MOST:
        return None, "price_out_of_range"
    return price, ""


def owner_of(name: str) -> str:
    """Return the name of who is behind a listing, as it is compared with others; may be empty."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    bare = re.sub(r"[\W_]+", "", folded)
    if found := COMPANY.match(bare):
        bare = found.group(1)
    return LEGAL_FORM.sub("", bare) or bare


def _fault_of(exchange: str, traits: Traits) -> str:
    if not exchange:
        return "no_exchange"
    if not traits.title:
        return "no_title"
    return "" if traits.unit else "no_unit"


def one_owner_for_one_text(listings: Sequence[Listing]) -> list[Listing]:
    """Let providers of one exchange who use the same long text word for word be one provider."""
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(key: tuple[str, str]) -> tuple[str, str]:
        while (above := parent.get(key, key)) != key:
            key = above
        return key

    first: dict[tuple[str, str], tuple[str, str]] = {}
    for one in listings:
        bare = re.sub(r"[\W_]+", "", one.traits.text.casefold())
        if len(bare) < LONG_TEXT or not one.owner:
            continue
        key = root((one.exchange, one.owner))
        other = root(first.setdefault((one.exchange, bare), key))
        parent[max(key, other)] = min(key, other)
    return [replace(one, owner=root((one.exchange, one.owner))[1]) for one in listings]


def count_faults(listings: Sequence[Listing]) -> Mapping[str, int]:
    """Count the rows that cannot be used, by reason."""
    return dict(sorted(Counter(one.fault for one in listings if one.fault).items()))


def _clean(cell: object) -> str:
    return cell.replace("\x00", "").strip() if isinstance(cell, str) else ""


def _size(cell: str) -> int:
    if not NUMBER.fullmatch(cell):
        return 0
    return int(min(Decimal(cell), Decimal(SIZE_MOST)))
