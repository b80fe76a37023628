"""The steps of a grading, each with a code for machines and a sentence in both languages."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Step:
    """One step of the algorithm with what it led to; `columns` are where its cause was found."""

    code: str
    result: str
    en: str
    zh: str
    rules: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.code}: {self.en}"


_SENTENCES: Final = {
    "MATRIX": (
        "{title}: {degree} harm to {object} gives {grade} (Table 1).",
        "{title_zh}：对{object_zh}造成{degree_zh}，按表1为{grade_zh}。",
    ),
    "ITEM_MAXIMUM": (
        "The highest item counts (6.6 d): {grade}, from {count} of {total} columns.",
        "就高从严取最高数据项（6.6 d）：{grade_zh}，涉及{total}个字段中的{count}个。",
    ),
    "ANNEX_G": (
        "Factor {factor} ({name}) is met by: {title}. At least important (Annex G).",
        "符合附录{factor}（{name_zh}）：{title_zh}。至少为重要数据。",
    ),
    "ANNEX_G_RELIEVED": (
        "{title} would meet factor {factor}, but the proofs show that the source is public.",
        "{title_zh}本应符合附录{factor}，但来源证明显示其已公开。",
    ),
    "DETERMINED": (
        "A reviewer determined {kind} {factor} ({reference}).",
        "审核人认定：{kind_zh}{factor}（{reference}）。",
    ),
    "CATALOG": (
        "Listed in the catalogue of important data {id}: {title}.",
        "列入重要数据目录{id}：{title_zh}。",
    ),
    "CORE_CRITERION": (
        "Criterion of core data {id}: {title}.",
        "符合核心数据标准{id}：{title_zh}。",
    ),
    "VOLUME": (
        "{rule}: {count} persons {scope} reach the line “{title}”.",
        "{rule}：{scope_zh}{count}人，达到“{title_zh}”。",
    ),
    "SENSITIVE": (
        "Sensitive personal information: {title}.",
        "敏感个人信息：{title_zh}。",
    ),
    "PERSONAL": (
        "Personal information: {title}.",
        "个人信息情况：{title_zh}。",
    ),
    "K_ANONYMITY": (
        "By {names}: k = {k}; {share} of all rows are in groups below {least}, {unique} alone.",
        "按{names}组合，最小组为{k}行；{share}的行处于不足{least}行的组，{unique}为唯一。",
    ),
    "LEVEL": (
        "Level {level} (Annex H): {why}.",
        "{level}级（附录H）：{why_zh}。",
    ),
    "DERIVED": (
        "Declared {kind}: level {before} becomes {after} (Annex I).",
        "声明为{kind_zh}：由{before}级调整为{after}级（附录I）。",
    ),
    "DERIVED_REFUSED": (
        "Declared {kind}, but the content does not bear it out: {why}. Level {before} stays.",
        "声明为{kind_zh}，但内容不符：{why_zh}。维持{before}级。",
    ),
    "REVIEW_DUE": (
        "To be graded again by {day} at the latest (Annex J).",
        "最迟于{day}重新定级（附录J）。",
    ),
}

WORDS: Final = {
    "NATIONAL_SECURITY": ("national security", "国家安全"),
    "ECONOMY": ("the operation of the economy", "经济运行"),
    "SOCIAL_ORDER": ("social order", "社会秩序"),
    "PUBLIC_INTEREST": ("the public interest", "公共利益"),
    "ORGANIZATION_RIGHTS": ("rights of organizations", "组织权益"),
    "PERSON_RIGHTS": ("rights of individuals", "个人权益"),
    "EXTREME": ("extreme", "特别严重危害"),
    "SERIOUS": ("serious", "严重危害"),
    "MODERATE": ("moderate", "一般危害"),
    "GENERAL": ("general data", "一般数据"),
    "IMPORTANT": ("important data", "重要数据"),
    "CORE": ("core data", "核心数据"),
    "NONE": ("none", "无"),
    "PSEUDONYMOUS": ("de-identified persons", "去标识化个人信息"),
    "PERSONAL": ("identified persons", "可识别个人信息"),
    "SENSITIVE": ("sensitive information of persons", "敏感个人信息"),
    "RAW": ("raw", "原始数据"),
    "MASKED": ("masked", "脱敏数据"),
    "TAG": ("tags", "标签数据"),
    "STATISTIC": ("statistics", "统计数据"),
    "FUSED": ("fused", "融合数据"),
    "RELEASE": ("in this release", "本次发布"),
    "PROVIDER": ("in all releases of the provider", "供方全部发布合计"),
    "FACTOR": ("a factor of Annex G:", "附录G因素"),
    "IMPACT": ("a harm:", "危害"),
    "CATALOG": ("that a catalogue or notice lists it:", "列入目录或被告知"),
    "CORE_DATA": ("that it is core data", "属核心数据"),
    "DISPUTE": ("a dispute over ownership", "权属争议"),
}
"""Codes in words, English and Chinese."""


def step(
    code: str,
    result: str = "",
    *,
    rules: Iterable[str] = (),
    columns: Iterable[str] = (),
    **facts: object,
) -> Step:
    """Return a step with its sentences; codes among the facts are put in words."""
    english, chinese = _SENTENCES[code]
    words_en: dict[str, object] = {}
    words_zh: dict[str, object] = {}
    for name, fact in facts.items():
        pair = WORDS.get(fact) if isinstance(fact, str) else None
        words_en[name] = pair[0] if pair else fact
        words_zh[name] = fact
        words_zh.setdefault(f"{name}_zh", pair[1] if pair else fact)
    words_zh |= {name: fact for name, fact in facts.items() if name.endswith("_zh")}
    return Step(
        code,
        result,
        english.format(**words_en),
        chinese.format(**words_zh),
        tuple(rules),
        tuple(columns),
    )
