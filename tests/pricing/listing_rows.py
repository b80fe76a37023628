"""Files of listings that the back-test reads: rows by a known law, written where a test wants."""

from random import Random

from pricing.measurement.listings import NEEDED

COLUMNS = (*NEEDED, "description", "category_aws", "product_type", "price_text", "size_bytes")
NOUNS = ("气象 降水 数据", "企业 工商 查询", "道路 车流 统计", "专利 检索 接口")
Rows = list[dict[str, str]]


def row_of(**changes: str) -> dict[str, str]:
    """A row of a file, changed."""
    row = dict.fromkeys(COLUMNS, "")
    row |= {"platform": "east", "price_mode": "usage-based", "unit": "次", "price_cny": "1"}
    return row | changes


def known_law(providers: int = 10, each: int = 5, seed: int = 1) -> Rows:
    """Prices by what the title says, times the provider's own level, times chance."""
    random = Random(seed)
    rows = []
    for provider in range(providers):
        level = random.gauss(0, 0.3)
        for item in range(each):
            kind = random.randrange(4)
            price = 2.718281828 ** (2.0 * kind + level + random.gauss(0, 0.4))
            rows.append(
                row_of(
                    title=NOUNS[kind],
                    provider=f"第{provider}号数据有限公司",
                    description=f"{NOUNS[kind]} 第{provider}-{item}种",
                    price_cny=f"{price:.2f}",
                )
            )
    return rows
