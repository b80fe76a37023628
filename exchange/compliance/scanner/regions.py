"""Administrative division codes (GB/T 2260) as a table over the first digits of an identity."""

import re
from functools import cache
from importlib.resources import files

import numpy as np

from .arrays import Flags

_LINE = re.compile(r"^(?P<province>\d{2}) |^ +(?P<rest>\d{4}) ")
PERMITS = {"810000": "hk_permit", "820000": "mo_permit", "830000": "tw_permit"}
"""Codes of residence permits for residents of Hong Kong, Macau and Taiwan."""


@cache
def known_counties() -> Flags:
    """Which six-digit codes were ever in use; from python-stdnum's table."""
    table = np.zeros(1_000_000, bool)
    province = ""
    for line in (files("stdnum.cn") / "loc.dat").read_text("utf-8").splitlines():
        found = _LINE.match(line)
        if found and found["province"]:
            province = found["province"]
        elif found:
            table[int(province + found["rest"])] = True
    table[[int(code) for code in PERMITS]] = True
    table.setflags(write=False)
    return table


@cache
def known_prefectures() -> Flags:
    """Which four-digit prefecture codes were ever in use."""
    table: Flags = np.zeros(10_000, bool)
    table[np.flatnonzero(known_counties()) // 100] = True
    table.setflags(write=False)
    return table


@cache
def known_provinces() -> Flags:
    """Which two-digit province codes exist."""
    table: Flags = np.zeros(100, bool)
    table[np.flatnonzero(known_prefectures()) // 100] = True
    table.setflags(write=False)
    return table
