"""Tables that may not be traded as they are, of many makes."""

from typing import Final

from . import values
from .cells import (
    BASES,
    CORE,
    FORENAMES,
    ID,
    ILLNESS,
    LAT,
    LON,
    MOBILE,
    NAME,
    PERSONAL,
    PSEUDO,
    SENSITIVE,
    STATE,
    SURNAMES,
    Entry,
    day,
    made_by,
    moment,
    number,
    one_of,
    text,
    whole,
)

RESTRICTED_TABLES: Final[dict[str, Entry]] = {
    "outpatients": (
        {
            "门诊号": text("MZ{d8}"),
            "病人姓名": NAME,
            "性别": one_of("男", "女"),
            "诊断": ILLNESS,
            "收缩压": whole(100, 180),
            "就诊日期": day(),
        },
        *SENSITIVE,
    ),
    "loans": (
        {
            "借款人": NAME,
            "手机号": MOBILE,
            "信用评分": whole(350, 950),
            "逾期天数": whole(0, 90),
            "贷款余额": number(1e3, 9e5),
        },
        *SENSITIVE,
    ),
    "staff": (
        {
            "first_name": FORENAMES,
            "last_name": SURNAMES,
            "work_email": made_by(values.email),
            "department": one_of("Sales", "Finance", "IT"),
            "annual_salary": whole(30000, 220000),
        },
        *PERSONAL,
    ),
    "rides": (
        {
            "driver_id": text("D{d6}"),
            "pickup_time": moment,
            "start_lat": LAT,
            "start_lng": LON,
            "fare": number(8, 120),
        },
        *SENSITIVE,
    ),
    "parcels": (
        {
            "运单号": text("SF{d13}"),
            "寄件人": NAME,
            "收件人": NAME,
            "收件地址": made_by(values.address),
            "重量": number(0.1, 20),
        },
        *PERSONAL,
    ),
    "kindergarten": (
        {
            "幼儿园": one_of("阳光幼儿园", "实验幼儿园"),
            "幼儿姓名": NAME,
            "生日": day(2020, 2023),
            "家长": NAME,
        },
        *SENSITIVE,
    ),
    "tickets": (
        {
            "ticket": text("T{n5}"),
            "opened": moment,
            "message": text("Customer wrote: my id is {id}, call me at {mobile} after six."),
        },
        *SENSITIVE,
    ),
    "remarks": (
        {"序号": whole(1, 9999), "备注": text("已联系{name}，电话{mobile}，改送{address}")},
        *PERSONAL,
    ),
    "unnamed": (
        {"字段1": ID, "字段2": made_by(values.bank_card), "字段3": number(1, 9)},
        *SENSITIVE,
    ),
    "whole_numbers": ({"a": lambda rng, _: int(values.mobile(rng)), "b": whole(1, 9)}, *PERSONAL),
    "nested": (
        {
            "record": lambda rng, _: {"who": {"tel": values.mobile(rng)}, "n": 1},
            "items": lambda rng, _: [values.email(rng), "none"],
        },
        *PERSONAL,
    ),
    "call_list": (
        {"主叫": MOBILE, "被叫": MOBILE, "通话时长": whole(3, 900), "开始时间": moment},
        *SENSITIVE,
    ),
    "members": (
        {
            "会员编号": text("HY{n5}"),
            "消费日期": day(),
            "消费金额": number(9, 2000),
            "门店": one_of("一店", "二店", "三店"),
        },
        *PSEUDO,
    ),
    "clicks": (
        {
            "user_id": lambda rng, _: rng.randint(1, 5000),
            "url": text("/item/{d6}"),
            "clicked_at": moment,
        },
        *PSEUDO,
    ),
    "hashed_phones": (
        {"mobile_md5": text("{hex}"), "city": one_of("上海", "广州"), "amount": number(1, 500)},
        *PSEUDO,
    ),
    "service_records": (
        {"VIN": made_by(values.vin), "进厂日期": day(), "里程": whole(100, 200000)},
        *PSEUDO,
    ),
    "studies": (
        {
            "patient_id": text("PT{n5}"),
            "icd10": one_of("I10", "E11.9", "J45.9", "K25.9"),
            "hba1c": number(4.5, 11),
        },
        *SENSITIVE,
    ),
    "fingerprints": ({"姓名": NAME, "指纹特征": text("{hex}{hex}{hex}{hex}")}, *SENSITIVE),
    "depots": (
        {"site": text("第{d3}弹药库"), "lon": LON, "lat": LAT, "garrison": whole(20, 400)},
        *CORE,
    ),
    "minutes": ({"标题": text("关于第{d3}次会议的纪要 机密★{d2}年"), "日期": day()}, *CORE),
    "secrecy_column": (
        {"文件": text("文件{d4}"), "密级": one_of("秘密", "公开", "内部"), "日期": day()},
        *CORE,
    ),
    "gnss_marks": (
        {
            "station mark": text("GN{n5}"),
            "latitude": number(30, 31, 9),
            "longitude": number(120, 121, 9),
            "ellipsoidal height": number(2, 90, 4),
            "datum": one_of("CGCS2000"),
            "rms": number(0.01, 0.05, 3),
        },
        *STATE,
    ),
    "substation": (
        {
            "位号": text("变电站{d1}.220kV.CB{d2}.POS"),
            "规约": one_of("IEC104", "IEC61850"),
            "信息体地址": whole(1, 9999),
            "实时值": number(200, 240),
        },
        *STATE,
    ),
    "arrays": (
        {"sample_id": text("HG{n5}"), "rsid": made_by(values.variant), "genotype": BASES},
        "BLOCK",
        "IMPORTANT",
        "SENSITIVE",
    ),
    "keys": (
        {"service": one_of("oss", "sms"), "access_key": made_by(values.secret)},
        "BLOCK",
        "GENERAL",
        "NONE",
    ),
    "reads": ({"read": made_by(values.dna), "quality": whole(10, 40)}, "REVIEW", "GENERAL", "NONE"),
}
