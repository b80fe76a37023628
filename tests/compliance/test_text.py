"""Spans in free text: what is found, where exactly, and what is left alone."""

from pathlib import Path

import pytest

from exchange.compliance.labeled_texts import checked
from exchange.compliance.measurement.sentences import make_sentences
from exchange.compliance.measurement.text import compare_file, measure_text, score_sentences
from exchange.compliance.scanner.text import KINDS, Found, TextFinder, Vocabulary
from exchange.compliance.scanner.text.finder import without_overlaps
from exchange.compliance.scanner.text.reading import read_texts

from .scanning import entities, judge, lexicon

FINDER = TextFinder(lexicon())


def spans(text: str) -> list[tuple[str, str]]:
    """Return kind and text of each span, in order."""
    return [(each.kind, text[each.begin : each.end]) for each in FINDER.find([text])[0]]


FOUND = [
    ("你好，我叫李小龙，电话是 +86 138-0013-8000", "person_name", "李小龙"),
    ("你好，我叫李小龙，电话是 +86 138-0013-8000", "cn_mobile", "+86 138-0013-8000"),
    ("手机 １３８００１３８０００ 。", "cn_mobile", "１３８００１３８０００"),
    ("手机138\u200b0013\u200b8000。", "cn_mobile", "138\u200b0013\u200b8000"),
    ("座机010-62345678", "cn_landline", "010-62345678"),
    ("证件号码11010519491231002X。", "cn_resident_id", "11010519491231002X"),
    ("社保号11010519491231002X", "social_security", "11010519491231002X"),
    ("港澳居民居住证810000199001010019", "hk_permit", "810000199001010019"),
    ("税号91110000600037341L，", "uscc", "91110000600037341L"),
    ("卡号6222021234567890128", "bank_card", "6222021234567890128"),
    ("Card 4111 1111 1111 1111 declined", "credit_card", "4111 1111 1111 1111"),
    ("IMEI: 490154203237518", "imei", "490154203237518"),
    ("车架号LSVAA418XE2100001", "vin", "LSVAA418XE2100001"),
    ("港人A123456(3)到访", "hkid", "A123456(3)"),
    ("粤B·D12345停在门口", "licence_plate", "粤B·D12345"),
    ("护照号E12345678", "passport", "E12345678"),
    ("passport no. C12345678", "us_passport", "C12345678"),
    ("士兵证号码12345678", "military_id", "12345678"),
    ("微信号：abc_12345", "wechat", "abc_12345"),
    ("IBAN GB82 WEST 1234 5698 7654 32", "iban", "GB82 WEST 1234 5698 7654 32"),
    ("SSN is 123 45 6789.", "ssn", "123 45 6789"),
    ("call +44 20 7946 0958", "foreign_phone", "+44 20 7946 0958"),
    ("来自2001:db8::1的请求", "ip_address", "2001:db8::1"),
    ("他住在中关村大街1号", "address", "中关村大街1号"),
    (
        "请寄到成都市武侯区人民南路四段27号商鼎国际2栋1单元3304",
        "address",
        "成都市武侯区人民南路四段27号商鼎国际2栋1单元3304",
    ),
    ("123 Main Street, Springfield, IL 62704", "address", "123 Main Street, Springfield, IL 62704"),
    ("她就职于招商银行深圳分行", "workplace", "招商银行深圳分行"),
    ("他毕业于清华大学计算机系", "school", "清华大学"),
    ("请联系张经理", "job_title", "张经理"),
    ("由陈建国同志负责", "person_name", "陈建国"),
    ("联系人：欧阳娜娜（出差）", "person_name", "欧阳娜娜"),
    ("Dear John Smith, please", "person_name", "John Smith"),
    ("出生于1985年6月1日", "birth_date", "1985年6月1日"),
    ("born on June 1, 1985", "birth_date", "June 1, 1985"),
    ("既往有高血压病史", "diagnosis", "高血压"),
    ("长期服用二甲双胍", "medication", "二甲双胍"),
    ("月薪15000元", "salary", "月薪15000元"),
    ("民族：回族", "ethnicity", "民族：回族"),
    ("他信仰佛教", "religion", "信仰佛教"),
    ("我女儿今年8岁", "self_reference", "我女儿"),
]


@pytest.mark.parametrize(("text", "kind", "value"), FOUND)
def test_found_to_the_character(text: str, kind: str, value: str) -> None:
    assert (kind, value) in spans(text)


