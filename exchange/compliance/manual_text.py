"""What a product manual's text suggests, before anybody has seen the content. Pure.

Words, not meaning: a hint to reviewers, never a grade. What the text suggests is said in the rule
pack's themes, and graded by the pack's own matrix, so that it can be laid beside the content.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

CORE, IMPORTANT, SENSITIVE, PERSONAL, PSEUDONYMOUS, ENTERPRISE, NONE = (
    "CORE", "IMPORTANT", "SENSITIVE", "PERSONAL", "PSEUDONYMOUS", "ENTERPRISE", "NONE",
)  # fmt: skip
CLASSES: Final = (CORE, IMPORTANT, SENSITIVE, PERSONAL, PSEUDONYMOUS, ENTERPRISE, NONE)
"""What a text may suggest, the gravest first."""
TOLD: Final = (CORE, IMPORTANT, SENSITIVE)
"""What is worth a word to the reviewer where the content shows nothing as grave."""

_PERSONS: Final = (
    "个人|用户|自然人|居民|患者|病人|客户|会员|借款人|手机号|身份证|学生|司机|驾驶员|乘客|旅客|车主|被查询人|"
    "法定代表人|法人代表|消费者|求职者|老年人|员工|person|people|customer|patient|individual|user"
)


@dataclass(frozen=True)
class Hint:
    """One theme that the text suggests, and the words that did."""

    theme: str
    suggests: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class ManualHints:
    """All that a text suggests: themes with their words, a class, sections of GB/T 4754."""

    themes: tuple[Hint, ...]
    suggested: str
    industries: tuple[str, ...]

    @property
    def industry(self) -> str:
        """The section that most words speak for; empty if none does."""
        return self.industries[0] if self.industries else ""

    def exceeds(self, grade: str, personal: str) -> bool:
        """Whether the text suggests something graver than the content was found to be."""
        found = grade if grade in TOLD else personal
        return CLASSES.index(self.suggested) < CLASSES.index(found)

    @property
    def codes(self) -> frozenset[str]:
        """The themes' codes."""
        return frozenset(hint.theme for hint in self.themes)


