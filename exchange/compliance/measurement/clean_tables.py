"""Tables that may be traded, each with something that a hasty reader would stop."""

from typing import Final

from . import values
from .cells import (
    CLEAN,
    ILLNESS,
    LAT,
    LON,
    Entry,
    day,
    made_by,
    moment,
    number,
    one_of,
    text,
    whole,
)

CLEAN_TABLES: Final[dict[str, Entry]] = {
    "orders": (
        {
            "订单号": text("2024{d14}"),
            "商品": one_of("水杯", "雨伞", "台灯"),
            "金额": number(9, 900),
            "下单时间": moment,
            "毫秒": lambda rng, _: 1_700_000_000_000 + rng.randrange(10**10),
        },
        *CLEAN,
    ),
    "waybills": (
        {"运单号": text("{d15}"), "流水号": text("6222{d12}"), "重量": number(0.1, 30)},
        *CLEAN,
    ),
    "running_numbers": (
        {"编号": lambda _, row: 15000000000 + row * 7, "数量": whole(1, 90)},
        *CLEAN,
    ),
    "books": (
        {
            "ISBN": text("978-7-{d3}-{d5}-{d1}"),
            "条码": text("69{d11}"),
            "定价": number(20, 200),
            "出版日期": day(),
        },
        *CLEAN,
    ),
    "companies": (
        {
            "统一社会信用代码": made_by(values.uscc),
            "企业名称": text("星河第{n}科技有限公司"),
            "公司地址": made_by(values.address),
            "注册资本": whole(10, 9000),
        },
        *CLEAN,
    ),
    "birds": (
        {
            "物种": one_of("白鹭", "麻雀", "喜鹊"),
            "性别": one_of("雄", "雌"),
            "sex": one_of("male", "female"),
            "age": whole(1, 8),
            "体重": number(20, 900),
        },
        *CLEAN,
    ),
    "houses": (
        {"latitude": LAT, "longitude": LON, "house age": whole(1, 40), "price": number(1, 90)},
        *CLEAN,
    ),
    "shops": (
        {
            "名称": text("便利店{n}号店"),
            "地址": made_by(values.address),
            "电话": text("021-6{d7}"),
            "lat": LAT,
            "lng": LON,
        },
        *CLEAN,
    ),
    "museums": (
        {
            "设施名称": text("第{d3}弹药库旧址博物馆"),
            "纬度": LAT,
            "经度": LON,
            "票价": whole(0, 90),
        },
        *CLEAN,
    ),
    "hospital_statistics": (
        {
            "医院": text("第{n}人民医院"),
            "诊断": ILLNESS,
            "例数": whole(1, 900),
            "年份": whole(2015, 2025),
        },
        *CLEAN,
    ),
    "drug_prices": (
        {"药品": one_of("二甲双胍", "阿司匹林"), "规格": text("{d2}mg"), "价格": number(1, 90)},
        *CLEAN,
    ),
    "wages_by_city": (
        {
            "城市": one_of("上海", "广州", "成都"),
            "平均工资": whole(5000, 15000),
            "从业人数": whole(1, 999),
        },
        *CLEAN,
    ),
    "laws": (
        {
            "条": text("第{n}条"),
            "正文": one_of(
                "任何组织、个人不得非法收集、使用、加工、传输他人身份证号码和银行账户信息。",
                "国家秘密的密级分为绝密、机密、秘密三级。",
                "病历、诊断和患者的隐私受法律保护。",
            ),
        },
        *CLEAN,
    ),
    "sensors": (
        {
            "device_id": text("SN-{d6}"),
            "mac": text("node-{n}"),
            "time": moment,
            "lat": LAT,
            "lon": LON,
            "温度": number(-5, 35),
        },
        *CLEAN,
    ),
    "buses": (
        {
            "线路": text("{d3}路"),
            "车辆编号": text("B{d4}"),
            "时间": moment,
            "纬度": LAT,
            "经度": LON,
        },
        *CLEAN,
    ),
    "releases": (
        {"version": text("{d1}.{d2}.{d1}.{d2}"), "commit": text("{hex}"), "size": whole(1, 9999)},
        *CLEAN,
    ),
    "towns": (
        {
            "name": one_of(
                "景山",
                "和平里",
                "江苏",
                "安徽",
                "石家庄",
                "张家港",
                "马鞍山",
                "黄山",
                "常熟",
                "高邮",
            ),
            "code": text("11{d7}"),
            "population": whole(1000, 900000),
        },
        *CLEAN,
    ),
    "tanks": ({"tag": text("TK{d3}.LEVEL.PV"), "value": number(0, 12), "time": moment}, *CLEAN),
    "cas": (
        {"CAS": text("{d4}-{d2}-{d1}"), "批号": text("8956{d14}"), "纯度": number(90, 99.9)},
        *CLEAN,
    ),
    "courts": (
        {
            "案号": text("（2021）京0105民初{d5}号"),
            "案由": one_of("合同纠纷", "侵权责任纠纷"),
            "标的额": number(1000, 900000),
        },
        *CLEAN,
    ),
    "licences": (
        {
            "密码强度": whole(1, 5),
            "token count": whole(1, 900),
            "协议": one_of("HTTP", "MQTT"),
            "port": one_of(80, 443, 8080),
        },
        *CLEAN,
    ),
}
