"""Group sizes by combinations of traits: exact, bounded, and the same however the rows are cut."""

from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exchange.compliance.measurement import values
from exchange.compliance.scanner import Tally, measure_parquet
from exchange.compliance.scanner import judge as judge_tally
from exchange.compliance.scanner.combinations import GROUPS, Groups, combine
from exchange.compliance.scanner.sketch import mix
from exchange.compliance.statements import Manual

from .scanning import judge, lexicon, read

R = Random(71)
N = 400


def groups_of(rows: np.ndarray) -> Groups:
    found = Groups()
    found.add(rows)
    return found


def test_figures_are_those_of_counting() -> None:
    births = [f"{R.randint(1960, 1999)}-0{R.randint(1, 9)}-1{R.randint(0, 9)}" for _ in range(N)]
    sexes = [R.choice("男女") for _ in range(N)]
    codes = [R.choice(["200010", "200020", None]) for _ in range(N)]
    sizes = Counter(zip(births, codes, sexes, strict=True))

    (found,) = read({"性别": sexes, "邮编": codes, "出生日期": births}).combinations

    assert found.columns == ("出生日期", "邮编", "性别")
    assert (found.groups, found.k, found.exact) == (len(sizes), min(sizes.values()), True)
    assert found.unique == pytest.approx(sum(n == 1 for n in sizes.values()) / N)
    assert found.below == pytest.approx(sum(n for n in sizes.values() if n < 5) / N)


@pytest.mark.parametrize("groups", [50, 3 * GROUPS])
def test_parts_add_up_to_the_whole_in_any_order(groups: int) -> None:
    rng = np.random.default_rng(5)
    rows = rng.integers(0, groups, 4 * GROUPS).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    whole = groups_of(rows)
    parts = [groups_of(part) for part in np.array_split(rows, 7)]

    forward, backward, paired = Groups(), Groups(), Groups()
    for part in parts:
        forward.merge(part)
    for part in reversed(parts):
        backward.merge(part)
    for first in range(0, 7, 2):
        pair = Groups()
        for part in parts[first : first + 2]:
            pair.merge(part)
        paired.merge(pair)

    for each in (forward, backward, paired):
        assert np.array_equal(each.hashes, whole.hashes)
        assert np.array_equal(each.sizes, whole.sizes)
        assert each.cut == whole.cut
    assert whole.cut == (groups > GROUPS)
    assert whole.hashes.size <= GROUPS


def test_a_sample_of_groups_comes_close() -> None:
    rng = np.random.default_rng(6)
    keys = rng.integers(0, 200_000, 400_000).astype(np.uint64)
    found = groups_of(mix(keys)).tell(("a", "b"), 5)
    sizes = np.bincount(keys.astype(np.int64))
    sizes = sizes[sizes > 0]

    assert not found.exact
    assert found.groups == pytest.approx(sizes.size, rel=0.03)
    assert found.unique == pytest.approx((sizes == 1).sum() / keys.size, rel=0.05)
    assert found.below == pytest.approx(sizes[sizes < 5].sum() / keys.size, rel=0.05)


def test_rows_have_the_same_hash_in_any_type_and_batch() -> None:
    plain = pa.array(["a", "b", None, "a"])

    whole = combine([plain, pa.array([1, 2, 3, 1])])
    coded = combine([plain.dictionary_encode(), pa.array([1, 2, 3, 1])])
    cut = np.concatenate(
        [combine([plain[at : at + 2], pa.array([1, 2, 3, 1])[at : at + 2]]) for at in (0, 2)]
    )

    assert np.array_equal(whole, coded)
    assert np.array_equal(whole, cut)
    assert whole[0] == whole[3] != whole[1]


def test_a_column_that_is_not_what_its_name_says_combines_nothing() -> None:
    births = [values.birthday(R, 1950, 2000).isoformat() for _ in range(N)]

    assert read({"出生日期": births, "性别": [f"x{n}" for n in range(N)]}).combinations == ()


def test_statistics_by_age_and_sex_single_nobody_out() -> None:
    table = {
        "年龄": [row // 4 for row in range(N)],
        "性别": ["男", "女"] * (N // 2),
        "民族": ["汉族", "汉族", "回族", "回族"] * (N // 4),
    }

    assert "SINGLED_OUT" in {theme.code for theme in judge(table).themes}
    counted = judge(table | {"人数": [R.randint(20, 900) for _ in range(N)]})
    assert "SINGLED_OUT" not in {theme.code for theme in counted.themes}
    assert counted.outcome == "CLEAR"


def test_a_declaration_does_not_hide_that_persons_can_be_singled_out() -> None:
    table = {
        "会员编号": [f"HY{row:05}" for row in range(N)],
        "出生日期": [values.birthday(R, 1950, 2000).isoformat() for _ in range(N)],
        "邮编": [f"2000{R.randint(10, 99)}" for _ in range(N)],
        "性别": [R.choice("男女") for _ in range(N)],
    }
    declared = Manual(
        personal_basis="DEIDENTIFIED", rights_stated=True, rights=frozenset({"OPERATE"})
    )

    verdict = judge(table, declared)

    assert "R-REID" in verdict.rule_ids()
    assert "R-PSEUDO" not in verdict.rule_ids()
    step = next(each for each in verdict.steps if each.code == "K_ANONYMITY")
    assert step.result == "1"
    assert set(step.columns) == {"出生日期", "邮编", "性别"}


def test_groups_travel_as_bytes(tmp_path: Path) -> None:
    births = [values.birthday(R, 1950, 2000).isoformat() for _ in range(N)]
    table = pa.table({"出生日期": births, "性别": [R.choice("男女") for _ in range(N)]})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=150)

    parts = Tally()
    for group in range(3):
        part = measure_parquet(tmp_path / "t.parquet", lexicon(), row_groups=[group])
        assert Tally.from_bytes(part.to_bytes()).to_bytes() == part.to_bytes()
        parts.merge(Tally.from_bytes(part.to_bytes()))

    assert judge_tally(parts, lexicon()).combinations == read(table).combinations != ()
