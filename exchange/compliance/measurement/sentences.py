"""Labeled sentences: invented persons as letters, tickets and files speak of them, and look-alikes.

Sentences are written down with the kind of what stands in each gap; a gap in capitals is filled
with something that is of no kind. Offsets follow from the filling, so that no label can be wrong.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from . import values

SEED: Final = 20261103
PER_SENTENCE: Final = 12
_GAP: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Sentence:
    """A text and what stands in it: begin, end and kind of each span."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


SENTENCES: Final = (
    "您好，我是{person_name}，身份证{cn_resident_id}，请帮我把预留手机改成{cn_mobile}。",
    "收件人{person_name}，{cn_mobile}，{address}，请放门卫。",
    "工单ORDER：用户{person_name}反映宽带故障，上门地址{address}，联系电话{cn_mobile}。",
    "兹证明{person_name}（身份证号码：{cn_resident_id}）自DAY起在我处工作，月薪核定后另行通知。",
    "退款AMOUNT元已原路退回尾号对应的银行卡{bank_card}，持卡人{person_name}。",
    "代扣账户：{bank_card}；开户名：{person_name}；预留手机：{cn_mobile}",
    "患者{person_name}，{age}，因{diagnosis}于DAY入院，家属联系方式{cn_mobile}。",
    "既往史：患者诊断为{diagnosis}三年，长期服用{medication}，主治医生{person_name}。",
    "{person_name}先生于DAY驾驶{licence_plate}在停车场剐蹭，已交警备案。",
    "车牌{licence_plate}的车主{person_name}请速挪车，电话{cn_mobile}。",
    "{person_name}女士，出生日期{birth_date}，现住{address}。",
    "邮件请发{email}，抄送{person_name}，微信号{wechat}也可以找到值班同事，编号BATCH。",
    "加我QQ{qq}或者微信：{wechat}，备注{person_name}介绍。",
    "甲方：{organization}，统一社会信用代码{uscc}，法定代表人：{person_name}。",
    "投保人{person_name}持护照{passport}办理，保单寄往{address}。",
    "学员{person_name}，{gender}，{age}，紧急联系人{person_name}，{cn_mobile}。",
    "香港身份证{hkid}的旅客{person_name}已登机，座位BATCH。",
    "设备IMEI：{imei}，登录IP {ip_address}，网卡{mac_address}，归属用户{person_name}。",
    "借款人{person_name}向{organization}申请贷款，{salary}，征信查询授权已签。",
    "座机{cn_landline}无人接听，改打{cn_mobile}联系上了客户{person_name}。",
    "会议纪要：出席人员：{person_name}、{person_name}、{person_name}，记录人{person_name}。",
    "{person_name}的手机号是{cn_mobile}，{person_name}的邮箱是{email}。",
    "Customer {english_name} called from {us_phone} about invoice BATCH.",
    "Please ship to {english_name}, {english_address}; e-mail {email}.",
    "Patient {english_name}, born {english_birth}, diagnosed with {english_illness}.",
    "SSN {ssn} belongs to {english_name}; card {bank_card} was charged AMOUNT dollars.",
    "Wire to IBAN {iban}, beneficiary {english_name}.",
    "Contact Mr. {english_surname} at {email} or in China at +86{bare_mobile}.",
    "本公司与ORGANISATIONS均为行业协会会员，成立于DAY，注册资本AMOUNT万元。",
    "订单BATCH已于DAY发货，运单号ORDER，金额AMOUNT元，客服热线95588。",
    "书号ISBN，定价AMOUNT元，DAY第一版，印数5000册。",
    "版本号 2.14.3.7 修复若干问题，构建号BATCH，发布日期DAY。",
    "任何单位和个人不得非法收集、使用、加工、传输他人的姓名、身份证号码、手机号码和住址。",
    "高度重视安全生产工作，任何部门不得推诿；方便群众办事，温度适宜，成功举办活动。",
    "全市规模以上工业企业实现利润AMOUNT亿元，同比增长百分之五，单位能耗下降。",
    "本批次产品批号BATCH，检验合格，出厂日期DAY，保质期36个月。",
    "The meeting on DAY discussed the budget of AMOUNT and version BATCH of the plan.",
    "气温25.6度，东经DECIMAL，北纬DECIMAL，风速AMOUNT，记录编号BATCH。",
    "尊敬的{person_name}：您尾号的储蓄卡{bank_card}于DAY支出AMOUNT元，如有疑问请致电95588。",
    "受理编号ORDER，申请人{person_name}，证件号{cn_resident_id}，住所{address}。",
    "快递员反映{address}无人签收，收件人{person_name}电话{cn_mobile}关机。",
    "经查，{person_name}（{cn_resident_id}）名下有车辆一台，号牌{licence_plate}，车架号{vin}。",
    "门诊记录：{person_name}，{gender}，{age}，诊断：{diagnosis}，予{medication}口服。",
    "请财务把报销款打到{bank_card}（{person_name}），发票抬头{organization}。",
    "@所有人 新同事{person_name}今天报到，手机{cn_mobile}，邮箱{email}，欢迎。",
    "业主群通知：3栋{person_name}家漏水，物业请联系{cn_mobile}。",
    "保单受益人为{person_name}，与被保险人关系：配偶，联系地址：{address}。",
    "面试安排：{person_name} DAY 10:00，{cn_mobile}；微信{wechat}。",
    "法院认为，被告{person_name}未按约还款，应向原告{organization}支付AMOUNT元。",
    "家长{person_name}来校为孩子办理转学，孩子{birth_date}出生，户籍地{address}。",
    "客服记录 用户ID B12345 绑定手机{cn_mobile} 注册邮箱{email} 最近登录{ip_address}",
    "旅客{person_name}持{passport}号护照入境，入住登记电话{cn_mobile}。",
    "{organization}（统一社会信用代码：{uscc}）联系人{person_name}，座机{cn_landline}。",
    "加班申请已由{person_name}经理批准，抄送人事{person_name}。",
    "有问题可以微信联系：{wechat}，或QQ：{qq}。",
    "{my_name} name is {english_name} and {my} number is {us_phone}.",
    "Dear {english_name}, your card {bank_card} expires soon.",
    "Employee {english_name} (SSN {ssn}) lives at {english_address}.",
    "The claimant, {english_name}, was born on {english_birth} and suffers from {english_illness}.",
    "Device {mac_address} at {ip_address} last used by {email}.",
    "经检测，样品BATCH符合GB 2762要求，检测日期DAY，报告编号ORDER。",
    "截至DAY，全省高速公路通车里程AMOUNT公里，同比增长；江河水位平稳。",
    "单位：万元；范围：规模以上工业；方法：抽样调查；时间：DAY。",
    "Total revenue was AMOUNT million in the quarter ended DAY, ISBN of the report ISBN.",
)
"""Sentences with gaps; those at the end hold nothing that anybody could be known by."""

