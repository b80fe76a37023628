"""Numbers in running text that only a word beside them explains."""

from collections.abc import Iterator
from typing import Final

from .triggers import Cue, after, before

_LINK: Final = r"(?:号码|号|证号|编号|ID)?[:：\s是为]{0,4}"


def cues() -> Iterator[Cue]:
    """Yield the words that explain numbers with neither check digit nor plan."""
    yield before("护照", r"((?<![A-Za-z0-9])(?:[EGDSP]\d{8}|E[A-HJ-NP-Z]\d{7}))号?", "passport")
    yield after(
        "护照",
        (
            rf"{_LINK}((?:[EGDSP]\d{{8}}|E[A-HJ-NP-Z]\d{{7}}|[DSP]E\d{{7}}|[HK]J?\d{{8}}|"
            rf"MA\d{{7}}))(?![A-Za-z0-9])"
        ),
        "passport",
    )
    yield after(
        "回乡证|来往内地通行证|台胞证|往来港澳通行证|港澳通行证|台湾通行证|通行证",
        rf"{_LINK}([HM]\d{{8}}(?:\d{{2}})?|[CTWL][A-HJ-NP-Z0-9]\d{{7}}|\d{{8}}|"
        rf"\d{{10}})(?![A-Za-z0-9])",
        "travel_permit",
    )
    yield after(
        "passport",
        r"(?: number| no\.?| #)?(?: is)?[:#\s]{0,3}([A-Z]\d{8}|\d{9})(?![A-Za-z0-9])",
        "us_passport",
    )
    yield after(
        "军官证|士兵证|军人证|警官证|文职干部证|士官证|学员证|军人保障卡|退伍证|军残证|武警证",
        rf"{_LINK}(?:[㐀-鿿]{{1,3}}字第?|第)?(\d{{6,10}})(?!\d)",
        "military_id",
    )
    yield after(
        "社保号|社保卡号|社保卡|社会保障号|社会保障卡号|社会保障号码|医保号|医保卡号|"
        "社保账号|社会保险号",
        rf"{_LINK}(\d{{17}}[\dXx]|\d{{8,12}})(?![A-Za-z0-9])",
        "social_security_no",
    )
    yield after("qq", r"(?:号码|号|账号|群)?[:：\s是为]{0,3}([1-9]\d{4,10})(?![A-Za-z0-9])", "qq")
    yield after(
        "微信|微信号|wechat|weixin|wx|vx|v信|wxid",
        (
            r"(?:号|账号|帐号|联系|联系方式|ID[:： ]| id[:： "
            r"])?[:：\s是为]{0,3}([A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-"
            r"z0-9_@-])"
        ),
        "wechat",
    )
    yield after(
        "微博|抖音|抖音号|快手号|小红书号|支付宝账号|支付宝|陌陌号|telegram|whatsapp|"
        "twitter|instagram|skype|line id",
        r"(?:号|账号|帐号|ID|昵称)?[:：\s@是为]{1,3}([A-Za-z][A-Za-z0-9_.-]{4,24})(?![A-"
        r"Za-z0-9_@])",
        "social_account",
    )
    yield after(
        "ssn|social security|social security number",
        r"(?: number| no\.?| #)?(?: is)?[:#\s]{0,3}(\d{3}[- ]\d{2}[- ]\d{4}|\d{9})(?!\d)",
        "_ssn",
    )
    yield after(
        "aadhaar|aadhar|uid",
        r"(?: number| no\.?)?(?: is)?[:#\s]{0,3}([2-9]\d{3}[ -]?\d{4}[ -]?\d{4})(?!\d)",
        "_aadhaar",
    )
    yield after("cpf", r"[:\s]{0,3}(\d{11})(?!\d)", "_cpf")
    yield after("cnpj", r"[:\s]{0,3}(\d{14})(?!\d)", "_cnpj")
    yield after(
        "pan",
        (
            r"(?: card)?(?: number| no\.?)?(?: is)?[:\s]{0,3}((?-i:[A-Z]{5}\d{4}[A-Z]))(?![A"
            r"-Za-z0-9])"
        ),
        "pan",
    )
    yield after(
        "マイナンバー|個人番号|my number",
        r"[:：\sはが]{0,3}(\d{4}[ -]?\d{4}[ -]?\d{4})(?!\d)",
        "_my_number",
    )
    yield after(
        (
            "steuer-id|steuer-idnr|steueridentifikationsnummer|"
            "steuer-identifikationsnummer|idnr|tax id"
        ),
        r"[:.\s]{0,3}(\d{2} ?\d{3} ?\d{3} ?\d{3})(?!\d)",
        "_tax_id",
    )
    yield after(
        "nhs",
        r"(?: number| no\.?)?(?: is)?[:\s]{0,3}(\d{3}[ -]?\d{3}[ -]?\d{4})(?!\d)",
        "_nhs_number",
    )
    yield after("imei|设备号|串号", rf"{_LINK}(\d{{15}})(?!\d)", "imei")
    yield after(
        "tel|telefon|handy|mobil|phone|fon|telephone|call|fax",
        (
            r"(?:\.|nummer| number)?[:\s]{0,3}(?:me |at |is )?(0\d{2,4}[ /-]\d{3,4}[ "
            r"-]?\d{3,5})(?!\d)"
        ),
        "_german_phone",
    )
    yield after(
        "phone|phone number|telephone|cell|cell phone|mobile|call|call me at|tel",
        r"(?: number| no\.?)?(?: is)?[:\s]{1,3}([2-9]\d\d[- ]\d{4}|[2-9]\d{9})(?![\d-])",
        "foreign_phone",
    )
    yield after(
        "军字第|海字第|空字第|政字第|后字第|装字第|武字第|参字第",
        r"(\d{6,10})号?(?!\d)",
        "military_id",
    )
    yield after(
        "邮编|邮政编码|zip code|zip",
        r"[:：\s是为]{0,3}(\d{6}|\d{5}(?:-\d{4})?)(?!\d)",
        "cn_postcode",
    )