THEME_WORDS: Final[Mapping[str, str]] = {
    "SECRECY": "绝密|机密级|秘密级|国家秘密|工作秘密|state secret",
    "MILITARY_SITE": "军事设施|军事基地|军用机场|军港|军事管理区|部队驻地|military base",
    "SURVEY_CONTROL": "测量控制点|大地控制点|水准点|(?<!长)三角点|重力基准|control point",
    "TERRITORY": "国界|边界线|领海基线|领海基点|边境线",
    "INDUSTRIAL_CONTROL": "scada|工业控制系统|工控系统|工控数据|plc点位|dcs数据|遥测遥信",
    "CORE_OPERATION": "电网调度|调度数据|电网运行|机组出力|列车运行控制|关键信息基础设施",
    "PIPELINE": "管线数据|地下管线|管网数据|燃气管网|供水管网|输油管|输气管|管道走向",
    "KEY_TARGET": "建筑图纸|内部结构图|安防布局|安防点位|监控点位|bim模型",
    "NETWORK": "网络拓扑|网络配置|设备配置文件|ip规划",
    "ATTACK": "漏洞数据|漏洞库|攻击样本|恶意代码|攻击工具|未公开漏洞",
    "GUARDED_CUSTOMERS": "政府客户名单|军队客户|涉密单位客户",
    "STRATEGIC_RESERVE": "战略储备|国家储备|储备粮|储备油|动员潜力",
    "RESERVES": "矿产储量|资源储量|油气储量|探明储量|矿产资源量|地下水储量",
    "FARMLAND": "耕地质量|耕地地力|永久基本农田|土壤肥力|土壤养分|耕地面积",
    "ENVIRONMENT": (
        "监测站点|监测断面|水文监测|水文站|水质监测|气象站|气象观测|土壤监测|环境监测数据|"
        "自动站|雨量站"
    ),
    "NUCLEAR": "核电|核材料|核设施|放射源",
    "SEA_LANE": "军用物资运输|核物资运输",
    "EXPEDITION": "深海探测|极地科考|极地考察|航天测控|卫星轨道参数",
    "EXPORT_CONTROLLED": "出口管制|集成电路布图|芯片设计数据|芯片版图",
    "HERITAGE": "未公布文物|考古遗址坐标|古墓葬|文物点位",
    "PATHOGEN": "病原微生物|毒株|菌毒种|高致病性",
    "HUMAN_GENETIC": "人类遗传资源|基因组数据|全基因组|基因测序|基因检测数据|基因型",
    "UNPUBLISHED_STATISTICS": "未公开统计|未发布统计|统计快报|发布前数据",
    "GROUP_HEALTH": "区域健康|人群健康|流行病学|传染病监测|全民健康信息|疾病监测",
    "DRUG_TRIAL": "临床试验受试者|受试者数据|临床试验数据",
    "BIOMETRIC": "人脸图像|人脸数据|人脸比对|人脸识别|人脸核|活体检测|指纹|虹膜|声纹|biometric",
    "MEDICAL": (
        "病历|诊断结果|诊疗|就诊|处方|用药记录|体检|住院|医保结算|健康档案|电子病历|医疗影像|"
        "疾病史|medical record"
    ),
    "MINOR": "未成年人|儿童|中小学生|学龄|婴幼儿|学生成绩",
    "CREDIT": (
        "征信|信用评分|信用分|信贷|多头借贷|共债|逾期|还款能力|还款意愿|反欺诈|贷前|贷后|借贷|"
        "失信|黑名单|欺诈风险|偿债|信用画像|信用评级|credit score"
    ),
    "FINANCE": (
        "银行卡|银行账户|交易流水|账户余额|收入水平|消费能力|消费水平|资产水平|代发工资|公积金|"
        "社保缴|纳税额|收入评估|收入等级|工资"
    ),
    "TRACK": (
        "行踪|轨迹|实时位置|常驻地|居住地|工作地|驻留|通行记录|通行次数|出行记录|行驶记录|"
        "位置核验|位置验证|职住|到访|漫游|停留时长|车辆位置"
    ),
    "COMMUNICATION_RECORD": (
        "通话|话单|短信记录|通信记录|在网时长|入网时长|停机|号码状态|通信行为|上网行为|"
        "流量使用|空号|在网状态"
    ),
    "LODGING": "住宿|入住记录|酒店入住|旅馆",
    "IDENTIFIED": (
        "姓名|身份证|手机号|手机号码|三要素|四要素|二要素|两要素|实名|身份核验|身份认证|"
        "身份验证|imei|imsi|联系方式|联系电话|联系人|驾驶证|行驶证|学历|学籍|婚姻|车牌号|"
        "本机号码|号码认证|高管信息|股东姓名|id number"
    ),
    "PSEUDONYMOUS": (
        "用户画像|人群画像|客户画像|个人画像|用户标签|人群标签|用户行为|设备号|设备id|设备标识|"
        "oaid|idfa|人口画像|客流|人流|人口流动|人口分析|用户特征|消费行为|脱敏"
    ),
}
"""Themes and words that suggest them."""
_BESIDE: Final[Mapping[str, str]] = {
    "MEDICAL": _PERSONS,
    "CREDIT": "个人|自然人|被查询人|借款人|身份证|手机号|用户|客群|三要素|二要素|individual",
    "FINANCE": _PERSONS,
    "TRACK": _PERSONS + "|车牌|手机|人流|人口",
    "LODGING": _PERSONS,
}
"""Words of which one has to be there as well."""

_ENTERPRISES: Final = (
    "企业|公司|工商|法人|商户|经营|股东|招投标|招标|中标|专利|商标|行政处罚|裁判文书|涉诉|"
    "上市|供应链|发票|company"
)