@pytest.mark.parametrize(
    "text",
    [
        "今天天气真不错，适合出去散步",
        "高度重视安全工作，方便群众办事，任何部门不得推诿",
        "客户满意度调查显示，用户信息安全意识提高",
        "会议在北京市举行，讨论了上海市的经济发展",
        "从北京路出发到南京路步行街",
        "订单号123456789012345678，批号6222021234567890128",
        "身份证号110101199003071235",
        "书号978-7-346-58764-5，定价53520.62元",
        "客服热线400-820-8820，工作日9:00-18:00",
        "version 1.2.3.4 released, build 353456789012345",
        "SSN 666-45-6789 and 987-65-4321",
        "微信号abcde，号码是12345678",
        "本批次产品检验合格，有效期36个月，执行标准GB/T 43697-2024",
        "李某某与王某签订合同",
    ],
)
def test_left_alone(text: str) -> None:
    assert [kind for kind, _ in spans(text) if kind != "job_title"] == []


def test_offsets_are_those_of_the_text_as_given() -> None:
    before = "\u200bＡ\U0001f600①\u2063"
    text = f"{before}电话１３８-００１３-８０００，姓名：马超。"

    found = FINDER.find(["", text, "无", text])

    assert [len(each) for each in found] == [0, 2, 0, 2]
    assert [text[each.begin : each.end] for each in found[1]] == [
        "１３８-００１３-８０００",
        "马超",
    ]
    assert found[1] == found[3]


def test_what_cannot_be_encoded_does_not_move_anything() -> None:
    text = "\ud800\x00电话13800138000"

    assert spans(text) == [("cn_mobile", "13800138000")]


def test_no_span_crosses_into_the_next_text() -> None:
    texts = ["我的电话是138", "00138000，姓名：", "马超"]

    assert FINDER.find(texts) == [[], [], []]


def test_many_texts_at_once_are_read_as_each_alone() -> None:
    texts = [each.text for each in make_sentences(per_sentence=1)]

    assert FINDER.find(texts) == [FINDER.find([text])[0] for text in texts]


def test_higher_rank_wins_then_length() -> None:
    stretches = [(0, 4, "person_name"), (2, 8, "address"), (2, 6, "address"), (8, 9, "age")]

    assert without_overlaps(stretches) == [(2, 8, "address"), (8, 9, "age")]


def test_reading_leads_back_to_each_text() -> None:
    reading = read_texts(["a\u200bb", "ｃ"])

    assert reading.text == "ab\0c"
    assert reading.place(1, 2) == (0, 2, 3)
    assert reading.place(3, 4) == (1, 0, 1)


def test_vocabulary_speaks_the_words_of_the_file() -> None:
    found = [Found(0, 2, "cn_mobile"), Found(3, 5, "wechat"), Found(6, 8, "organization")]

    assert Vocabulary().say(found)[1] == (3, 5, "wechat")
    assert Vocabulary.of(["phone", "social_account"]).say(found) == [
        (0, 2, "phone"),
        (3, 5, "social_account"),
    ]
    assert Vocabulary.of(["zodiac"]).unknown() == {"zodiac"}
    assert Vocabulary.is_checked("phone")
    assert not Vocabulary.is_checked("person")


def test_every_kind_has_a_name_of_its_own() -> None:
    first = [kind.names[0] for kind in KINDS.values()]

    assert len(first) == len(set(first))


def test_own_sentences_of_a_seed_never_tried() -> None:
    scores = score_sentences(FINDER, make_sentences(seed=987))

    assert checked(scores).f1 >= 0.98
    assert scores.all().f1 >= 0.95


@pytest.mark.parametrize("name", ["argus_fixtures_part.jsonl", "generated_zh_spans.jsonl"])
def test_labeled_files(shared_data: Path, name: str) -> None:
    comparison = compare_file(FINDER, shared_data / "pii-text" / name)

    assert checked(comparison.declared).f1 >= 0.95
    assert comparison.declared.all().f1 >= 0.85
    assert comparison.strict.all().f1 >= 0.85


def test_figures_name_their_data() -> None:
    figures = measure_text()

    own = {each.name: each for each in figures if each.dataset.startswith("invented sentences")}
    assert float(own["text.f1.all"].value) >= 0.95
    assert float(own["text.f1.checked"].value) >= 0.98
    assert len({(each.name, each.dataset) for each in figures}) == len(figures)


def prose(*, named: bool) -> list[str]:
    """Return service tickets that name their customer, or only number them."""
    who = ["张伟", "王秀英", "李建国", "赵敏", "陈海燕"]
    return [
        f"客户{who[row % 5] if named else row}来电反映宽带故障，已于当日派单处理，"
        f"回访满意，工单第{row}号"
        for row in range(80)
    ]


def test_a_column_of_texts_that_name_persons_is_personal() -> None:
    named, numbered = prose(named=True), prose(named=False)

    assert entities({"备注": named}) == {"备注": {"person_in_text"}}
    assert judge({"备注": named}).personal == "PERSONAL"
    assert entities({"备注": numbered}) == {}
    assert entities({"备注": [*named[:12], *numbered[12:]]}) == {}
    assert entities({"备注": [text * 4 for text in named]}) == {"备注": {"person_in_text"}}
