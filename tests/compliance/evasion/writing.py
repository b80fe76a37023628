"""Ways of writing a value so that a filter might not see it: one cell at a time."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from random import Random
from urllib.parse import quote

Write = Callable[[str, Random], str]

ZH = ("客户来电", "请于三日内回复", "已核对原始凭证", "送货前联系", "资料另附", "转财务复核")
EN = ("please call back", "checked with the customer", "as agreed last week", "see attachment")
CYRILLIC = str.maketrans("ABCEHKMOPTXYacekopxy", "АВСЕНКМОРТХУасекорху")
GREEK = str.maketrans("ABEZHIKMNOPTYX", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
CONFUSED = str.maketrans({"0": "O", "1": "l"})
CYRILLIC_ZERO = str.maketrans({"0": "О", "3": "З"})
NUMERALS = str.maketrans("0123456789", "零一二三四五六七八九")
CIRCLE_NUMERALS = str.maketrans("0123456789", "〇一二三四五六七八九")
FINANCIAL = str.maketrans("0123456789", "零壹贰叁肆伍陆柒捌玖")
CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def digits_from(first: int) -> Write:
    """Return a writer that uses the ten digits beginning at a code point."""
    table = {ord("0") + digit: chr(first + digit) for digit in range(10)}
    return lambda value, _: value.translate(table)


def full_width(value: str, _rng: Random) -> str:
    """Write all ASCII characters in full width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)


