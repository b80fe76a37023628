"""`manage.py evaluate_algorithm`: what it prints, and its exit status."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command

from audit.disclosure.card_schema import card_schema
from audit.disclosure.evaluation import running

from . import fitting
from .measuring import card
from .test_hostile import looping

TABLE = fitting.houses(81)
Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Run the command on an honest model, its card changed; return status and output."""
    for name in ("train", "holdout"):
        pq.write_table(pa.table(TABLE.part(name)), tmp_path / f"{name}.parquet")
    (tmp_path / "model.onnx").write_bytes(fitting.fit("linear", TABLE))

    def run(*options: str, **changes: Any) -> tuple[int, str]:
        document = card("houses", "linear", TABLE) | {"claimed": {"mae": 40}} | changes
        (tmp_path / "card.json").write_text(json.dumps(document), encoding="utf-8")
        out = StringIO()
        status = 0
        try:
            call_command(
                "evaluate_algorithm",
                str(tmp_path / "card.json"),
                *("--model", str(tmp_path / "model.onnx")),
                *("--holdout", str(tmp_path / "holdout.parquet")),
                *options,
                stdout=out,
            )
        except SystemExit as ended:
            status = int(str(ended.code))
        return status, out.getvalue()

    return run


@pytest.mark.runtime
def test_an_honest_card_ends_with_0(ask: Ask, tmp_path: Path) -> None:
    status, text = ask("--train", str(tmp_path / "train.parquet"))

    assert status == 0
    assert "declared  mae = 40: confirmed" in text
    assert "verdict   confirmed, judged by mae" in text
    assert "baseline" in text


@pytest.mark.runtime
def test_an_overstated_card_ends_with_1(ask: Ask) -> None:
    status, text = ask(claimed={"mae": 9})

    assert status == 1
    assert "declared  mae = 9: overstated" in text


@pytest.mark.runtime
def test_a_finding_against_the_card_ends_with_1(ask: Ask) -> None:
    status, text = ask(technique="深度神经网络")

    assert status == 1
    words = "The card names neural network; the graph is linear model."
    assert f"{words} (speaks against the card, certain)" in text


@pytest.mark.runtime
def test_chinese(ask: Ask) -> None:
    status, text = ask("--language", "zh-hans", technique="深度神经网络")

    assert status == 1
    assert "结论  已确认，以 mae 评判" in text
    assert "披露卡称采用神经网络，图中实为线性模型。（与披露卡相悖、确定）" in text


@pytest.mark.runtime
def test_json_holds_everything(ask: Ask) -> None:
    status, text = ask("--json", technique="神经网络")

    found = json.loads(text)
    assert (status, found["verdict"], found["judged_by"]) == (1, "CONFIRMED", "mae")
    assert found["claims"][0]["declared"] == "40"
    assert found["claims"][0]["figure"]["low"] < found["claims"][0]["figure"]["value"]
    assert found["findings"][0]["code"] == "other-technique"
    assert found["findings"][0]["text"].startswith("The card names neural network")
    assert found["contradicted"] is True
    assert len(found["model_sha256"]) == len(found["holdout_sha256"]) == 64


@pytest.mark.runtime
def test_a_model_that_cannot_be_run_ends_with_3(ask: Ask, tmp_path: Path) -> None:
    ask()
    (tmp_path / "model.onnx").write_bytes(looping(2**62))

    status, text = ask("--seconds", "2", "--megabytes", "600")

    assert status == 3
    assert "cannot be run" in text
    assert "was stopped" in text


def test_a_card_that_lacks_something_ends_with_2(ask: Ask) -> None:
    with pytest.raises(CommandError) as refused:
        ask(stakeholders="", claimed={})

    assert refused.value.returncode == 2
    assert "stakeholders: This is needed." in str(refused.value)
    assert "claimed: This is needed: at least one figure" in str(refused.value)


def test_files_that_are_not_there_or_not_what_they_should_be_end_with_2(
    ask: Ask, tmp_path: Path
) -> None:
    (tmp_path / "noise.parquet").write_bytes(np.random.default_rng(1).bytes(500))
    (tmp_path / "noise.json").write_text("{", encoding="utf-8")

    for options, words in (
        (["--train", str(tmp_path / "nowhere")], "does not exist"),
        (["--train", str(tmp_path / "noise.parquet")], "not a sound Parquet file"),
    ):
        with pytest.raises(CommandError, match=words) as refused:
            ask(*options)
        assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="not valid JSON") as refused:
        call_command("evaluate_algorithm", str(tmp_path / "noise.json"), "--model", "x",
                     "--holdout", "y")  # fmt: skip
    assert refused.value.returncode == 2


def test_without_the_runtime_the_command_says_how_to_get_it(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "RUNTIME", "onnxruntime_that_is_not_there")

    with pytest.raises(CommandError, match=r"requirements/evaluation\.txt") as refused:
        ask()

    assert refused.value.returncode == 4


def test_the_schema_is_printed() -> None:
    out = StringIO()

    call_command("evaluate_algorithm", "--schema", stdout=out)

    assert json.loads(out.getvalue()) == json.loads(json.dumps(card_schema()))
