"""Kinds of spans in text: what they are called elsewhere, and which wins where two overlap."""

from dataclasses import dataclass
from typing import Final

CHECKED, PLANNED, FREE = "CHECKED", "PLANNED", "FREE"
"""A check digit, a fixed form or number plan, or neither: words and what stands around them."""


@dataclass(frozen=True)
class Kind:
    """One kind: its names from the most exact to the most general, its basis, its rank."""

    names: tuple[str, ...]
    basis: str
    rank: int


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of text of one kind, in characters of the text as it was given."""

    begin: int
    end: int
    kind: str


def _kind(names: str, basis: str, rank: int) -> Kind:
    return Kind(tuple(names.split()), basis, rank)


_RESIDENT: Final = "cn_resident_id id_number id_card resident_id"
_PHONE: Final = "phone phone_number telephone"

KINDS: Final[dict[str, Kind]] = {
    # Secrets and addresses of the net
    "ssh_private_key": _kind("ssh_private_key private_key secret_key secret", PLANNED, 99),
    "jwt": _kind("jwt secret_key secret", PLANNED, 98),
    "openai_api_key": _kind("openai_api_key api_key secret_key secret", PLANNED, 97),
    "anthropic_api_key": _kind("anthropic_api_key api_key secret_key secret", PLANNED, 97),
    "github_token": _kind("github_token api_key secret_key secret", PLANNED, 97),
    "aws_access_key": _kind("aws_access_key access_key api_key secret_key secret", PLANNED, 97),
    "cloud_access_key": _kind("cloud_access_key access_key api_key secret_key secret", PLANNED, 97),
    "url_token": _kind("url_token url", PLANNED, 96),
    "email": _kind("email email_address", PLANNED, 94),
    # Numbers with a check digit
    "social_security": _kind(f"social_security {_RESIDENT}", CHECKED, 93),
    "cn_resident_id": _kind(_RESIDENT, CHECKED, 92),
    "hk_permit": _kind(f"hk_permit residence_permit {_RESIDENT}", CHECKED, 92),
    "mo_permit": _kind(f"mo_permit residence_permit {_RESIDENT}", CHECKED, 92),
    "tw_permit": _kind(f"tw_permit residence_permit {_RESIDENT}", CHECKED, 92),
    "cn_foreign_resident_id": _kind(f"cn_foreign_resident_id {_RESIDENT}", CHECKED, 92),
    "uscc": _kind("uscc credit_code unified_social_credit_code", CHECKED, 92),
    "vin": _kind("vin", CHECKED, 92),
    "iban": _kind("iban", CHECKED, 92),
    "hkid": _kind("hkid hk_id", CHECKED, 91),
    "tw_id": _kind("tw_id taiwan_id", CHECKED, 91),
    "cpf": _kind("cpf", CHECKED, 91),
    "cnpj": _kind("cnpj", CHECKED, 91),
    "aadhaar": _kind("aadhaar", CHECKED, 90),
    "my_number": _kind("my_number", CHECKED, 90),
    "rrn": _kind("rrn", PLANNED, 90),
    "tax_id": _kind("tax_id", CHECKED, 90),
    "nhs_number": _kind("nhs_number", CHECKED, 90),
    "imei": _kind("imei", CHECKED, 89),
    "bank_card": _kind("bank_card card_number credit_card", CHECKED, 88),
    "credit_card": _kind("credit_card bank_card card_number", CHECKED, 88),
    # Numbers with a plan or a fixed form
    "cn_resident_id_15": _kind(f"cn_resident_id_15 {_RESIDENT}", PLANNED, 87),
    "ssn": _kind("ssn us_ssn", PLANNED, 87),
    "nino": _kind("nino national_insurance_number", PLANNED, 87),
    "pan": _kind("pan", PLANNED, 87),
    "cn_mobile": _kind(f"cn_mobile mobile {_PHONE}", PLANNED, 86),
    "cn_landline": _kind(f"cn_landline landline {_PHONE}", PLANNED, 85),
    "foreign_phone": _kind(f"foreign_phone {_PHONE}", PLANNED, 85),
    "mac_address": _kind("mac_address", PLANNED, 86),
    "ip_address": _kind("ip_address ipv4 ip", PLANNED, 86),
    "licence_plate": _kind("licence_plate license_plate plate", PLANNED, 86),
    "passport": _kind("passport", PLANNED, 84),
    "us_passport": _kind("us_passport passport", PLANNED, 84),
    "travel_permit": _kind("travel_permit hk_macau_permit", PLANNED, 84),
    "military_id": _kind("military_id", PLANNED, 84),
    "social_security_no": _kind("social_security_no social_security", PLANNED, 83),
    "qq": _kind("qq social_account", PLANNED, 82),
    "wechat": _kind("wechat social_account", PLANNED, 82),
    "social_account": _kind("social_account", PLANNED, 81),
    "uk_postcode": _kind("uk_postcode postcode postal_code", PLANNED, 80),
    "cn_postcode": _kind("cn_postcode postcode postal_code", PLANNED, 80),
    # Words and what stands around them
    "birth_date": _kind("birth_date date_of_birth dob", FREE, 75),
    "age": _kind("age", FREE, 72),
    "address": _kind("address", FREE, 70),
    "salary": _kind("salary financial", FREE, 66),
    "financial": _kind("financial", FREE, 66),
    "diagnosis": _kind("diagnosis medical", FREE, 64),
    "medication": _kind("medication medical", FREE, 64),
    "surgery": _kind("surgery medical", FREE, 64),
    "religion": _kind("religion", FREE, 62),
    "political": _kind("political political_view", FREE, 62),
    "sexual_orientation": _kind("sexual_orientation", FREE, 62),
    "biometric": _kind("biometric", FREE, 62),
    "criminal_record": _kind("criminal_record", FREE, 62),
    "ethnicity": _kind("ethnicity", FREE, 62),
    "gender": _kind("gender", FREE, 62),
    "workplace": _kind("workplace organization company", FREE, 58),
    "school": _kind("school organization", FREE, 57),
    "organization": _kind("organization company", FREE, 56),
    "job_title": _kind("job_title", FREE, 54),
    "person_name": _kind("person_name person name", FREE, 52),
    "self_reference": _kind("self_reference", FREE, 40),
}
"""Every kind that is looked for; of its names the first that a file uses is printed."""
