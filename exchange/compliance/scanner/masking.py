"""Showing that something was found without showing what: the only form in which values leave."""

_KEEP: dict[str, tuple[int, int]] = {
    "cn_resident_id": (6, 2),
    "cn_foreign_resident_id": (3, 2),
    "hk_permit": (6, 2),
    "mo_permit": (6, 2),
    "tw_permit": (6, 2),
    "cn_resident_id_15": (6, 2),
    "cn_resident_id_county": (6, 2),
    "cn_resident_id_rounded": (6, 0),
    "cn_mobile": (3, 4),
    "cn_mobile_in_text": (3, 4),
    "bank_card": (6, 4),
    "bank_card_issuer": (6, 4),
    "imei": (4, 2),
    "imsi": (5, 2),
    "iccid": (6, 2),
    "landline": (4, 2),
    "organization_code": (2, 2),
    "ipv6": (4, 0),
    "passport_mrz": (5, 0),
    "uscc": (8, 2),
    "vin": (3, 4),
    "licence_plate": (2, 1),
    "han_name": (1, 0),
    "address_cn": (6, 0),
    "us_ssn": (0, 4),
    "dna_sequence": (6, 0),
    "variant_id": (3, 1),
    "ipv4": (3, 0),
    "ipv4_private": (3, 0),
    "mac_address": (8, 0),
}
_LONGEST = 24


def mask(kind: str, value: str) -> str:
    """Return a value with its middle replaced, as is usual for its kind."""
    if kind == "email":
        local, _, host = value.partition("@")
        return f"{local[:1]}***@{host[:_LONGEST]}"
    if kind == "secret_key":
        return value[:4] + "***"
    head, tail = _KEEP.get(kind, (1, 0))
    if head + tail >= len(value):
        head, tail = min(1, len(value) - 1), 0
    hidden = min(len(value) - head - tail, _LONGEST)
    return value[:head] + "*" * hidden + (value[-tail:] if tail else "")
