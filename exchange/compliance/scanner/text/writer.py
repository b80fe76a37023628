"""The writer and the writer's own: kin, and the first person where something is said of it."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from .statements import words_alone
from .triggers import Cue, Stretch, after

PRONOUN: Final = "_pronoun"
"""A bare pronoun of the first person: it counts where its sentence says something of a person."""
POSSESSIVE: Final = "_possessive"
"""A possessive of the first person: it also counts beside a number or an address of the writer."""
DETAILS: Final = frozenset(
    (
        "cn_mobile",
        "cn_landline",
        "foreign_phone",
        "email",
        "address",
        "cn_resident_id",
        "cn_resident_id_15",
        "bank_card",
        "credit_card",
        "passport",
        "us_passport",
        "ssn",
        "licence_plate",
        "qq",
        "wechat",
        "social_account",
    )
)
TRAITS: Final = frozenset(
    (
        "birth_date",
        "age",
        "salary",
        "financial",
        "diagnosis",
        "medication",
        "surgery",
        "religion",
        "political",
        "sexual_orientation",
        "biometric",
        "criminal_record",
        "ethnicity",
        "gender",
    )
)
_KIN_ZH: Final = (
    "儿子|女儿|孩子|宝宝|母亲|父亲|妈妈|爸爸|妈|爸|父母|爹|娘|老公|老婆|丈夫|妻子|爱人|"
    "先生|太太|媳妇|哥哥|哥|弟弟|弟|姐姐|姐|妹妹|妹|"
    "爷爷|奶奶|外公|外婆|姥姥|姥爷|孙子|孙女|外孙|岳父|岳母|公公|婆婆|叔叔|阿姨|舅舅|"
    "姑姑|姨妈|伯父|侄子|侄女|外甥|男朋友|女朋友|"
    "男友|女友|未婚夫|未婚妻|前夫|前妻|家人|家属|亲戚"
)
_KIN_EN: Final = (
    "husband|wife|son|daughter|mother|father|mom|mum|dad|parents|brother|sister|child|"
    "children|kids?|baby|spouse|partner|boyfriend|girlfriend|"
    "fiancée?|grandmother|grandfather|grandma|grandpa|grandparents|uncle|aunt|cousin|"
    "nephew|niece|family|ex-husband|ex-wife|"
    "in-laws|mother-in-law|father-in-law"
)
_FIRST_PERSON: Final = {
    PRONOUN: TRAITS,
    POSSESSIVE: TRAITS | DETAILS,
}
_NO_PRONOUNS: Final = frozenset({"i", "ME", "MY"})
_SENTENCE_END: Final = re.compile("[。！？!?\n\0]|\\. ")


def cues() -> Iterator[Cue]:
    """Yield the words of the first person; a bare one waits for what is said of the writer."""
    yield words_alone("我们|咱们|本人|我自己|俺们|鄙人", "self_reference")
    yield after("我|咱|俺", f"(?:的|家)?(?:{_KIN_ZH})", "self_reference")
    yield after("my|our", f" (?:{_KIN_EN})(?![a-z])", "self_reference")
    yield words_alone("myself|ourselves", "self_reference")
    yield words_alone("我|i|me", PRONOUN)
    yield words_alone("我的|my", POSSESSIVE)


def resolve(text: str, said: list[Stretch]) -> Iterator[Stretch]:
    """Keep words of the first person only where their sentence says something of the writer."""
    yield from (stretch for stretch in said if stretch[2] not in _FIRST_PERSON)
    for word, telling in _FIRST_PERSON.items():
        pronouns = sorted({begin: end for begin, end, kind in said if kind == word}.items())
        places = sorted(begin for begin, _, kind in said if kind in telling) if pronouns else []
        for begin, end in pronouns:
            if text[begin:end] in _NO_PRONOUNS:
                continue
            following = bisect_left(places, begin)
            near = places[max(0, following - 1) : following + 1]
            if any(not _SENTENCE_END.search(text, min(begin, at), max(begin, at)) for at in near):
                yield begin, end, "self_reference"
