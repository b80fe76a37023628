"""Damage of any kind ends in a fault with a sentence, or in a table; never in anything else."""

import json
import random
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.vault.formats.faults import Fault
from exchange.vault.reading.messages import FAULTS
from tests.vault.making import json_lines, read_bytes, repacked
from tests.vault.test_spreadsheets import PLAIN as WORKBOOK

TABLE = '城市,人口,备注\n北京,2189,首都\n上海,"2,487",直辖市\n注：x,,\n'
RECORDS = [{"id": "006001", "n": 1, "x": [1, {"a": "名"}]}, {"id": "2", "n": None}]
POINT = {"type": "Point", "coordinates": [1, 2]}
FEATURES = [{"type": "Feature", "geometry": POINT, "properties": {"a": 1}}]
SOUND = {
    "a.csv": TABLE.encode(),
    "b.csv": TABLE.encode("gb18030"),
    "c.csv": TABLE.encode("utf-16"),
    "d.json": json.dumps(RECORDS, ensure_ascii=False).encode(),
    "e.jsonl": json_lines(RECORDS).encode(),
    "f.geojson": json.dumps({"features": FEATURES}).encode(),
    "g.xlsx": WORKBOOK,
}
ODD = b'",\n[]{}:\\0019-.eE\xff\x00<&;'


def damaged(sound: bytes, chance: random.Random) -> bytes:
    content = bytearray(sound)
    for _ in range(chance.randrange(1, 5)):
        place = chance.randrange(len(content) + 1)
        match chance.randrange(5):
            case 0 if content:
                content[place % len(content)] = chance.randrange(256)
            case 1:
                del content[place : place + chance.randrange(1, 30)]
            case 2:
                content[place:place] = bytes(chance.choices(ODD, k=chance.randrange(1, 8)))
            case 3:
                del content[place:]
            case _:
                other = chance.randrange(len(content) + 1)
                content[place:place] = content[other : other + chance.randrange(1, 40)]
    return bytes(content)


def survives(folder: Path, content: bytes, name: str) -> bool:
    """Return whether a table came of it; a fault must have its sentence."""
    try:
        read_bytes(folder, content, name)
    except Fault as fault:
        return not FAULTS[fault.what]
    return True


@pytest.mark.parametrize("name", SOUND)
def test_damaged_files(name: str, tmp_path: Path) -> None:
    chance = random.Random(name)
    assert survives(tmp_path, SOUND[name], name)

    outcomes = {survives(tmp_path, damaged(SOUND[name], chance), name) for _ in range(80)}

    assert False in outcomes


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]
)
def test_damaged_parts_of_a_workbook(part: str, tmp_path: Path) -> None:
    chance = random.Random(part)
    with zipfile.ZipFile(BytesIO(WORKBOOK)) as archive:
        sound = archive.read(part)

    outcomes = {
        survives(tmp_path, repacked(WORKBOOK, {part: damaged(sound, chance)}), "t.xlsx")
        for _ in range(60)
    }

    assert False in outcomes


plain_cells = st.text(alphabet="ab 01.-éNA城\u2028'=@", max_size=6)


@settings(deadline=None, max_examples=80)
@given(st.lists(st.tuples(plain_cells, plain_cells, plain_cells), min_size=1, max_size=8))
def test_both_ways_through_a_plain_file_agree(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str, str]]
) -> None:
    lines = "".join(",".join(record) + "\n" for record in [*table, ("end", "1", "x")])
    folder = tmp_path_factory.mktemp("ways")

    fast = read_bytes(folder, "alpha,beta,gamma\n" + lines)
    careful = read_bytes(folder, '"alpha",beta,gamma\n' + lines)

    assert fast == careful
