"""The published JSON Schema of a disclosure as a file, made from the fields of the register."""

from typing import Any, Final

from django.utils import translation

from .fields import FACTS, FIELDS, Field
from .portable import FORMAT
from .states import AlgorithmType

ADDRESS: Final = "docs/schemas/algorithm-disclosure.schema.json"
TEXT: Final[dict[str, Any]] = {"type": "string"}
DAY: Final[dict[str, Any]] = {"type": "string", "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"}
FIGURE: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["metric", "value"],
    "additionalProperties": False,
    "properties": {
        "metric": {"type": "string", "minLength": 1, "maxLength": 120},
        "value": {"type": "string", "minLength": 1, "maxLength": 40},
        "dataset": {"type": "string", "maxLength": 200},
        "note": {"type": "string", "maxLength": 500},
        "n": {"type": "integer", "minimum": 0},
        "measured_on": DAY,
        "ci_low": {"type": "string", "maxLength": 40},
        "ci_high": {"type": "string", "maxLength": 40},
    },
}


def disclosure_schema() -> dict[str, Any]:
    """Return the schema; a test holds the published file against it."""
    facts = {fact.code: fact for fact in FACTS}
    shapes: dict[str, dict[str, Any]] = {
        "algorithm": {"type": "string", "pattern": "^[a-z][a-z0-9_-]{1,47}$"},
        "algorithm_type": {"enum": list(AlgorithmType.values)},
        "declared": {"type": "array", "maxItems": 40, "items": FIGURE},
        "products": {
            "type": "array",
            "maxItems": 200,
            "items": {"type": "string", "maxLength": 24},
        },
        "service_began_on": DAY,
        "changed_on": DAY,
        "model_sha256": {"type": "string", "pattern": "^([0-9a-f]{64})?$"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://quanheng.example/{ADDRESS}",
        "title": "Algorithm disclosure 算法备案信息",
        "type": "object",
        "required": ["algorithm", "algorithm_type", "texts"],
        "additionalProperties": False,
        "properties": {
            "$schema": TEXT,
            "format": {"const": FORMAT},
            **{code: _described(facts[code]) | shape for code, shape in shapes.items()},
            "texts": {
                "type": "object",
                "additionalProperties": False,
                "properties": {field.code: _described(field) | _texts(field) for field in FIELDS},
            },
            "metrics": {
                "type": "object",
                "title": "Names of the metrics 指标名称",
                "additionalProperties": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"en": TEXT, "zh": TEXT},
                },
            },
            "register": {
                "type": "object",
                "title": "What the register adds in an export; ignored when brought in 登记信息",
            },
        },
    }


def _texts(field: Field) -> dict[str, Any]:
    text = {"type": "string", "maxLength": field.most}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {"en": text, "zh": text},
        "examples": [dict(field.example)],
    }


def _described(field: Field) -> dict[str, Any]:
    said = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            said[language] = (str(field.label), str(field.help))
    return {
        "title": f"{said['en'][0]} {said['zh-hans'][0]}",
        "description": f"{said['en'][1]} {said['zh-hans'][1]} [{field.audience.value}]",
    }