UNTRIED: Final = (
    "回访记录：{person_name}表示满意，回拨号码{cn_mobile}，下次联系DAY。",
    "抵押人{person_name}以坐落于{address}的房产作抵押，借款打入{bank_card}。",
    "车辆违章告知：{licence_plate}，驾驶人{person_name}，证号{cn_resident_id}。",
    "住院号BATCH，{person_name}，{age}，入院诊断：{diagnosis}，主治医师{person_name}。",
    "出票方{organization}，税号{uscc}，开票人{person_name}，电话{cn_landline}。",
    "外卖订单ORDER：{person_name}（{gender}），{cn_mobile}，送到{address}。",
    "学生{person_name}，出生年月{birth_date}，监护人{person_name}，住{address}。",
    "我公司员工{person_name}因病请假，{diagnosis}，附医院证明。",
    "会员卡绑定邮箱{email}，绑定手机{cn_mobile}，微信{wechat}，QQ号{qq}。",
    "涉案账户{bank_card}户名{person_name}，开户行在{organization}附近。",
    "护照{passport}，姓名{person_name}，航班BATCH，DAY起飞。",
    "港籍员工{person_name}，身份证号{hkid}，{salary}。",
    "终端{imei}、{mac_address}于DAY由{ip_address}接入。",
    "Please call {english_name} on {us_phone} or write to {email}.",
    "{english_name} of {english_address} paid with card {bank_card}.",
    "Beneficiary {english_name}, IBAN {iban}, SSN {ssn}.",
    (
        "History: {english_illness}? No. Diagnosed with {english_illness}, "
        "seen by Dr. {english_surname}."
    ),
    "同比增长AMOUNT%，环比下降；数据来源：统计部门，更新日期DAY。",
    "批次BATCH抽检合格，库存AMOUNT吨，仓位B区，物流单ORDER。",
    "依据有关规定，单位和个人应当配合调查，不得拒绝、阻挠。",
)
"""Sentences that the finder was never adjusted to; if it ever is, they move to the others."""

