"""What usually helps with each kind of content, why, and on what basis. Data, in both languages.

An action is a word of the menu a provider chooses from (`menu.py`). `strict` leaves nothing that
leads to a person; `keyed` is for tables that keep one keyed pseudonym of each person, beside which
sensitive information may not stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Words = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What to do with a column that holds one kind of content."""

    strict: str
    keyed: str
    options: tuple[str, ...]
    reason: Words
    basis: Words
    quasi: bool = False


_PIPL_4: Final = {
    "en": "Personal Information Protection Law arts. 4, 23, 73; GB/T 37964-2019",
    "zh": "《个人信息保护法》第四条、第二十三条、第七十三条；GB/T 37964-2019",
}
_PIPL_28: Final = {
    "en": "Personal Information Protection Law arts. 28–31",
    "zh": "《个人信息保护法》第二十八条至第三十一条",
}
_PIPL_51: Final = {
    "en": "Personal Information Protection Law art. 51 (3); GB/T 43697-2024 Annex H.4",
    "zh": "《个人信息保护法》第五十一条（三）；GB/T 43697-2024 附录H.4",
}
_GEO: Final = {
    "en": "Surveying and Mapping Law art. 37; Regulations on Surveying Results arts. 22–25",
    "zh": "《测绘法》第三十七条；《测绘成果管理条例》第二十二条至第二十五条",
}
_IMPORTANT: Final = {
    "en": "Network Data Security Regulations arts. 29–33; GB/T 43697-2024 Annexes G, I",
    "zh": "《网络数据安全管理条例》第二十九条至第三十三条；GB/T 43697-2024 附录G、附录I",
}
_SECURITY: Final = {
    "en": "Cybersecurity Law art. 21; Data Security Law art. 27",
    "zh": "《网络安全法》第二十一条；《数据安全法》第二十七条",
}
_HGR: Final = {
    "en": "Regulations on Human Genetic Resources art. 10",
    "zh": "《人类遗传资源管理条例》第十条",
}

