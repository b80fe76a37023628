"""The published JSON Schema of an algorithm's card, made from the fields of the register."""

from typing import Any, Final

from django.utils import translation

from .evaluation.cards import TASKS
from .evaluation.metrics import METRICS
from .fields import FIELDS

ADDRESS: Final = "docs/schemas/algorithm-card.schema.json"
NEEDED: Final = (
    "technique", "prediction_target", "stakeholders", "claimed", "target_column", "task",
)  # fmt: skip
TEXT: Final[dict[str, Any]] = {
    "oneOf": [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}},
        {
            "type": "object",
            "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
            "additionalProperties": False,
            "minProperties": 1,
        },
    ]
}
FIGURES: Final[dict[str, Any]] = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {"type": ["number", "string"]},
}
NAMES: Final[dict[str, Any]] = {
    "type": "array",
    "items": {"type": ["string", "number"]},
    "uniqueItems": True,
}
TEXT_NAME: Final[dict[str, Any]] = {"type": "string"}
MEASURED: Final[dict[str, tuple[dict[str, Any], str, str]]] = {
    "task": ({"enum": list(TASKS)}, "What kind of prediction it is", "任务类型"),
    "claimed": (
        FIGURES,
        f"Accuracy claimed, by metric: {', '.join(METRICS)}",
        "声明的准确率（按指标）",
    ),
    "main_metric": (TEXT_NAME, "The claimed metric it is judged by", "用于评判的主要指标"),
    "target_column": (TEXT_NAME, "Column that holds the answers", "真值所在列"),
    "features": (NAMES, "Columns the model reads, in its order", "模型输入列（按顺序）"),
    "onnx_input": (TEXT_NAME, "Name of the input, a type may follow", "输入名称（可附类型）"),
    "onnx_outputs": (NAMES, "Names of the outputs, a type may follow", "输出名称（可附类型）"),
    "classes": (NAMES, "Classes in the order of the probabilities", "类别（按概率输出顺序）"),
    "positive_class": ({"type": ["string", "number"]}, "The class called positive", "正类"),
    "threshold": ({"type": "number"}, "Score above which the answer is yes", "判定阈值"),
    "at": ({"type": "integer", "minimum": 1}, "Depth k of NDCG", "NDCG 的深度 k"),
    "higher_is_anomalous": ({"type": "boolean"}, "Higher is odder", "分数越高越异常"),
    "query_column": (TEXT_NAME, "Column that names the query (ranking)", "查询列（排序）"),
    "time_column": (TEXT_NAME, "Column of time (forecast)", "时间列（预测）"),
    "group_columns": (NAMES, "Columns whose groups are compared", "分组比较列"),
    "sha256_model": ({"type": "string", "pattern": "^[0-9a-f]{64}$"}, "Digest of the model's file",
                     "模型文件摘要"),
    "sha256_holdout": ({"type": "string", "pattern": "^[0-9a-f]{64}$"}, "Digest of the rows' file",
                       "评测数据文件摘要"),
    "training_rows": ({"type": "integer", "minimum": 0}, "Rows trained on", "训练行数"),
    "holdout_rows": ({"type": "integer", "minimum": 0}, "Rows of the evaluation", "评测行数"),
    "split": (TEXT_NAME, "How the rows were divided", "数据划分方式"),
    "intended_use": (TEXT, "What it is meant for", "预期用途"),
    "licence": (TEXT_NAME, "License (SPDX)", "许可证（SPDX）"),
    "source": (TEXT, "Where data and model are from", "数据与模型来源"),
}  # fmt: skip


def card_schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12); titles in English and Chinese.

    Further members are allowed; a card may say more than is asked for here.
    """
    properties: dict[str, Any] = {}
    for each in FIELDS:
        with translation.override("en"):
            english = str(each.label)
        with translation.override("zh-hans"):
            chinese = str(each.label)
        properties[each.code] = TEXT | {
            "title": f"{english} {chinese}",
            "description": f"Asked for by: {', '.join(each.sources)}",
        }
    for name, (kind, english, chinese) in MEASURED.items():
        properties[name] = kind | {"title": f"{english} {chinese}"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Card of an algorithm 算法披露卡",
        "type": "object",
        "required": list(NEEDED),
        "properties": properties,
    }
