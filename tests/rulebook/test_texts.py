"""Changing one value of a text, and telling two texts apart."""

import tomllib

import pytest

from audit.rulebook.diffs import compare
from audit.rulebook.queries import list_packs
from audit.rulebook.toml import NotFoundInText, in_toml, set_value

TEXT = """\
# What is charged.
currency = "CNY"   # yuan

[limits]
least = 1.5        # [own choice]
names = [
  "甲", "乙",
  "]",             # a bracket in a text
]

[[fees]]
id = "F-1"
rate = "0.1"

[[fees]]
id = "F-2"
rate = "0.2"  # of the "price" # in all
en = "Fee"
zh = "费用"
"""


@pytest.mark.parametrize(
    ("table", "key", "value", "line"),
    [
        ((), "currency", "USD", 'currency = "USD"  # yuan\n'),
        (("limits",), "least", 2, "least = 2  # [own choice]\n"),
        (("fees", "F-1"), "rate", "0.15", 'rate = "0.15"\n'),
        (("fees", "F-2"), "rate", "0.3", 'rate = "0.3"  # of the "price" # in all\n'),
        (("fees", "F-1"), "tiers", [{"rate": "1"}], 'tiers = [{ rate = "1" }]\n'),
    ],
)
def test_one_value_changes_and_nothing_else(
    table: tuple[str, ...], key: str, value: object, line: str
) -> None:
    changed = set_value(TEXT, table, key, value)

    assert line in changed
    lost = [each for each in TEXT.splitlines() if each not in changed.splitlines()]
    assert len(lost) <= 1
    assert tomllib.loads(changed) != tomllib.loads(TEXT)


def test_a_value_over_several_lines_goes_as_a_whole() -> None:
    changed = set_value(TEXT, ("limits",), "names", None)

    assert '"]"' not in changed
    assert tomllib.loads(changed)["limits"] == {"least": 1.5}
    assert set_value(TEXT, ("limits",), "least", 1.5) == TEXT


def test_what_is_not_there_cannot_be_set() -> None:
    with pytest.raises(NotFoundInText):
        set_value(TEXT, ("fees", "F-3"), "rate", "0.3")
    with pytest.raises(NotFoundInText):
        set_value(TEXT, ("currency",), "rate", "0.3")


@pytest.mark.parametrize(
    "value", [True, 3, 0.25, 'a "b" \\ \x7f\n字', ["a", 1], {"k": [{"n": 1}]}, {}, []]
)
def test_values_are_written_as_toml_reads_them(value: object) -> None:
    assert tomllib.loads(f"value = {in_toml(value)}") == {"value": value}


@pytest.mark.parametrize("kind", ["compliance", "fees", "pricing", "retention", "trading"])
def test_every_value_of_the_real_packs_can_be_set(kind: str) -> None:
    pack = list_packs(kind)[-1]
    for section, value in pack.data.items():
        rows = value if isinstance(value, list) else []
        for row in [row for row in rows if isinstance(row, dict) and "id" in row][-2:]:
            changed = set_value(pack.text, (section, row["id"]), "remark", "字")
            entry = next(e for e in tomllib.loads(changed)[section] if e["id"] == row["id"])
            assert entry == row | {"remark": "字"}


def test_a_diff_names_the_entry_in_both_languages() -> None:
    after = set_value(TEXT, ("fees", "F-2"), "rate", "0.3")
    after = set_value(after, ("limits",), "least", 2)
    after += '\n[[fees]]\nid = "F-3"\nrate = "1"\n'

    found = compare(tomllib.loads(TEXT), tomllib.loads(after))

    assert [(each.section, each.name, each.kind) for each in found] == [
        ("limits", "", "CHANGED"),
        ("fees", "F-2", "CHANGED"),
        ("fees", "F-3", "ADDED"),
    ]
    assert found[1].title == {"en": "Fee", "zh": "费用"}
    assert [(c.key, c.before, c.after) for c in found[1].changes] == [("rate", "0.2", "0.3")]
    assert compare(tomllib.loads(TEXT), tomllib.loads(TEXT)) == []


def test_of_long_lists_only_what_came_and_went_is_told() -> None:
    old = {"plans": {"mobile": [str(number) for number in range(100)]}}
    new = {"plans": {"mobile": [str(number) for number in range(1, 101)]}}

    (entry,) = compare(old, new)

    assert [(c.kind, c.before, c.after) for c in entry.changes] == [
        ("REMOVED", ["0"], None),
        ("ADDED", None, ["100"]),
    ]