NUMBER_OF_PERSON: Final = Advice(
    strict="drop",
    keyed="pseudonym",
    options=("drop", "pseudonym", "mask", "keep"),
    reason={
        "en": "The number names one person. Without it nobody is identified; a keyed pseudonym "
        "keeps rows of one person together and remains de-identified personal information.",
        "zh": "该号码直接对应到个人。删除后不再直接识别个人；"
        "加密假名可保留同一人的关联，但仍属去标识化个人信息。",
    },
    basis=_PIPL_4,
)
PERSON_KEY: Final = Advice(
    strict="drop",
    keyed="pseudonym",
    options=("drop", "pseudonym", "keep"),
    reason={
        "en": "The key stands for one person in this and in other tables. Under a key of this "
        "product alone it can no longer be joined with others.",
        "zh": "该代号在本表及其他数据中对应同一个人。"
        "改用本产品专用密钥生成的假名后，不能再与他处数据关联。",
    },
    basis=_PIPL_51,
)
CONTACT: Final = Advice(
    strict="drop",
    keyed="drop",
    options=("drop", "mask", "pseudonym", "keep"),
    reason={
        "en": "The person can be reached with it; analysis hardly ever needs it.",
        "zh": "凭此可直接联系到本人，分析用途一般并不需要。",
    },
    basis=_PIPL_4,
)
NAME: Final = Advice(
    strict="drop",
    keyed="drop",
    options=("drop", "mask:1", "pseudonym", "keep"),
    reason={
        "en": "A name identifies, and a pseudonym of a name mixes up those who share it.",
        "zh": "姓名可识别个人；对姓名做假名会混淆同名者，故建议删除。",
    },
    basis=_PIPL_4,
)
BIOMETRIC: Final = Advice(
    strict="drop",
    keyed="drop",
    options=("drop", "keep"),
    reason={
        "en": "Templates of faces, voices or fingers cannot be changed and may not be traded.",
        "zh": "人脸、声纹、指纹等特征不可更换，不得交易。",
    },
    basis={
        "en": "Personal Information Protection Law art. 28; Shanghai Data Regulations arts. 22–23",
        "zh": "《个人信息保护法》第二十八条；《上海市数据条例》第二十二条、第二十三条",
    },
)
BIRTH: Final = Advice(
    strict="age_band:10",
    keyed="age_band:10",
    options=("age_band:10", "age_band:5", "period:YEAR", "period:DECADE", "drop", "keep"),
    reason={
        "en": "A birth date with sex and place singles out most people; a band of ages does not.",
        "zh": "出生日期与性别、地区结合足以识别多数人；年龄段则不能。",
    },
    basis=_PIPL_4,
    quasi=True,
)
MINOR: Final = Advice(
    strict="drop",
    keyed="drop",
    options=("drop", "age_band:10", "keep"),
    reason={
        "en": "It shows who is under fourteen; all information about them is sensitive.",
        "zh": "可看出谁不满十四周岁；其个人信息一律属于敏感个人信息。",
    },
    basis={
        "en": "Personal Information Protection Law arts. 28, 31",
        "zh": "《个人信息保护法》第二十八条、第三十一条",
    },
)
AGE: Final = Advice(
    strict="band:10",
    keyed="band:10",
    options=("band:10", "band:5", "drop", "keep"),
    reason={
        "en": "Exact ages help to single persons out; bands of ten years hardly do.",
        "zh": "精确年龄有助于识别个人；十岁一段则影响较小。",
    },
    basis=_PIPL_4,
    quasi=True,
)
PLACE: Final = Advice(
    strict="region:CITY",
    keyed="region:CITY",
    options=("region:CITY", "region:PROVINCE", "drop", "keep"),
    reason={
        "en": "An address leads to a door. City or province keep the geography.",
        "zh": "详细住址可定位到户；保留到市或省即可满足区域分析。",
    },
    basis=_PIPL_4,
    quasi=True,
)
POSTCODE: Final = Advice(
    strict="mask:2",
    keyed="mask:2",
    options=("mask:2", "mask:4", "drop", "keep"),
    reason={
        "en": "The first two digits tell the province; all six tell a few streets.",
        "zh": "邮政编码前两位表示省份，六位则可到投递局。",
    },
    basis=_PIPL_4,
    quasi=True,
)
QUASI: Final = Advice(
    strict="keep",
    keyed="keep",
    options=("keep", "drop"),
    reason={
        "en": "It identifies nobody alone, only together with others: rare combinations are left "
        "out.",
        "zh": "单独不能识别个人，但与其他字段组合可能识别：罕见组合将被剔除。",
    },
    basis=_PIPL_4,
    quasi=True,
)
SENSITIVE: Final = Advice(
    strict="keep",
    keyed="drop",
    options=("drop", "keep"),
    reason={
        "en": "Sensitive where it is about a person. It may stay once nothing leads to one, and "
        "not beside a pseudonym.",
        "zh": "与个人关联时属敏感个人信息。去除一切可关联个人的字段后方可保留，不得与假名并存。",
    },
    basis=_PIPL_28,
)
TEXT: Final = Advice(
    strict="redact",
    keyed="drop",
    options=("redact", "drop", "keep"),
    reason={
        "en": "Free text names persons in passing. Numbers and addresses are taken out of it; "
        "what is told in words may remain, so look at the preview.",
        "zh": "自由文本中会夹带个人信息。号码与地址将被替换，文字叙述可能残留，请查看预览。",
    },
    basis=_PIPL_28,
)
MOMENT: Final = Advice(
    strict="period:MONTH",
    keyed="period:MONTH",
    options=("period:MONTH", "period:QUARTER", "period:YEAR", "drop", "keep"),
    reason={
        "en": "Exact times together with places make a track of a person.",
        "zh": "精确时间与位置结合即构成个人行踪轨迹。",
    },
    basis=_PIPL_28,
)
COORDINATE: Final = Advice(
    strict="grid:1000",
    keyed="grid:5000",
    options=("grid:1000", "grid:100", "grid:5000", "drop", "keep"),
    reason={
        "en": "Exact coordinates lead to a house. The middle of a cell tells the area only.",
        "zh": "精确坐标可定位到户；网格中心点只反映所在区域。",
    },
    basis=_PIPL_28,
)
SURVEY: Final = Advice(
    strict="grid:1000",
    keyed="grid:1000",
    options=("grid:1000", "grid:5000", "drop", "keep"),
    reason={
        "en": "Coordinates of surveying grade are controlled; a grid no longer shows them.",
        "zh": "测量级坐标属受控地理信息；网格化后不再反映。",
    },
    basis=_GEO,
)
CONTROLLED: Final = Advice(
    strict="drop",
    keyed="drop",
    options=("drop", "keep"),
    reason={
        "en": "It makes the table important data. Without it the rest is graded anew.",
        "zh": "该内容使本数据构成重要数据。删除后其余部分将重新定级。",
    },
    basis=_IMPORTANT,
)
SECRET: Final = Advice(
    strict="drop",
    keyed="drop",
    options=("drop", "keep"),
    reason={
        "en": "Keys and passwords open systems. Change them; they have already left the house.",
        "zh": "密钥与口令可打开系统。请立即更换，并从数据中删除。",
    },
    basis=_SECURITY,
)
GENE: Final = Advice(
    strict="drop",
    keyed="drop",
    options=("drop", "keep"),
    reason={
        "en": "Individual genetic information may not be sold; statistics may be offered.",
        "zh": "个体遗传资源信息不得买卖；可提供汇总统计。",
    },
    basis=_HGR,
)
HARMLESS: Final = Advice(
    strict="keep",
    keyed="keep",
    options=("keep", "drop"),
    reason={
        "en": "Not about a person; nothing has to be done.",
        "zh": "不涉及个人，无须处理。",
    },
    basis={"en": "", "zh": ""},
)

