"""Free text in which persons are no longer named by number, and everything else still stands."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from audit.rulebook.queries import file_packs
from exchange.compliance.remedies import Redactor, Tools
from exchange.compliance.remedies import redaction as module
from exchange.compliance.scanner import Lexicon

from .making import derive

ON = date(2026, 11, 23)
MARKS = {
    "cn_mobile": "[手机号]",
    "cn_mobile_in_text": "[手机号]",
    "cn_resident_id": "[身份证号]",
    "email": "[邮箱]",
}


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    """Who finds numbers and addresses under the rules of a day."""
    return Redactor(Lexicon(file_packs("compliance")[-1].data, as_of=ON), MARKS)


def test_numbers_are_replaced_and_the_words_around_them_stay(redactor: Redactor) -> None:
    texts = [
        "客户来电13812345678，证件11010519491231002X，请回复zhang@example.com。",
        "没有什么要遮的，合同2024-118。",
        "",
        "１３８１２３４５６７８打来",
        "两个号码：13812345678、13912345678",
    ]

    assert redactor(texts) == [
        "客户来电[手机号]，证件[身份证号]，请回复[邮箱]。",
        texts[1],
        "",
        "[手机号]打来",
        "两个号码：[手机号]、[手机号]",
    ]


def test_long_columns_are_searched_in_pieces(
    redactor: Redactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"第{n}条：13812345678" for n in range(50)]
    whole = redactor(texts)

    monkeypatch.setattr(module, "PIECE", 40)

    assert redactor(texts) == whole == [f"第{n}条：[手机号]" for n in range(50)]


def test_a_column_of_text_is_redacted(redactor: Redactor, tmp_path: Path) -> None:
    table = pa.table({"t": ["打13812345678", None, "打13812345678", "好"], "n": [1, 2, 3, 4]})

    made, _ = derive(tmp_path, table, {"do": "redact", "column": "t"}, tools=Tools(redact=redactor))

    assert made["t"].to_pylist() == ["打[手机号]", None, "打[手机号]", "好"]
