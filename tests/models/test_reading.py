"""Models at the door: told by their content, read without being run, refused with the reason."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from django.utils import translation

from audit.log.actors import Actor
from audit.log.errors import Invalid
from exchange.catalog.models import Release
from exchange.catalog.services import edit_product, upload_release
from exchange.parties.models import Organization
from exchange.vault.models import StoredObject
from exchange.vault.reading import Unreadable, read_file
from tests.catalog.making import draft_product
from tests.disclosure import onnx_files as onnx

from .making import described, entry, field, model_product, onnx_file, uploaded

pytestmark = pytest.mark.django_db
Log = Callable[[], list[tuple[str, str]]]


def read(content: bytes, folder: Path, name: str = "m.onnx") -> dict[str, list[object]]:
    """Return the words of a model, by place."""
    import pyarrow.parquet as pq  # noqa: PLC0415  as little as the child loads

    path = folder / "file"
    path.write_bytes(content)
    reading = read_file(path, filename=name, workdir=folder, is_model=True)
    table = pq.read_table(reading.parquet)
    return {
        name: [each for each in table.column(name).to_pylist() if each is not None]
        for name in table.column_names
    }


def test_a_model_is_kept_with_what_it_is(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = model_product(provider_org, provider, at)
    log()

    release = uploaded(product, provider, at, onnx_file())

    assert (release.format, release.rows, release.columns) == ("onnx", 0, [])
    assert release.is_model
    told = release.model
    assert told["inputs"] == [{"name": "X", "kind": "float32", "shape": [0, 2]}]
    assert [each["name"] for each in told["outputs"]] == ["label", "shares"]
    assert told["operators"] == {"LinearClassifier": 1}
    assert told["techniques"] == ["linear"]
    assert release.rows_to_read == told["texts"] > 0
    assert release.original.purpose == "ORIGINAL"
    assert ("catalog.release.uploaded", release.reference) in log()


def test_every_word_of_a_model_is_read(tmp_path: Path) -> None:
    labels = onnx.node(
        "LabelEncoder", ["X"], ["y"], onnx.ML,
        keys_strings=["甲", "乙"], values_int64s=[13800138000, 2],
    )  # fmt: skip
    graph = onnx.graph([labels], [onnx.slot("X", ["n", 1], 8)], [onnx.slot("y", ["n", 1], 7)])
    content = onnx.model(graph) + entry("author", "张三") + field(6, "说明文字")

    words = read(content, tmp_path)

    assert words["keys_strings"] == ["甲", "乙"]
    assert words["values_int64s"] == [13800138000, 2]
    assert words["metadata"] == ["author: 张三"]
    assert words["descriptions"] == ["说明文字"]
    assert {"X", "y", "LabelEncoder"} <= set(words["names"])


def test_text_behind_numbers_is_read(tmp_path: Path) -> None:
    hidden = "身份证 11010519491231002X 张三".encode()
    constant = onnx.field(1, len(hidden)) + field(2, 2) + field(8, "k") + field(9, hidden)
    step = onnx.node("Identity", ["X"], ["y"])
    graph = onnx.graph([step], [onnx.slot("X", ["n", 1])], onnx.NUMBER, [constant])

    assert read(onnx.model(graph), tmp_path)["k"] == [hidden.decode()]


def zipped(content: bytes) -> bytes:
    """Return an archive with a model in it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("model.onnx", content)
    return held.getvalue()


def outside_weights() -> bytes:
    """Return a model whose weights lie in another file."""
    step = onnx.node("Add", ["X", "w"], ["y"])
    held = [onnx.external_tensor("w", "../../etc/passwd")]
    return onnx.model(onnx.graph([step], [onnx.slot("X", ["n", 4])], onnx.NUMBER, held))


def own_operator() -> bytes:
    """Return a model with an operator that nobody knows."""
    step = onnx.node("Shell", ["X"], ["y"], "evil.example")
    return onnx.model(onnx.graph([step], [onnx.slot("X", ["n", 1])], onnx.NUMBER))


