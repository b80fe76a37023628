"""Every identifier with its test vector, and the same with one thing wrong."""

import pytest

from exchange.compliance.measurement.corpus import make_corpus
from exchange.compliance.measurement.scanner import find_cells

from .scanning import entities, find, lexicon


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("cn_resident_id", "11010519491231002X"),
        ("cn_resident_id", "11010519491231002x"),
        ("hk_permit", "810000199001010019"),
        ("mo_permit", "820000199001010010"),
        ("tw_permit", "830000199001010012"),
        ("cn_foreign_resident_id", "931156200010100017"),
        ("uscc", "91110000600037341L"),
        ("cn_mobile", "13800138000"),
        ("cn_mobile", "17400138000"),
        ("cn_mobile", "19800138000"),
        ("bank_card", "6222021234567894"),
        ("bank_card", "4111111111111111"),
        ("hkid", "A123456(3)"),
        ("hkid", "G123456(A)"),
        ("hkid", "AB987654(3)"),
        ("tw_id", "A123456789"),
        ("vin", "1M8GDM9AXKP042788"),
        ("vin", "LSVAA418XE2100001"),
        ("imei", "355154203237512"),
        ("licence_plate", "京A12345"),
        ("licence_plate", "粤B·D12345"),
        ("licence_plate", "沪A1234挂"),
        ("email", "zhang.san@example.com.cn"),
        ("ipv4", "202.96.209.5"),
        ("ipv4_private", "192.168.1.20"),
        ("mac_address", "00:1A:2B:3C:4D:5E"),
        ("us_ssn", "911-12-3196"),
        ("variant_id", "rs429358"),
        ("dna_sequence", "GATTACAGATTACAGATTACAGATTACA"),
        ("secret_key", "AKIAIOSFODNN7EXAMPLE"),
        ("secret_key", "ghu_16C7e42F292c6912E7710c838347Ae178B4a"),
    ],
)
def test_is_found_alone_and_in_a_sentence(kind: str, value: str) -> None:
    assert find(value)[kind] == [value]
    assert find(f"备注：{value}，已核对。")[kind] == [value]
    assert find(f"Ref {value}, checked.")[kind] == [value]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("cn_resident_id", "110105194912310021"),
        ("cn_resident_id", "11010519490231002X"),
        ("cn_resident_id", "99010519491231002X"),
        ("cn_resident_id", "1101051949123100"),
        ("uscc", "91110000600037341M"),
        ("uscc", "91110000600037341I"),
        ("cn_mobile", "15412345678"),
        ("cn_mobile", "138001380001"),
        ("cn_mobile", "17406138000"),
        ("bank_card", "6222021234567895"),
        ("bank_card", "7222021234567894"),
        ("hkid", "A123456(4)"),
        ("tw_id", "A123456788"),
        ("tw_id", "A323456789"),
        ("vin", "1M8GDM9AXKP042789"),
        ("vin", "1M8GDM9AIKP042788"),
        ("imei", "355154203237514"),
        ("licence_plate", "京I12345"),
        ("licence_plate", "京A123"),
        ("email", "someone@localhost"),
        ("email_office", "someone@example.org"),
        ("ipv4", "1.2.3"),
        ("ipv4", "300.1.1.1"),
        ("ipv4", "1.2.3.4.5"),
        ("mac_address", "00:1A:2B:3C:4D"),
        ("us_ssn", "000-12-3196"),
        ("us_ssn", "2021-12-31"),
        ("variant_id", "cars2023"),
        ("dna_sequence", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("dna_sequence", "GATTACAGATTACAGATTA"),
        ("secret_key", "AKIA and more"),
    ],
)
def test_is_not_found_when_one_thing_is_wrong(kind: str, value: str) -> None:
    assert kind not in find(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("cn_resident_id", "G11010519491231002X"),
        ("cn_resident_id", "202411010519491231002X"),
        ("cn_resident_id", "110105 19491231 002X"),
        ("cn_resident_id", "110105-19491231-002X"),
        ("cn_resident_id", "１１０１０５１９４９１２３１００２Ｘ"),
        ("cn_resident_id", "1101051949\u200b1231002X"),
        ("cn_resident_id", "11010519491231002X；44030519790206260９"),
        ("cn_resident_id", '{"id": "11010519491231002X"}'),
        ("cn_resident_id", "1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X"),
        ("cn_mobile", "+8613800138000"),
        ("cn_mobile", "+86 138 0013 8000"),
        ("cn_mobile", "008613800138000"),
        ("cn_mobile", "013800138000"),
        ("cn_mobile", "138-0013-8000"),
        ("cn_mobile", "１３８００１３８０００"),
        ("cn_mobile", "١٣٨٠٠١٣٨٠٠٠"),
        ("cn_mobile", "138\u00a00013\u00a08000"),
        ("cn_mobile", "1 3 8 0 0 1 3 8 0 0 0"),
        ("cn_mobile", "wx13800138000"),
        ("cn_mobile", "138 0013 8000 139 0013 9000"),
        ("bank_card", "6222 0212 3456 7894"),
        ("bank_card", "6222-0212-3456-7894"),
        ("bank_card", "６２２２０２１２３４５６７８９４"),
        ("email", "ZHANG@EXAMPLE.COM"),
        ("email", "发到zhang@test.com查收"),
        ("licence_plate", "车辆豫HD12345于今日驶入"),
    ],
)
def test_is_found_however_it_is_written(kind: str, text: str) -> None:
    assert find(text)[kind]


@pytest.mark.parametrize(
    "text",
    [
        "2023-01-05 12:30:00",
        "19900101-19901231",
        "1700000000000",
        "978-7-113-88785-3",
        "5.827000141143799",
        "-12345678901.25",
        "31.478132415 121.265225788",
        "1-800-555-1234",
        "订单DD20247729350203070001",
        "（2021）京0105民初12345号",
        "公民身份证号码、手机号码和银行账户受法律保护",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "第13800条 138001 380001",
        "460105 19961217 993",
    ],
)
def test_harmless_numbers_and_words_are_nothing(text: str) -> None:
    found = find(text)

    assert not found.keys() & {
        "cn_resident_id", "cn_mobile", "bank_card", "imei", "uscc", "email", "licence_plate",
        "us_ssn", "hkid", "tw_id", "secret_key",
    }  # fmt: skip


def test_an_office_address_is_not_a_persons() -> None:
    found = find("info@example.org")

    assert "email" not in found
    assert found["email_office"] == ["info@example.org"]


def test_labeled_corpus_is_read_without_a_miss_or_a_false_alarm() -> None:
    cases = make_corpus(seed=77, per_kind=60)

    found = find_cells(cases, lexicon())

    for kind, cells in found.items():
        assert cells == {i for i, case in enumerate(cases) if case.kind == kind}, kind


def test_a_door_may_have_a_letter() -> None:
    homes = [f"江苏省南京市玄武区中山路{letter}座" for letter in "ABCDEFGH"] * 3

    assert entities({"家庭住址": homes}) == {"家庭住址": {"address"}}
    assert entities({"家庭住址": ["江苏省南京市玄武区中山路"] * 24}) == {}
