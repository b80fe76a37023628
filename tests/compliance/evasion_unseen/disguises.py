"""Ways to hide the number of a person in a table, written apart from the scanner.

Each takes the plain values of one kind and returns the columns that hold them, so that a number may
come back cut in pieces, inside other text, in another alphabet or coding. Headers say nothing.
"""

import base64
import gzip
import hashlib
import json
import quopri
import urllib.parse
from collections.abc import Callable
from random import Random
from typing import Any, Final

import pyarrow as pa

Columns = dict[str, Any]
Disguise = Callable[[list[str], Random], Columns]

THAI, DEVANAGARI, BENGALI = 0x0E50, 0x0966, 0x09E6
HAN: Final = "〇一二三四五六七八九"
FORMAL: Final = "零壹贰叁肆伍陆柒捌玖"
SENTENCES: Final = (
    "客户来电反映设备噪声偏大，已安排工程师于次日上门检查",
    "本批货物外包装完好，抽检合格，随附质检单一份",
    "The parcel was left with the neighbor after two failed attempts",
    "会议纪要：讨论了第三季度的排产计划与原料库存",
)


def _digits_as(value: str, zero: int) -> str:
    return "".join(chr(zero + int(c)) if c.isdigit() else c for c in value)


def _table(value: str, alphabet: str) -> str:
    return "".join(alphabet[int(c)] if c in "0123456789" else c for c in value)


def _grouped(value: str, size: int, between: str) -> str:
    return between.join(value[place : place + size] for place in range(0, len(value), size))


def _each(change: Callable[[str, Random], str]) -> Disguise:
    return lambda values, rng: {"c1": [change(value, rng) for value in values]}


def _beside(change: Callable[[str], str]) -> Disguise:
    """One column of the disguised values beside two that are harmless."""

    def make(values: list[str], rng: Random) -> Columns:
        return {
            "seq": list(range(len(values))),
            "c1": [change(value) for value in values],
            "note": [rng.choice(SENTENCES) for _ in values],
        }

    return make


def _in_text(value: str, rng: Random) -> str:
    before, after = rng.choice(SENTENCES), rng.choice(SENTENCES)
    return f"{before}，登记号{value}，{after}。"


def _deep_in_text(value: str, rng: Random) -> str:
    filler = "。".join(rng.choices(SENTENCES, k=120))
    place = len(filler) // 2
    return f"{filler[:place]} {value} {filler[place:]}"


