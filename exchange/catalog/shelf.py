"""An invented bilingual market, the same every time, on which the search is measured.

Every product has one topic that it is about, and may mention others in passing. So it is known,
without asking any search, which products a query of a topic should show first.
"""

from dataclasses import asdict, dataclass
from random import Random
from typing import Final

SEED: Final = 20261123
SIZE: Final = 1200

TOPICS: Final = (
    ("信用", "credit"),
    ("航班", "flight"),
    ("气象", "weather"),
    ("货运", "freight"),
    ("医保", "insurance"),
    ("电力", "power"),
    ("物流", "logistics"),
    ("地铁", "metro"),
    ("零售", "retail"),
    ("房价", "housing"),
    ("农产品", "farming"),
    ("港口", "port"),
    ("税务", "tax"),
    ("客流", "passenger"),
    ("专利", "patent"),
    ("招聘", "recruitment"),
    ("能耗", "energy"),
    ("水质", "water"),
    ("遥感影像", "imagery"),
    ("舆情", "opinion"),
    ("供应链", "supply"),
    ("碳排放", "carbon"),
    ("停车", "parking"),
    ("快递", "parcel"),
)
KINDS: Final = (
    ("指数", "index"),
    ("数据集", "dataset"),
    ("分析报告", "report"),
    ("查询接口", "interface"),
    ("名录", "directory"),
    ("评分", "scores"),
    ("预测", "forecast"),
    ("统计", "statistics"),
)
REGIONS: Final = (
    ("上海", "Shanghai"),
    ("广州", "Guangzhou"),
    ("深圳", "Shenzhen"),
    ("北京", "Beijing"),
    ("成都", "Chengdu"),
    ("长三角", "Yangtze delta"),
    ("大湾区", "Greater Bay"),
    ("全国", "national"),
)
YEARS: Final = tuple(range(2016, 2027))
MENTIONS_IN_ABSTRACT: Final = 0.25
MENTIONS_IN_BODY: Final = 0.5


@dataclass(frozen=True, kw_only=True)
class Ware:
    """One invented product: its texts, and what it is about."""

    topic: int
    kind: int
    region: int
    name: str
    name_en: str
    abstract: str
    keywords: tuple[str, ...]
    description: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """One search text; `topic` or the whole identity of a ware say what should be found."""

    text: str
    topic: int
    kind: int = -1
    region: int = -1

    def wants(self, ware: Ware) -> bool:
        """Whether a ware is what was asked for."""
        if self.kind < 0:
            return ware.topic == self.topic
        return (ware.topic, ware.kind, ware.region) == (self.topic, self.kind, self.region)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """The invented market and the questions put to it."""

    wares: tuple[Ware, ...]
    by_topic: tuple[Question, ...]
    by_name: tuple[Question, ...]
    fragments: tuple[str, ...]

    def as_document(self) -> dict[str, object]:
        """Return everything as plain values, for the digest of the data."""
        return {
            "wares": [asdict(ware) for ware in self.wares],
            "by_topic": [asdict(question) for question in self.by_topic],
            "by_name": [asdict(question) for question in self.by_name],
            "fragments": list(self.fragments),
        }


def make_shelf(size: int = SIZE, *, seed: int = SEED) -> Shelf:
    """Return the market of a seed; the same seed gives the same market."""
    random = Random(seed)  # noqa: S311  repeatability is the point; nothing is kept secret
    wares = tuple(_ware(random) for _ in range(size))
    known = [random.choice(wares) for _ in range(size // 8)]
    return Shelf(
        wares=wares,
        by_topic=tuple(
            Question(text=word, topic=number) for number, pair in enumerate(TOPICS) for word in pair
        ),
        by_name=tuple(_by_name(ware, random) for ware in known),
        fragments=tuple(_fragment(random.choice(wares), random) for _ in range(size // 4)),
    )


def _ware(random: Random) -> Ware:
    topic, kind, region = (random.randrange(len(words)) for words in (TOPICS, KINDS, REGIONS))
    year = random.choice(YEARS)
    (topic_zh, topic_en), (kind_zh, kind_en) = TOPICS[topic], KINDS[kind]
    region_zh, region_en = REGIONS[region]
    abstract = f"覆盖{region_zh}的{topic_zh}{kind_zh}，按月更新。{topic_en.title()} {kind_en}."
    description = f"每行一条{topic_zh}记录；字段含时间、地点与数值。"
    if random.random() < MENTIONS_IN_ABSTRACT:
        abstract += f"可与{random.choice(TOPICS)[0]}数据结合使用。"
    if random.random() < MENTIONS_IN_BODY:
        other = random.choice(TOPICS)
        description += f"不含{other[0]}内容。 Not about {other[1]}."
    return Ware(
        topic=topic,
        kind=kind,
        region=region,
        name=f"{year}年{region_zh}{topic_zh}{kind_zh}",
        name_en=f"{region_en} {topic_en} {kind_en} {year}",
        abstract=abstract,
        keywords=(topic_zh, topic_en, kind_zh),
        description=description,
    )


def _by_name(ware: Ware, random: Random) -> Question:
    words = tuple(
        pairs[number]
        for pairs, number in (
            (REGIONS, ware.region),
            (TOPICS, ware.topic),
            (KINDS, ware.kind),
        )
    )
    english = random.random() < 0.5  # noqa: PLR2004  a coin
    text = " ".join(pair[1] for pair in words) if english else "".join(p[0] for p in words)
    return Question(text=text, topic=ware.topic, kind=ware.kind, region=ware.region)


def _fragment(ware: Ware, random: Random) -> str:
    """Return some characters out of a text, or the beginning of a word of it."""
    if random.random() < 0.3:  # noqa: PLR2004  three in ten questions are English
        word = random.choice(ware.name_en.split())
        return word[: random.randint(min(3, len(word)), len(word))].upper()
    text = random.choice((ware.name, ware.abstract, ware.description))
    length = random.randint(1, 6)
    begin = random.randrange(max(1, len(text) - length))
    return text[begin : begin + length]
