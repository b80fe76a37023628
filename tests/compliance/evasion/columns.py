"""Ways of storing values so that a filter might not see them: whole columns at a time."""

import gzip
import hashlib
from collections.abc import Callable
from random import Random

import pyarrow as pa

Store = Callable[[list[str], Random], dict[str, pa.Array]]


def whole(values: list[str]) -> list[int] | None:
    """Return numbers, where all values are."""
    if not all(value.isdigit() and value[0] != "0" and len(value) < 19 for value in values):
        return None
    return [int(value) for value in values]


def as_integers(values: list[str], _rng: Random) -> dict[str, pa.Array]:
    """Store as integers."""
    return {"f1": pa.array(whole(values) or values)}


def as_floats(values: list[str], _rng: Random) -> dict[str, pa.Array]:
    """Store as floating point, which is exact up to 15 digits."""
    numbers = whole(values)
    exact = numbers and max(numbers) < 10**15
    return {"f1": pa.array([float(n) for n in numbers] if numbers and exact else values)}


def as_decimals(values: list[str], _rng: Random) -> dict[str, pa.Array]:
    """Store as decimals with places."""
    numbers = whole(values)
    if numbers is None:
        return {"f1": pa.array(values)}
    return {"f1": pa.array(numbers).cast(pa.decimal128(38, 0)).cast(pa.decimal128(38, 2))}


def as_binary(values: list[str], _rng: Random) -> dict[str, pa.Array]:
    """Store as bytes."""
    return {"f1": pa.array([value.encode() for value in values], pa.binary())}


def as_utf16(values: list[str], _rng: Random) -> dict[str, pa.Array]:
    """Store as bytes in UTF-16."""
    return {"f1": pa.array([value.encode("utf-16-le") for value in values], pa.binary())}


def as_gzip(values: list[str], _rng: Random) -> dict[str, pa.Array]:
    """Store as compressed bytes."""
    return {"f1": pa.array([gzip.compress(f"v={v};".encode()) for v in values], pa.binary())}


def as_dictionary(values: list[str], _rng: Random) -> dict[str, pa.Array]:
    """Store by a dictionary."""
    return {"f1": pa.array(values).dictionary_encode()}


def in_lists(values: list[str], rng: Random) -> dict[str, pa.Array]:
    """Store in lists."""
    return {"f1": pa.array([["a", value, str(rng.randrange(99))] for value in values])}


def in_structures(values: list[str], rng: Random) -> dict[str, pa.Array]:
    """Store in structures in lists."""
    rows = [[{"n": rng.randrange(99), "inner": {"z": value}}] for value in values]
    return {"f1": pa.array(rows)}


def in_maps(values: list[str], _rng: Random) -> dict[str, pa.Array]:
    """Store as the values of maps."""
    kind = pa.map_(pa.string(), pa.string())
    return {"f1": pa.array([[("a", "0"), ("z", value)] for value in values], kind)}


def as_keys(values: list[str], _rng: Random) -> dict[str, pa.Array]:
    """Store as the keys of maps."""
    kind = pa.map_(pa.string(), pa.int64())
    return {"f1": pa.array([[(value, 1)] for value in values], kind)}


def in_two(values: list[str], _rng: Random) -> dict[str, pa.Array]:
    """Store in two columns."""
    cut = 3 if len(values[0]) == 11 else 6
    return {
        "f1": pa.array([value[:cut] for value in values]),
        "f2": pa.array([value[cut:] for value in values]),
    }


def in_three(values: list[str], _rng: Random) -> dict[str, pa.Array]:
    """Store in three columns, in another order."""
    first, second = (3, 7) if len(values[0]) == 11 else (6, 14)
    return {
        "f1": pa.array([value[second:] for value in values]),
        "f2": pa.array([value[:first] for value in values]),
        "f3": pa.array([value[first:second] for value in values]),
    }


def in_dictionaries(values: list[str], rng: Random) -> dict[str, pa.Array]:
    """Store in two columns whose text is in dictionaries."""
    return {name: cells.dictionary_encode() for name, cells in in_two(values, rng).items()}


def in_numbers(values: list[str], _rng: Random) -> dict[str, pa.Array]:
    """Store in columns of numbers, without leading zeros."""
    first, second = (3, 7) if len(values[0]) == 11 else (6, 14)
    parts = [(v[:first], v[first:second], v[second:]) for v in values]
    if not all(part.isdigit() for row in parts for part in row):
        return in_two(values, _rng)
    return {f"f{n}": pa.array([int(row[n]) for row in parts]) for n in range(3)}


def digest(name: str, write: Callable[[bytes], str] = bytes.hex) -> Store:
    """Return a way of storing unsalted digests, each in several rows, beside what persons did."""

    def store(values: list[str], rng: Random) -> dict[str, pa.Array]:
        persons = [rng.choice(values[: len(values) // 3]) for _ in values]
        made = [hashlib.new(name, value.encode(), usedforsecurity=False) for value in persons]
        return {
            "f1": pa.array([write(one.digest()) for one in made]),
            "性别": pa.array([rng.choice("男女") for _ in values]),
            "年龄": pa.array([rng.randint(18, 80) for _ in values]),
        }

    return store


def digest_beside(values: list[str], _rng: Random) -> dict[str, pa.Array]:
    """Store digests beside the values themselves."""
    made = [hashlib.sha256(value.encode()).hexdigest() for value in values]
    return {"f1": pa.array(made), "f2": pa.array(values)}


STORES: dict[str, Store] = {
    "integers": as_integers,
    "floating point": as_floats,
    "decimals": as_decimals,
    "bytes": as_binary,
    "UTF-16": as_utf16,
    "compressed bytes": as_gzip,
    "dictionary": as_dictionary,
    "lists": in_lists,
    "structures": in_structures,
    "maps": in_maps,
    "keys of maps": as_keys,
}
"""Storing that keeps every value."""

SPLITS: dict[str, Store] = {
    "two columns": in_two,
    "three columns": in_three,
    "columns of numbers": in_numbers,
    "columns of dictionaries": in_dictionaries,
}
DIGESTS: dict[str, Store] = {
    "MD5": digest("md5"),
    "SHA-1": digest("sha1"),
    "SHA-256": digest("sha256"),
    "SM3": digest("sm3"),
    "SHA-512": digest("sha512"),
    "MD5 in capitals": digest("md5", lambda made: made.hex().upper()),
}