def _cut(values: list[str], _rng: Random) -> Columns:
    third = max(1, len(values[0]) // 3)
    return {
        "a": [value[:third] for value in values],
        "b": [value[third : 2 * third] for value in values],
        "c": [value[2 * third :] for value in values],
    }


def _rare(values: list[str], rng: Random) -> Columns:
    """Twelve ordinary cells for each that holds a number."""
    cells = [*values, *(rng.choice(SENTENCES) for _ in range(12 * len(values)))]
    rng.shuffle(cells)
    return {"c1": cells}


def _paired(values: list[str], rng: Random) -> Columns:
    return {"c1": [f"{rng.choice(SENTENCES)};{value};{rng.randrange(9)}" for value in values]}


def _json_rows(values: list[str], rng: Random) -> Columns:
    return {
        "c1": [
            json.dumps({"k": rng.randrange(99), "v": [{"n": value, "t": rng.choice(SENTENCES)}]})
            for value in values
        ]
    }


def _json_in_json(values: list[str], _rng: Random) -> Columns:
    return {"c1": [json.dumps({"p": json.dumps({"q": value})}) for value in values]}


def _structures(values: list[str], rng: Random) -> Columns:
    rows = [{"x": {"y": [value]}, "z": rng.randrange(9)} for value in values]
    return {"c1": pa.array(rows)}


def _maps(values: list[str], _rng: Random) -> Columns:
    kind = pa.map_(pa.string(), pa.string())
    return {"c1": pa.array([[("k", value)] for value in values], kind)}


DISGUISES: Final[dict[str, Disguise]] = {
    "plain": _each(lambda v, _: v),
    "grouped-by-no-break-spaces": _each(lambda v, _: _grouped(v, 4, "\u00a0")),
    "grouped-by-middle-dots": _each(lambda v, _: _grouped(v, 3, "·")),
    "grouped-by-underscores": _each(lambda v, _: _grouped(v, 4, "_")),
    "grouped-by-slashes": _each(lambda v, _: _grouped(v, 6, "/")),
    "grouped-by-commas": _each(lambda v, _: _grouped(v, 3, ",")),
    "every-digit-apart": _each(lambda v, _: " ".join(v)),
    "long-dashes": _each(lambda v, _: _grouped(v, 4, "—")),
    "thai-digits": _each(lambda v, _: _digits_as(v, THAI)),
    "devanagari-digits": _each(lambda v, _: _digits_as(v, DEVANAGARI)),
    "bengali-digits": _each(lambda v, _: _digits_as(v, BENGALI)),
    "double-struck-digits": _each(lambda v, _: _digits_as(v, 0x1D7D8)),
    "han-numerals": _each(lambda v, _: _table(v, HAN)),
    "formal-han-numerals": _each(lambda v, _: _table(v, FORMAL)),
    "circled-digits": _each(lambda v, _: _table(v, "⓪①②③④⑤⑥⑦⑧⑨")),
    "superscript-digits": _each(lambda v, _: _table(v, "⁰¹²³⁴⁵⁶⁷⁸⁹")),
    "zero-width-joiners": _each(lambda v, _: "\u200d".join(v)),
    "word-joiners": _each(lambda v, _: _grouped(v, 5, "\u2060")),
    "right-to-left-marks": _each(lambda v, _: _grouped(v, 2, "\u200f")),
    "combining-strokes": _each(lambda v, _: "".join(c + "\u0336" for c in v)),
    "letter-o-for-zero": _each(lambda v, _: v.replace("0", "O")),
    "letter-l-for-one": _each(lambda v, _: v.replace("1", "l")),
    "formula": _beside(lambda v: f'="{v}"'),
    "apostrophe": _beside(lambda v: f"'{v}"),
    "brackets": _beside(lambda v: f"【{v}】"),
    "markup": _beside(lambda v: f"<row><f n='a'>{v}</f></row>"),
    "character-references": _beside(lambda v: "".join(f"&#{ord(c)};" for c in v)),
    "hexadecimal-references": _beside(lambda v: "".join(f"&#x{ord(c):x};" for c in v)),
    "unicode-escapes": _beside(lambda v: "".join(f"\\u{ord(c):04x}" for c in v)),
    "query-string": _beside(lambda v: f"https://example.com/p?ref={v}&page=2"),
    "path-of-address": _beside(lambda v: f"/archive/{v}/index.html"),
    "percent-coding": _beside(lambda v: "".join(f"%{ord(c):02X}" for c in v)),
    "percent-coded-text": _beside(lambda v: urllib.parse.quote(f"编号 {v} 号")),
    "base64": _beside(lambda v: base64.b64encode(v.encode()).decode()),
    "base64-for-addresses": _beside(
        lambda v: base64.urlsafe_b64encode(f"记录 {v}".encode()).decode().rstrip("=")
    ),
    "base64-twice": _beside(lambda v: base64.b64encode(base64.b64encode(v.encode())).decode()),
    "base64-compressed": _beside(
        lambda v: base64.b64encode(gzip.compress(f"person {v}".encode(), mtime=0)).decode()
    ),
    "base32": _beside(lambda v: base64.b32encode(v.encode()).decode()),
    "hexadecimal": _beside(lambda v: v.encode().hex()),
    "quoted-printable": _beside(
        lambda v: quopri.encodestring(f"编号{v}".encode(), quotetabs=True).decode()
    ),
    "backwards": _beside(lambda v: v[::-1]),
    "in-text": _each(_in_text),
    "deep-in-text": _each(_deep_in_text),
    "one-cell-in-thirteen": _rare,
    "between-semicolons": _paired,
    "json": _json_rows,
    "json-in-json": _json_in_json,
    "list-in-words": _beside(lambda v: str([("a", v), ("b", None)])),
    "structures": _structures,
    "maps": _maps,
    "bytes": lambda values, _: {"c1": pa.array([v.encode() for v in values], pa.binary())},
    "utf-16-bytes": lambda values, _: {
        "c1": pa.array([v.encode("utf-16-le") for v in values], pa.binary())
    },
    "dictionary": lambda values, _: {"c1": pa.array(values).dictionary_encode()},
    "lying-header": lambda values, _: {"产品批次号": values},
    "in-the-headers": lambda values, _: {value: [1, 2, 3] for value in values},
    "three-columns": _cut,
    "line-breaks": _each(lambda v, _: _grouped(v, 6, "\n")),
    "upside-down-order": lambda values, rng: {
        "c1": sorted(values, reverse=True),
        "c2": [rng.random() for _ in values],
    },
}
"""More than fifty, each tried on every kind of number."""


def _hashed(name: str, header: str, *, coded: bool = False) -> Disguise:
    """Numbers that were only hashed, beside what their persons bought."""

    def change(value: str) -> str:
        digest = hashlib.new(name, value.encode())
        return base64.b64encode(digest.digest()).decode() if coded else digest.hexdigest()

    def make(values: list[str], rng: Random) -> Columns:
        return {
            header: [change(value) for value in values],
            "age": [rng.randint(18, 80) for _ in values],
            "amount": [round(rng.uniform(1, 900), 2) for _ in values],
        }

    return make


HASHES: Final[dict[str, Disguise]] = {
    "md5": _hashed("md5", "c1"),
    "sha1": _hashed("sha1", "uid"),
    "sha256": _hashed("sha256", "key"),
    "md5-named": _hashed("md5", "手机号"),
    "sha256-in-base64": _hashed("sha256", "phone_hash", coded=True),
}
"""Numbers that were only hashed: whoever knows the number knows the hash."""


def files(_values: list[str], rng: Random) -> Columns:
    """Digests of files beside their sizes: persons have no part in it."""
    return {
        "path": [f"/data/part-{place:05}.bin" for place in range(120)],
        "sha256": [hashlib.sha256(rng.randbytes(16)).hexdigest() for _ in range(120)],
        "size": [rng.randrange(10**6) for _ in range(120)],
    }