@pytest.mark.parametrize(
    ("content", "name", "code", "words"),
    [
        (b"\x80\x04\x95pickle", "score.onnx", "UNSUPPORTED", "Python pickle"),
        (zipped(onnx_file()), "score.onnx", "UNSUPPORTED", "zip, not ONNX"),
        (outside_weights(), "score.onnx", "UNSUPPORTED", "another file (../../etc/passwd)"),
        (own_operator(), "score.onnx", "UNSUPPORTED", "domain “evil.example”"),
        (onnx_file() + field(25, b"f"), "score.onnx", "UNSUPPORTED", "functions of its own"),
        (onnx_file() + field(99, b"spare"), "score.onnx", "MALFORMED", "does not know"),
        (onnx_file() + field(5, "text for a number"), "score.onnx", "MALFORMED", "does not know"),
        (onnx_file()[:-9], "score.onnx", "MALFORMED", "ONNX format"),
        (b"", "score.onnx", "EMPTY", "empty"),
        (b"a,b\n1,2\n", "score.onnx", "MALFORMED", "ONNX format"),
        (onnx_file(), "score.csv", "MISNAMED", ".csv"),
    ],
)
def test_what_is_no_model_is_refused_with_the_reason(
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
    content: bytes,
    name: str,
    code: str,
    words: str,
) -> None:
    product = model_product(provider_org, provider, at)
    stored = StoredObject.objects.count()
    log()

    with pytest.raises(Unreadable) as refused:
        upload_release(
            product=product, source=io.BytesIO(content), filename=name, by=provider, at=at
        )

    assert refused.value.code == code
    assert words in str(refused.value)
    with translation.override("zh-hans"):
        assert refused.value.fields["file"]
    assert Release.objects.count() == 0
    assert StoredObject.objects.count() == stored


def test_data_takes_no_model_and_a_model_no_data(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    data = draft_product(provider_org, provider, at)

    with pytest.raises(Unreadable) as refused:
        uploaded(data, provider, at, onnx_file())

    assert refused.value.code == "UNSUPPORTED"
    assert "trained model" in str(refused.value)


def test_the_kind_of_product_stays_once_it_has_releases(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = model_product(provider_org, provider, at)
    edited = edit_product(
        product=product,
        changes={"product_type": "DATASET", "form": "TABLE"},
        expected_version=product.version,
        by=provider,
        at=at,
    )
    edited = edit_product(
        product=edited,
        changes={"product_type": "MODEL", "form": "MODEL"},
        expected_version=edited.version,
        by=provider,
        at=at,
    )
    uploaded(edited, provider, at, onnx_file())

    with pytest.raises(Invalid) as refused:
        edit_product(
            product=edited,
            changes={"product_type": "DATASET", "form": "TABLE"},
            expected_version=edited.version,
            by=provider,
            at=at,
        )

    assert "product_type" in refused.value.fields


@pytest.mark.parametrize(("kind", "form"), [("MODEL", "TABLE"), ("DATASET", "MODEL")])
def test_form_and_kind_go_together(
    provider_org: Organization, provider: Actor, at: datetime, kind: str, form: str
) -> None:
    with pytest.raises(Invalid) as refused:
        draft_product(provider_org, provider, at, product_type=kind, form=form)

    assert "form" in refused.value.fields


def test_long_texts_without_end_do_not_hurt(tmp_path: Path) -> None:
    many = onnx.node("LabelEncoder", ["X"], ["y"], onnx.ML,
                     keys_strings=[f"k{place}" for place in range(20_000)],
                     values_floats=np.zeros(20_000).tolist())  # fmt: skip
    graph = onnx.graph([many], [onnx.slot("X", ["n", 1], 8)], onnx.NUMBER)

    assert len(read(onnx.model(graph), tmp_path)["keys_strings"]) == 20_000
    assert read(described("x" * 100_000), tmp_path)["descriptions"] == ["x" * 100_000]
