"""Organizations, schools, places of work and posts in running text."""

import re
from collections.abc import Iterator
from typing import Final

from .names import LONGER_POST, Names
from .triggers import Cue, Rule, Stretch, after, before
from .words import GENERIC

_HAN: Final = "㐀-鿿"
_ENDINGS: Final = (
    "股份有限公司|有限责任公司|有限公司|集团公司|控股集团|集团|公司|银行|支行|分行|"
    "信用社|证券|保险公司|基金会|事务所|研究院|研究所|"
    "医院|卫生院|诊所|出版社|合作社|委员会|管理局|公安局|税务局|教育局|派出所|法院|"
    "检察院|居委会|村委会|协会|学会|商会|工作室|俱乐部"
)
_SCHOOLS: Final = "大学|学院|中学|小学|附小|附中|高中|幼儿园|职校|技校|党校"
_BREAK: Final = re.compile(
    rf"[^{_HAN}A-Za-z0-9()（）&·\-]|[与和及跟在由至为是的向从到于被把给让对去往将拟经]"
)
_INSIDE: Final = frozenset("为和与由至向同")
_WITHIN: Final = re.compile(rf"[{_HAN}]")
_NAMES_BEFORE: Final = re.compile(
    r"^(?:\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?|\d+[所家个]|发票抬头|抬头|应向|原告|被告|第三人|申请人|户名|考入|考上|进入|具有|鼓励|禁止|"
    r"任何|并报|上报|其|本级|各级|帮助|使用|集合|归档|助力|服务|赋能|针对|面向|提供|"
    r"支持|协助|通过|包括|包含|涉及|以及|对接|满足|为|我|他|她|你|您|现任|就职|任职|供职|"
    r"入职|毕业|就读|来自|委托|联系|通知|关于|根据|客户|单位|甲方|乙方|丙方|收款方|"
    r"付款方|供应商|"
    "采购方|投保|签约|合同|办理|前往|工作)+"
)
_SKIP_AFTER: Final = {
    "银行": ("卡", "账", "流水", "存", "业", "间", "家", "行", "柜", "贷", "员", "转"),
    "公司": ("法", "章", "员工", "治理", "债"),
    "证券": ("法", "交易", "业", "市场", "账", "投资"),
    "集团": ("军",),
    "大学": ("生", "毕业"),
    "小学": ("生", "毕业"),
    "中学": ("生",),
    "医院": ("管理",),
    "学院": ("派",),
}
_LONGEST: Final = 30
_POSTS: Final = (
    "副董事长|董事长|副总经理|总经理|副经理|经理|副主任|主任|副总裁|总裁|总监|主管|"
    "主席|副校长|校长|副院长|院长|副局长|局长|处长|科长|部长|"
    "书记|市长|县长|镇长|村长|厅长|站长|所长|行长|会长|理事长|秘书长|工程师|总工|教授|"
    "院士|法官|检察官|律师|警官|会计师|护士长"
)


def cues(names: Names) -> Iterator[Cue]:
    """Yield the words at which organizations and posts are looked for."""
    yield Cue(tuple(_ENDINGS.split("|")), _ending("organization"))
    yield Cue(tuple(_SCHOOLS.split("|")), _ending("school"))
    yield after(
        "工作单位|任职单位|就职单位|所在单位|服务单位",
        rf"[:：\s是为]{{1,3}}((?:[{_HAN}A-Za-z0-9()（）&·]){{2,24}}?)(?=[，,。；;、\s\0]|"
        rf"$|的|担任|从事)",
        "workplace",
    )
    yield after(
        "就职于|供职于|任职于|入职|上班于|受雇于|现就职",
        rf"[:：\s是为于]{{0,3}}((?:[{_HAN}A-Za-z0-9()（）&·]){{2,24}}?)(?=[，,。；;、\s\0"
        rf"]|$|的|担任|工作|从事|上班|任)",
        "workplace",
    )
    yield after(
        "works at|work at|working at|worked at|works for|employed by|employed at|employer:",
        r" ?((?-i:[A-Z])[A-Za-z0-9&.\-]*(?: (?-i:[A-Z])[A-Za-z0-9&.\-]*){0,4})(?<![.])",
        "workplace",
    )
    yield after(
        "graduated from|studies at|studied at|student at|enrolled at",
        r" ((?-i:[A-Z])[A-Za-z]+(?: (?:of|and|for|(?-i:[A-Z])[A-Za-z]+)){0,5})",
        "school",
    )
    yield Cue(tuple(_POSTS.split("|")), _post(names))
    yield before(
        "总监|经理|主管|工程师|主任|代表|官|专员|顾问|架构师|设计师|分析师",
        "(?:首席|高级|资深|助理|副)?(?:技术|产品|销售|市场|财务|人事|人力资源|运营|"
        "项目|行政|法务|采购|生产|研发|软件|硬件|算法|测试|数据|"
        "部门|区域|大区|车间|办公室|质量|安全|执行|品牌|设计|系统|网络)(?:部)?",
        "job_title",
        reach=10,
    )


def _ending(kind: str) -> Rule:
    def rule(text: str, begin: int, end: int) -> Iterator[Stretch]:
        word = text[begin:end]
        if text.startswith(_SKIP_AFTER.get(word, ("\1",)), end) or _goes_on(text, end):
            return
        place = begin
        while place > max(0, begin - _LONGEST) and not _ends_before(text, place):
            place -= 1
        if found := _NAMES_BEFORE.match(text[place:begin]):
            place += found.end()
        name = text[place:begin]
        opened = max(name.rfind("("), name.rfind("（"))
        if opened >= 0 and not any(mark in name[opened:] for mark in ")）"):
            place += opened + 1
            name = text[place:begin]
        if len(name) >= 2 and name not in GENERIC:
            yield place, end, kind

    return rule


def _ends_before(text: str, place: int) -> bool:
    """Whether a name cannot reach back over the character before this place."""
    if not _BREAK.match(text, place - 1):
        return False
    if (
        text[place - 1] not in _INSIDE
        or place < 2
        or text[place - 2] in "我你他她它其您应可须需并已将"
    ):
        return True
    # 华为, 中和: the second character of a name may be one that elsewhere parts names.
    edge = place < 3 or not _WITHIN.match(text, place - 3)
    return not (edge and bool(_WITHIN.match(text, place - 2)))


def _goes_on(text: str, end: int) -> bool:
    """Whether the name goes on to a longer ending, such as 公司 in 集团公司."""
    return bool(_LONGER.match(text, end))


_LONGER: Final = re.compile(
    "集团|有限公司|股份|分公司|子公司|支行|分行|附属|总公司|"
    "第[一二三四五六七八九十]+(?:医院|中学|小学)"
)


def _post(names: Names) -> Rule:
    """Take a surname and a post; a whole name before the post is a name's own business."""

    def rule(text: str, begin: int, end: int) -> Iterator[Stretch]:
        former, prior = text[begin - 1 : begin], text[begin - 2 : begin - 1]
        if former not in names.surnames or former in _NO_SURNAMES or LONGER_POST.match(text, end):
            return
        apart = not _WITHIN.match(prior) or prior in _BEFORE_POST
        if apart and names.before(text, begin) < 0:
            yield begin - 1, end, "job_title"

    return rule


_BEFORE_POST: Final = frozenset("系名请问找是和与到由的见给向叫跟下位一让被将对从为")
_NO_SURNAMES: Final = frozenset("总副全查相关能那和有国文公安成都常时方管单计通任车应令元")
