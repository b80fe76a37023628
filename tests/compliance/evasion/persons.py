"""Who is hidden: identifiers by kind, and values of the same shape that identify nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from stdnum import luhn
from stdnum.iso7064 import mod_11_2

from exchange.compliance.measurement import values

COUNTRIES = ("156", "840", "392", "826")


@dataclass(frozen=True)
class Kind:
    """An identifier, the codes under which it may be reported, and its harmless likeness."""

    make: Callable[[Random], str]
    codes: frozenset[str]
    alike: Callable[[Random], str]


def wrong(make: Callable[[Random], str]) -> Callable[[Random], str]:
    """Return a maker of values whose check digit is wrong."""
    return lambda rng: values.with_wrong_last(make(rng), rng)


def foreigner(rng: Random) -> str:
    """Return the number of a foreigner's permanent residence card."""
    body = f"9{rng.choice(('11', '31', '44'))}{rng.choice(COUNTRIES)}{values.birthday(rng):%Y%m%d}"
    body += values.digits(rng, 3)
    return body + str(mod_11_2.calc_check_digit(body))


def iccid(rng: Random) -> str:
    """Return the number of a SIM card."""
    body = f"898600{values.digits(rng, 13)}"
    return body + str(luhn.calc_check_digit(body))


def imsi(rng: Random) -> str:
    """Return the number of a subscriber."""
    return f"460{rng.choice(('00', '01', '03', '11'))}{values.digits(rng, 10)}"


def product(pattern: str) -> Callable[[Random], str]:
    """Return a maker of product codes: # a digit, ? a letter."""

    def make(rng: Random) -> str:
        letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
        return "".join(
            values.digits(rng, 1) if c == "#" else rng.choice(letters) if c == "?" else c
            for c in pattern
        )

    return make


KINDS: dict[str, Kind] = {
    "resident": Kind(values.resident_id, frozenset({"cn_resident_id"}), wrong(values.resident_id)),
    "permit": Kind(values.permit, frozenset({"hk_permit"}), wrong(values.permit)),
    "foreigner": Kind(foreigner, frozenset({"cn_foreign_resident_id"}), wrong(foreigner)),
    "mobile": Kind(values.mobile, frozenset({"cn_mobile"}), product("154########")),
    "card": Kind(values.bank_card, frozenset({"bank_card"}), wrong(values.bank_card)),
    "Hong Kong": Kind(values.hong_kong_id, frozenset({"hkid"}), wrong(values.hong_kong_id)),
    "Taiwan": Kind(values.taiwan_id, frozenset({"tw_id"}), wrong(values.taiwan_id)),
    "vehicle": Kind(values.vin, frozenset({"vin"}), wrong(values.vin)),
    "plate": Kind(values.plate, frozenset({"licence_plate"}), product("鄂I####")),
    "device": Kind(values.imei, frozenset({"imei"}), wrong(values.imei)),
    "SIM card": Kind(iccid, frozenset({"iccid"}), wrong(iccid)),
    "subscriber": Kind(imsi, frozenset({"imsi"}), product("990##########")),
    "e-mail": Kind(values.email, frozenset({"email"}), product("??####.example")),
}
