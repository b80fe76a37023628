"""Who takes part in the story."""

from dataclasses import dataclass

PASSWORD = "quanheng-demo-2026"  # noqa: S105  of invented people, on one's own machine


@dataclass(frozen=True, kw_only=True)
class Part:
    """One organization of the story and the person who acts for it."""

    key: str
    email: str
    person: str
    name: str
    name_en: str
    uscc: str
    region: str
    roles: tuple[str, ...]
    language: str = "zh-hans"


OPERATOR = Part(
    key="operator",
    email="operator@demo.example",
    person="陈运",
    name="示范数据交易所",
    name_en="Demonstration Data Exchange",
    uscc="91310115MA1K4ABC05",
    region="上海市",
    roles=("OPERATOR",),
)
MEMBERS = (
    Part(
        key="harbor",
        email="provider@demo.example",
        person="林供",
        name="海港数据科技有限公司",
        name_en="Harbor Data Technology Co., Ltd.",
        uscc="91310000MA1FL3XY13",
        region="上海市",
        roles=("PROVIDER",),
    ),
    Part(
        key="bridge",
        email="provider2@demo.example",
        person="何桥",
        name="珠江桥信息服务有限公司",
        name_en="Pearl Bridge Information Services Co., Ltd.",
        uscc="91440101MA5CK7XY23",
        region="广州市",
        roles=("PROVIDER", "BUYER"),
    ),
    Part(
        key="buyer",
        email="buyer@demo.example",
        person="赵买",
        name="远山航空研究院",
        name_en="Yuanshan Aviation Research Institute",
        uscc="12100000MB3F4XY3C1",
        region="北京市",
        roles=("BUYER",),
    ),
    Part(
        key="regulator",
        email="regulator@demo.example",
        person="周监",
        name="示范市数据管理局",
        name_en="Demonstration Municipal Data Bureau",
        uscc="11310000MB2F3XY4DU",
        region="上海市",
        roles=("REGULATOR",),
    ),
)