_AREAS: Final = ("010", "021", "028")
_ROADS: Final = ("解放", "人民", "建设", "长江", "文化", "新华", "科苑", "滨河", "凤凰", "学府")
_CITIES: Final = (
    "广东省深圳市南山区", "浙江省杭州市西湖区", "四川省成都市武侯区", "北京市海淀区",
    "湖北省武汉市洪山区", "陕西省西安市雁塔区", "山东省青岛市市南区", "上海市浦东新区",
    "江苏省南京市鼓楼区", "福建省厦门市思明区", "云南省昆明市五华区", "西藏自治区拉萨市城关区",
    "重庆市渝北区", "辽宁省大连市中山区",
)  # fmt: skip
_ILLNESSES: Final = (
    "高血压", "2型糖尿病", "冠心病", "支气管哮喘", "慢性胃炎", "乙型肝炎", "抑郁症",
    "甲状腺结节", "腰椎间盘突出症", "急性阑尾炎", "乳腺癌", "肾结石", "类风湿关节炎", "脑梗死",
)  # fmt: skip
_DRUGS: Final = (
    "二甲双胍",
    "阿托伐他汀",
    "硝苯地平",
    "阿司匹林",
    "奥美拉唑",
    "左氧氟沙星",
    "缬沙坦",
)
_TRADES: Final = ("科技", "网络技术", "贸易", "文化传媒", "医疗器械", "物流", "建筑工程")
_FORENAMES: Final = ("James", "Mary", "Robert", "Linda", "David", "Susan", "Emily", "Kevin")
_SURNAMES: Final = ("Walker", "Bennett", "Foster", "Hughes", "Reed", "Coleman", "Brooks")
_STREETS: Final = ("Oak Street", "Maple Avenue", "Lake Road", "Hill Drive", "Elm Court")
_AILMENTS: Final = ("diabetes", "hypertension", "asthma", "breast cancer", "depression")
_MONTHS: Final = ("January", "March", "May", "July", "October", "December")


def make_sentences(
    seed: int = SEED, per_sentence: int = PER_SENTENCE, patterns: tuple[str, ...] = SENTENCES
) -> list[Sentence]:
    """Fill every sentence some times over from the seed."""
    rng = Random(seed)  # noqa: S311  repeatability is the point; nothing is kept secret
    return [_fill(pattern, rng) for pattern in patterns for _ in range(per_sentence)]