INDUSTRY_WORDS: Final[Mapping[str, str]] = {
    "A": (
        "农业|农产|种植|养殖|畜牧|渔业|林业|水稻|小麦|茶叶|生猪|粮食|化肥|耕地|林木|病虫害|"
        "农田|果蔬|猪肉|蔬菜"
    ),
    "B": "采矿|矿山|矿产|煤炭|煤矿|油田|勘探|矿石",
    "C": (
        "制造|工业|工厂|生产线|设备故障|钢|化工|塑料|橡胶|涤纶|纺织|建材|机械|水泥|聚|乙烯|"
        "汽车零部件|白银|铜|铝|锌|产业链指数|行情数据|甲醇|苯|尿素|玻璃|纸|零部件|芯片|"
        "医疗器械生产|半导体|有色金属|能耗"
    ),
    "D": "电力|用电|电网|发电|燃气|供水|供热|水务|光伏|风电|充电桩|电费|电量",
    "E": "建筑工程|施工|工程造价|建造|建设工程|工地|装修",
    "F": (
        "零售|批发|电商|商品|消费|门店|销售|价格指数|网络零售|商超|品牌|营销|外贸|跨境电商|"
        "海关|进出口"
    ),
    "G": (
        "交通|物流|航运|运输|车辆|高速|港口|航班|船舶|公交|地铁|路网|快递|停车|ais|铁路|机场|"
        "货运|驾驶|集装箱|出行"
    ),
    "H": "酒店|餐饮|住宿",
    "I": (
        "通信|运营商|移动通信|短信|号码|软件|互联网|云计算|信令|手机|流量|app|联通|电信|"
        "网络安全|域名|人工智能|语音|语料"
    ),
    "J": (
        "金融|银行|保险|信贷|贷款|证券|基金|股票|债券|征信|风控|信用|授信|理财|期货|支付|"
        "反欺诈|评级|估值|票据|esg|投资|融资|不良资产"
    ),
    "K": "房地产|房价|楼盘|租房|二手房|物业|房产|不动产",
    "L": "企业服务|商务|咨询|广告|招聘|人力资源|律师|知识产权|招标|招投标|中标|采购信息",
    "M": "科研|专利|检测|遥感|测绘|影像|卫星|论文|学术|地理信息|实验|检验|地物|航拍",
    "N": (
        "水利|环境|气象|环保|污染|空气质量|水质|生态|湿地|垃圾|碳排放|河道|天气|降水|排污|水文|"
        "双碳|碳"
    ),
    "O": "家政|维修|养老服务|殡葬|美容|居民服务",
    "P": "教育|学校|高校|学生|培训|课程|学历|教师|幼儿园",
    "Q": "医疗|健康|药品|医院|疾病|患者|医药|诊疗|病历|药物|临床|医保|护理|基因|中医",
    "R": "文化|旅游|体育|影视|新闻|媒体|景区|音乐|演出|舆情|游戏|图书|文旅|版权|数字藏品",
    "S": (
        "政务|政府|公共管理|社会保障|行政|社保|城市治理|社会组织|公安|司法|审批|民政|城管|志愿|"
        "登记|许可|信访|人口"
    ),
    "T": "国际组织|联合国",
}
"""Sections of GB/T 4754-2017 and words that speak for them."""


def read_manual(texts: Iterable[str], pack: Mapping[str, Any]) -> ManualHints:
    """Return what the texts of a manual suggest under a rule pack; the title comes first."""
    parts = [text.lower() for text in texts if text]
    said = "\n".join(parts)
    themes = tuple(
        Hint(code, _class_of_theme(entry, code, pack), words)
        for code, entry in pack["themes"].items()
        if (words := _words_of(code, said))
    )
    given = [hint.suggests for hint in themes]
    if _ENTERPRISE.search(said):
        given.append(ENTERPRISE)
    suggested = min(given, key=CLASSES.index, default=NONE)
    return ManualHints(themes, suggested, _industries(parts))


def _words_of(code: str, said: str) -> tuple[str, ...]:
    if code not in _PATTERNS:
        return ()
    words, beside = _PATTERNS[code]
    return tuple(dict.fromkeys(words.findall(said))) if beside.search(said) else ()


def _class_of_theme(entry: Mapping[str, Any], code: str, pack: Mapping[str, Any]) -> str:
    """Grade a theme by its harm and its factor of Annex G, as content would be."""
    impact = entry.get("impact")
    grade = str(pack["matrix"][impact[0]][impact[1]]) if impact else "GENERAL"
    if grade == CORE:
        return CORE
    if grade == IMPORTANT or entry.get("factor"):
        return IMPORTANT
    if entry.get("sensitive"):
        return SENSITIVE
    return {"IDENTIFIED": PERSONAL, "PSEUDONYMOUS": PSEUDONYMOUS}.get(code, NONE)


def _industries(parts: list[str]) -> tuple[str, ...]:
    """Order sections by how many of their words occur; a word of the title counts thrice."""
    weights = {
        section: sum(
            len(set(pattern.findall(part))) * (1 if index else 3)
            for index, part in enumerate(parts)
        )
        for section, pattern in _SECTIONS.items()
    }
    found = [section for section in weights if weights[section]]
    return tuple(sorted(found, key=lambda section: -weights[section]))


_PATTERNS: Final = {
    code: (re.compile(words), re.compile(_BESIDE.get(code, "")))
    for code, words in THEME_WORDS.items()
}
_SECTIONS: Final = {section: re.compile(words) for section, words in INDUSTRY_WORDS.items()}
_ENTERPRISE: Final = re.compile(_ENTERPRISES)
