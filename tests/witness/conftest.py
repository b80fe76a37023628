from collections.abc import Iterator
from pathlib import Path

import pytest

from .making import Bench, make_witness


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = make_witness(tmp_path)
    yield made
    made.state.close()