def digest_of(sentences: list[Sentence]) -> str:
    """Name exactly the texts and labels that a figure was measured on."""
    content = json.dumps([[each.text, each.spans] for each in sentences], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _fill(pattern: str, rng: Random) -> Sentence:
    for name, maker in _FILLERS.items():
        while name in pattern:
            pattern = pattern.replace(name, maker(rng), 1)
    text, spans, done = "", [], 0
    for gap in _GAP.finditer(pattern):
        text += pattern[done : gap.start()]
        kind, maker = _GAPS[gap[1]]
        value = maker(rng)
        begin = len(text) - (3 if gap[1] == "bare_mobile" else 0)
        text += value
        spans.append((begin, len(text), kind))
        done = gap.end()
    return Sentence(text + pattern[done:], tuple(spans))


def _address(rng: Random) -> str:
    road = f"{rng.choice(_ROADS)}{rng.choice(('路', '大道', '街', '北路', '东街'))}"
    house = rng.choice(("{}号", "{}号{}栋{}室", "{}弄{}号{}室", "{}号{}号楼{}单元{}室"))
    numbers = [rng.randint(1, 900), rng.randint(1, 30), rng.randint(1, 6), rng.randint(101, 2909)]
    return f"{rng.choice(_CITIES)}{road}{house.format(*numbers)}"


def _organization(rng: Random) -> str:
    name = "".join(rng.choices("华信达宏远博瑞恒泰鑫源中创智联", k=2))
    return f"{name}{rng.choice(_TRADES)}{rng.choice(('有限公司', '股份有限公司'))}"


def _iban(rng: Random) -> str:
    body = f"{rng.choice(('37040044', '50010517'))}{values.digits(rng, 10)}"
    check = 98 - int(f"{body}131400") % 97
    return f"DE{check:02}{body}"


def _day(rng: Random) -> str:
    day = values.birthday(rng, 2018, 2026)
    return rng.choice((f"{day.year}年{day.month}月{day.day}日", day.isoformat()))


def _birth(rng: Random) -> str:
    day = values.birthday(rng)
    return rng.choice((f"{day.year}年{day.month}月{day.day}日", day.isoformat(), f"{day:%Y/%m/%d}"))


def _english_birth(rng: Random) -> str:
    return f"{rng.choice(_MONTHS)} {rng.randint(1, 28)}, {rng.randint(1940, 2005)}"


def _grouped(value: str, rng: Random) -> str:
    mark = rng.choice(("", "", "-", " "))
    return f"{value[:3]}{mark}{value[3:7]}{mark}{value[7:]}"


def _word(rng: Random, size: int) -> str:
    return "".join(rng.choices("abcdefghijkmnpqrstuvwxyz", k=size))


Filler = Callable[[Random], str]
_GAPS: Final[dict[str, tuple[str, Filler]]] = {
    "person_name": ("person_name", values.name),
    "cn_resident_id": ("cn_resident_id", values.resident_id),
    "cn_mobile": ("cn_mobile", lambda rng: _grouped(values.mobile(rng), rng)),
    "bare_mobile": ("cn_mobile", values.mobile),
    "bank_card": ("bank_card", values.bank_card),
    "address": ("address", _address),
    "licence_plate": ("licence_plate", values.plate),
    "email": ("email", values.email),
    "uscc": ("uscc", values.uscc),
    "my_name": ("self_reference", lambda _: "My"),
    "my": ("self_reference", lambda _: "my"),
    "vin": ("vin", values.vin),
    "hkid": ("hkid", values.hong_kong_id),
    "imei": ("imei", values.imei),
    "ip_address": ("ip_address", values.public_ip),
    "mac_address": ("mac_address", values.mac_address),
    "passport": ("passport", lambda rng: f"{rng.choice('EG')}{values.digits(rng, 8)}"),
    "qq": ("qq", lambda rng: f"{rng.randint(1, 9)}{values.digits(rng, rng.randint(5, 9))}"),
    "wechat": ("wechat", lambda rng: f"{_word(rng, 5)}{rng.choice('_-')}{values.digits(rng, 3)}"),
    "cn_landline": (
        "cn_landline",
        lambda rng: f"{rng.choice(_AREAS)}-{rng.randint(5, 8)}{values.digits(rng, 7)}",
    ),
    "age": ("age", lambda rng: f"{rng.randint(1, 99)}岁"),
    "birth_date": ("birth_date", _birth),
    "diagnosis": ("diagnosis", lambda rng: rng.choice(_ILLNESSES)),
    "medication": ("medication", lambda rng: rng.choice(_DRUGS)),
    "organization": ("organization", _organization),
    "salary": ("salary", lambda rng: f"月收入{rng.randint(3, 90) * 500}元"),
    "gender": ("gender", lambda rng: f"性别：{rng.choice('男女')}"),
    "english_name": (
        "person_name",
        lambda rng: f"{rng.choice(_FORENAMES)} {rng.choice(_SURNAMES)}",
    ),
    "english_surname": ("person_name", lambda rng: rng.choice(_SURNAMES)),
    "english_address": (
        "address",
        lambda rng: f"{rng.randint(2, 9999)} {rng.choice(_STREETS)}, Springfield, IL 62704",
    ),
    "english_birth": ("birth_date", _english_birth),
    "english_illness": ("diagnosis", lambda rng: rng.choice(_AILMENTS)),
    "us_phone": (
        "foreign_phone",
        lambda rng: f"({rng.choice((212, 312, 415))}) 555-{values.digits(rng, 4)}",
    ),
    "ssn": (
        "ssn",
        lambda rng: f"{rng.randint(100, 599)}-{rng.randint(10, 99)}-{rng.randint(1000, 9999)}",
    ),
    "iban": ("iban", _iban),
}
_FILLERS: Final[dict[str, Filler]] = {
    "ORDER": lambda rng: f"DD{values.digits(rng, 16)}",
    "ORGANISATIONS": lambda _: "其他同业机构",
    "BATCH": lambda rng: f"B{values.digits(rng, 9)}",
    "AMOUNT": lambda rng: f"{rng.uniform(1, 90000):.2f}",
    "DAY": _day,
    "ISBN": lambda rng: (
        f"978-7-{values.digits(rng, 3)}-{values.digits(rng, 5)}-{rng.randint(0, 9)}"
    ),
    "DECIMAL": lambda rng: f"{rng.uniform(20, 120):.6f}",
}