KINDS: Final[Mapping[str, Advice]] = {
    **dict.fromkeys(
        ("cn_mobile", "phone_number", "email", "social_account", "licence_plate"), CONTACT
    ),
    **dict.fromkeys(("person_name", "person_name_part", "person_name_plain", "guardian"), NAME),
    **dict.fromkeys(("face_embedding", "photo_reference"), BIOMETRIC),
    **dict.fromkeys(("age_minor", "minor_birth", "primary_school"), MINOR),
    **dict.fromkeys(("address", "address_unnamed"), PLACE),
    **dict.fromkeys(("gender", "ethnicity", "school", "salary"), QUASI),
    **dict.fromkeys(("medical_text", "communication"), TEXT),
    **dict.fromkeys(("latitude", "longitude", "point"), COORDINATE),
    **dict.fromkeys(("survey_latitude", "survey_longitude"), SURVEY),
    **dict.fromkeys(("credential", "secret_key"), SECRET),
    **dict.fromkeys(
        ("variant_id", "genotype", "genomic_coordinate", "dna_sequence", "biosample_id"), GENE
    ),
    "birth_date": BIRTH,
    "age": AGE,
    "postcode": POSTCODE,
    "timestamp": MOMENT,
}
"""Advice for kinds that need their own; all others go by what the rule pack says of them."""
LATITUDES: Final = ("latitude", "survey_latitude")
LONGITUDES: Final = ("longitude", "survey_longitude")
BEST_KEYS: Final = (
    "cn_resident_id", "cn_resident_id_15", "hk_permit", "mo_permit", "tw_permit",
    "cn_foreign_resident_id", "passport", "hkid", "tw_id", "us_ssn", "patient_key",
    "medical_record_no", "pseudonymous_id", "employee_no", "student_no", "hashed_identifier",
    "bank_card", "cn_mobile", "email", "device_id", "imei", "vin", "licence_plate",
)  # fmt: skip
"""Which column tells persons apart best, where there are several."""


def advice_for(code: str, entry: Mapping[str, Any], *, controlled: bool) -> Advice:
    """Return what to do about one kind of content, as the rule pack describes it.

    `controlled` says that a rule of grade, not of persons, fired because of it.
    """
    if code in KINDS:
        return KINDS[code]
    nature = entry.get("nature", "TRAIT")
    if nature == "DIRECT":
        return NUMBER_OF_PERSON
    if nature == "PSEUDONYM":
        return PERSON_KEY
    if entry.get("sensitive"):
        return SENSITIVE
    if nature == "TRAIT":
        return QUASI
    return CONTROLLED if controlled else HARMLESS