def parted(mark: str, *, every: int = 0) -> Write:
    """Return a writer that parts the digits into groups by a mark."""

    def write(value: str, _rng: Random) -> str:
        if not value.isalnum() or not value.isascii():
            return value
        if every:
            sizes = [every] * (len(value) // every) + (
                [len(value) % every] if len(value) % every else []
            )
        else:
            sizes = {11: [3, 4, 4], 18: [6, 8, 4], 15: [3, 4, 4, 4], 17: [3, 6, 8]}.get(len(value))
            sizes = sizes or [4] * (len(value) // 4) + ([len(value) % 4] if len(value) % 4 else [])
        parts, at = [], 0
        for size in sizes:
            parts.append(value[at : at + size])
            at += size
        return mark.join(parts)

    return write


def sprinkled(*marks: str) -> Write:
    """Return a writer that puts an invisible character after every second one."""

    def write(value: str, rng: Random) -> str:
        return "".join(c + (rng.choice(marks) if i % 2 else "") for i, c in enumerate(value))

    return write


def between(before: str, after: str) -> Write:
    """Return a writer that puts something around."""
    return lambda value, _: f"{before}{value}{after}"


def sentence_zh(value: str, rng: Random) -> str:
    """Put the value into a Chinese sentence."""
    return f"{rng.choice(ZH)}，号码{value}，{rng.choice(ZH)}。"


def glued_zh(value: str, rng: Random) -> str:
    """Put the value between Chinese words, with nothing that parts them."""
    return f"{rng.choice(ZH)}{value}{rng.choice(ZH)}"


def sentence_en(value: str, rng: Random) -> str:
    """Put the value into an English sentence."""
    return f"{rng.choice(EN)}, no. {value}, {rng.choice(EN)}."


def json_object(value: str, rng: Random) -> str:
    """Put the value into a JSON object."""
    return json.dumps({"seq": rng.randrange(999), "v": value, "ok": True}, ensure_ascii=False)


def json_deep(value: str, rng: Random) -> str:
    """Put the value deep into JSON."""
    inner = {"list": [{"k": "a"}, {"k": {"z": [value, rng.randrange(99)]}}]}
    return json.dumps({"data": {"rows": [inner]}}, ensure_ascii=False)


def json_escaped(value: str, rng: Random) -> str:
    """Put a JSON text into JSON, twice."""
    once = json.dumps({"inner": json_object(value, rng)})
    return json.dumps({"payload": once, "n": 1})


def json_unicode(value: str, _rng: Random) -> str:
    """Write every character of a JSON text as an escape."""
    return '{"v": "' + "".join(f"\\u{ord(c):04x}" for c in value) + '"}'


def python_escape(value: str, _rng: Random) -> str:
    """Write every ASCII character as a byte escape."""
    return "".join(f"\\x{ord(c):02x}" if c.isascii() else c for c in value)


def entities_decimal(value: str, _rng: Random) -> str:
    """Write every character as a numeric character reference."""
    return "".join(f"&#{ord(c)};" for c in value)


def entities_hex(value: str, _rng: Random) -> str:
    """Write every character as a hexadecimal character reference."""
    return "".join(f"&#x{ord(c):X};" for c in value)


def percent(value: str, _rng: Random) -> str:
    """Write every byte as a percent escape."""
    return "".join(f"%{byte:02X}" for byte in value.encode())


def in_url(value: str, rng: Random) -> str:
    """Put the value into the query of an address."""
    return f"https://shop.example/o?id={rng.randrange(999)}&u={quote(value)}&f=1"


def b64(value: str, _rng: Random) -> str:
    """Write the value in base64."""
    return base64.b64encode(value.encode()).decode()


def b64_bare(value: str, _rng: Random) -> str:
    """Write the value in the alphabet for addresses, without padding."""
    return base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")


def b64_twice(value: str, rng: Random) -> str:
    """Write the value in base64, twice."""
    return b64(b64(value, rng), rng)


def b64_json(value: str, rng: Random) -> str:
    """Write a JSON text in base64."""
    return b64(json_object(value, rng), rng)


def b64_sentence(value: str, rng: Random) -> str:
    """Write a Chinese sentence in base64."""
    return b64(sentence_zh(value, rng), rng)


def b64_gbk(value: str, rng: Random) -> str:
    """Write a Chinese sentence in GB18030, in base64."""
    return base64.b64encode(sentence_zh(value, rng).encode("gb18030")).decode()


def b64_in_json(value: str, rng: Random) -> str:
    """Put base64 into JSON."""
    return json.dumps({"d": b64(value, rng), "t": "x"})


def data_uri(value: str, rng: Random) -> str:
    """Write the value as an address that is its own content."""
    return f"data:text/plain;base64,{b64(value, rng)}"


def b32(value: str, _rng: Random) -> str:
    """Write the value in base32."""
    return base64.b32encode(value.encode()).decode()


def hexadecimal(value: str, _rng: Random) -> str:
    """Write the bytes in hexadecimal."""
    return value.encode().hex()


def hexadecimal_upper(value: str, _rng: Random) -> str:
    """Write the bytes in hexadecimal, as a database prints them."""
    return "0x" + value.encode().hex().upper()


def gzip_b64(value: str, rng: Random) -> str:
    """Compress a JSON text and write it in base64."""
    return base64.b64encode(gzip.compress(json_object(value, rng).encode())).decode()


def zlib_b64(value: str, rng: Random) -> str:
    """Compress a JSON text without a header of gzip and write it in base64."""
    return base64.b64encode(zlib.compress(json_object(value, rng).encode())).decode()


def xml(value: str, rng: Random) -> str:
    """Put the value into XML."""
    return f'<row n="{rng.randrange(99)}"><v>{value}</v></row>'


def pairs(value: str, rng: Random) -> str:
    """Put the value among pairs of keys and values."""
    return f"a={rng.randrange(99)};v={value};z=0"


def row_in_cell(value: str, rng: Random) -> str:
    """Put a row of a CSV file into one cell."""
    return f'{rng.randrange(99)},"{value}",ok,2024-05-01'


def backwards(value: str, _rng: Random) -> str:
    """Write the value backwards."""
    return value[::-1]


def scientific(value: str, _rng: Random) -> str:
    """Write a number as a spreadsheet shows it, with all digits."""
    if not value.isdigit():
        return value
    fraction = value[1:].rstrip("0") or "0"
    return f"{value[0]}.{fraction}E+{len(value) - 1:02}"


def with_commas(value: str, _rng: Random) -> str:
    """Write a number with a comma before every three digits."""
    return f"{int(value):,}" if value.isdigit() and value[0] != "0" else value


WRITINGS: dict[str, Write] = {
    "plain": lambda value, _: value,
    "lower case": lambda value, _: value.lower(),
    "blanks around": between("  ", " \t"),
    "quotes": between('"', '"'),
    "brackets": between("【", "】"),
    "Chinese quotes": between("“", "”"),
    "Excel formula": between('="', '"'),
    "Excel apostrophe": between("'", ""),
    "comma before": between(",", ","),
    "label before": between("No:", ""),
    "label of letters": between("ID_", ""),
    "groups by blanks": parted(" "),
    "groups by hyphens": parted("-"),
    "groups by dots": parted("."),
    "groups by underscores": parted("_"),
    "groups by slashes": parted("/"),
    "groups by two blanks": parted("  "),
    "groups by middle dots": parted("·"),
    "groups by Chinese commas": parted("，"),
    "groups by wide blanks": parted("\u3000"),
    "groups by dashes": parted(" – "),
    "groups by bars": parted("|"),
    "groups by asterisks": parted("*"),
    "groups by line ends": parted("\n"),
    "single by blanks": parted(" ", every=1),
    "single by dots": parted(".", every=1),
    "pairs by blanks": parted(" ", every=2),
    "thousands": with_commas,
    "scientific": scientific,
    "full width": full_width,
    "Arabic digits": digits_from(0x0660),
    "Persian digits": digits_from(0x06F0),
    "Devanagari digits": digits_from(0x0966),
    "Thai digits": digits_from(0x0E50),
    "bold digits": digits_from(0x1D7CE),
    "monospace digits": digits_from(0x1D7F6),
    "segmented digits": digits_from(0x1FBF0),
    "circled digits": lambda value, _: value.translate(CIRCLED),
    "raised digits": lambda value, _: value.translate(SUPERSCRIPT),
    "keycaps": lambda value, _: "".join(c + "\ufe0f\u20e3" if c.isdigit() else c for c in value),
    "numerals": lambda value, _: value.translate(NUMERALS),
    "numerals with circle": lambda value, _: value.translate(CIRCLE_NUMERALS),
    "financial numerals": lambda value, _: value.translate(FINANCIAL),
    "zero width": sprinkled("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"),
    "soft hyphens": sprinkled("\u00ad"),
    "directions": sprinkled("\u202a", "\u202c", "\u200e"),
    "variation selectors": sprinkled("\ufe0e", "\U000e0101"),
    "combining marks": sprinkled("\u0336", "\u0332"),
    "Hangul fillers": sprinkled("\u3164", "\u115f"),
    "Cyrillic letters": lambda value, _: value.translate(CYRILLIC),
    "Greek letters": lambda value, _: value.translate(GREEK),
    "letters for digits": lambda value, _: value.translate(CONFUSED),
    "Cyrillic for digits": lambda value, _: value.translate(CYRILLIC_ZERO),
    "Chinese sentence": sentence_zh,
    "between Chinese words": glued_zh,
    "English sentence": sentence_en,
    "JSON": json_object,
    "JSON, deep": json_deep,
    "JSON in JSON": json_escaped,
    "JSON escapes": json_unicode,
    "byte escapes": python_escape,
    "decimal references": entities_decimal,
    "hexadecimal references": entities_hex,
    "percent escapes": percent,
    "query of an address": in_url,
    "base64": b64,
    "base64 for addresses": b64_bare,
    "base64 twice": b64_twice,
    "base64 of JSON": b64_json,
    "base64 of a sentence": b64_sentence,
    "base64 of GB18030": b64_gbk,
    "base64 in JSON": b64_in_json,
    "data address": data_uri,
    "base32": b32,
    "hexadecimal": hexadecimal,
    "hexadecimal of a database": hexadecimal_upper,
    "gzip in base64": gzip_b64,
    "zlib in base64": zlib_b64,
    "XML": xml,
    "pairs": pairs,
    "row in a cell": row_in_cell,
    "backwards": backwards,
    "base85": lambda value, _: base64.b85encode(value.encode()).decode(),
    "control characters": parted("\x01"),
    "groups in quotes": parted('","'),
}
