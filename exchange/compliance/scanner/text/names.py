"""Names of persons in running text: never by themselves, only beside a word that announces one.

A surname begins a name, but every surname is also a word; so a title, a role or a number beside it
has to say that a person is meant. How long the name is follows from what its characters usually do
in given names and from what comes next.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from .triggers import Cue, Stretch
from .words import NEVER_GIVEN, NOT_NAMES

ROLES: Final = (
    "客户|用户|面试安排|值班安排|值班|人事|财务|证明|授权|委托|抄送|备注|推荐人|介绍人|对接人|患者|病人|病患|申请人|"
    "持卡人|寄件人|收件人|发件人|收货人|收款人|付款人|"
    "汇款人|联系人|经办人|办理人|负责人|法定代表人|法人代表|"
    "法人|代理人|委托人|受托人|监护人|当事人|嫌疑人|被告人|被告|原告|证人|投保人|"
    "被保险人|受益人|借款人|贷款人|担保人|承租人|出租人|"
    "租客|房东|业主|户主|车主|司机|驾驶员|乘客|旅客|员工|职工|同事|同学|学生|学员|考生|"
    "家长|老师|教师|班主任|医生|医师|主治医生|"
    "主治医师|大夫|护士|律师|法官|记者|编辑|作者|导演|演员|歌手|会员|用户|住户|居民|"
    "村民|死者|伤者|受害人|举报人|投诉人|报案人|"
    "签收人|签字人|审批人|审核人|操作员|操作人|值班员|值班人|记录人|填表人|创建人|"
    "提交人|候选人|应聘者|求职者|面试者|店员|顾客|"
    "姓名|名字|称呼|全名|真实姓名|中文名|户名|署名|联系|致电|转入|汇给|转给|转账给|"
    "支付给|付给|寄给|发给|交给|通知|"
    "拜访|约见|采访|会见|面见|找到|名叫|叫做|我叫|他叫|她叫|本人|我是|他是|她是|儿子|"
    "女儿|父亲|母亲|爸爸|妈妈|丈夫|妻子|"
    "老公|老婆|配偶|哥哥|弟弟|姐姐|妹妹|爷爷|奶奶|外公|外婆|舅舅|叔叔|阿姨|男友|女友|"
    "朋友|室友|邻居|老板|队长|组长|班长|"
    "董事长|总经理|经理|主任|主管|校长|院长|局长|处长|科长|书记|市长|县长|镇长|村长|"
    "部长|厅长|教授|博士|工程师|会计|秘书|助理|"
    "保安|快递员|外卖员|骑手|客服|先生|女士|小姐|致|与会者|参会人员|参会者|出席人员|"
    "成员|名单|尊敬的|亲爱的"
)
"""Words after which a name may come."""
_TITLES: Final = (
    "先生|女士|小姐|太太|夫人|同学|同志|老师|医生|医师|大夫|律师|教授|博士|法官|警官|"
    "师傅|阿姨|叔叔|大爷|大妈|院士|总裁|"
    "经理|总经理|主任|董事长|校长|院长|局长|处长|科长|部长|书记|总监|工程师|护士长|护士|会计|秘书"
)
"""Words before which a name stands."""
_DEEDS: Final = (
    "来电|致电|来访|来函|投诉|反映|咨询|报案|签收|签字|签名|本人|确诊|就诊|住院|出院|"
    "入院|入职|离职|辞职|到场|出席|缺席|"
    "申请|表示|称其|说道|指出|认为|告诉|回复|确认|提交|购买|下单|付款|转账|开户|领取|填写|"
    "的账户|的账号|的银行卡|的卡号|的手机|的电话|的联系方式|的身份证|的邮箱|的微信|"
    "的住址|的地址|的护照|的病历|的车|的工资|"
    "的家属|的儿子|的女儿|的父亲|的母亲|的妻子|的丈夫|的订单|的快递|的简历|的成绩|的档案"
)
"""What somebody does or has, said after the name."""
_BESIDE: Final = "手机|电话|联系电话|联系方式|身份证|邮箱|住址|微信|性别"
_FUNCTION: Final = frozenset(
    "的了着过在是有和与及或也都就又还很最不没被把给让向对从到于为以因由其这那哪此某每各"
    "我你他她它们吗呢吧啊呀之者所而且但若如将已曾"
    "请说称问做用看想要会能可应该须需必"
)
_NO_OPENING: Final = _FUNCTION - set("于曾应")
_FOLLOW: Final = re.compile(
    "表示|宣布|认为|透露|介绍|强调|出席|担任|报名|参加|提出|负责|开|于|的|在|是|和|与|"
    "及|等|来|去|到|向|对|从|因|由|已|将|将于|曾|也|都|就|又|还|未|有|被|把|让|给|为|"
    "说|称|要|能|可|共|均|"
    "现|系|先|后|本|自|经|持|收|转|出|入|当|同|或|即|则|所|凭|及其|身|男|女|年|生|电|"
    "手机|住|联|确|患|签|"
    "先生|女士|小姐|同学|老师|医生|律师|教授|主任|经理"
)
_TAKEN: Final = re.compile("[了着过们]")
_LINK: Final = re.compile('[:：\\s]{0,3}(?:[是为叫]{1,2})?[:：\\s“"『「《]{0,3}')
_NEXT: Final = re.compile("[、,，和与及/ ]{1,2}")
LONGER_POST: Final = re.compile(
    "部门|机关|单位|人员|责任|助理|办公室|会议|职务|岗位|办公会|信箱|的"
)
"""What makes a post a matter of the office rather than of its holder."""
_NUMBERS: Final = frozenset(
    {"cn_resident_id", "cn_mobile", "bank_card", "passport", "cn_resident_id_15", "hk_permit"}
)
_LISTED: Final = frozenset("、和与及,，")
_HAN: Final = re.compile("[㐀-鿿]")
_COMMON: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于"
    "杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石"
    "金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤温康"
    "施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟"
    "申欧耿关兰焦俞左柳甘祝包宁尚符舒阮纪梅童凌毕季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳柴蒙"
    "鲍华喻祁蒲房滕屈饶牟艾尤阳穆农卓古吉缪"
    "简麦褚娄窦戚岑景费卜晏柏瞿桂佟臧闵苟邬卞姬栾隋刁荣巫寇桑郎甄虞敖巩佘查迟邝匡鞠惠冀"
    "郁储栗燕楚鄢谌奚冼蔺楼闻厉郜阚强帅屠朴"
)
"""Surnames that hardly begin a word; the others need more beside them."""
_MORE_SURNAMES: Final = frozenset("栗仝")
_USUAL: Final = frozenset(
    "英华玉秀明文兰丽红金国春梅海建小平桂志林凤军芳伟云荣永晓德美俊玲燕艳龙杰珍霞江生新"
    "龙超勇强敏辉斌静雪峰慧莉娟琴鹏波宇飞洁涛"
    "佳婷雅琪欣怡子涵梓轩浩然思雨诗梦琳颖倩薇莹瑶宁洋凯健鑫磊亮成帆阳晨旭东刚坤帅彬博翔"
    "瑞岩淑素清香莲菊萍花芬菲蓉洪利冬秋夏月"
    "娜丹畅璐晶柳楠欢晖莺瑜瑾栋钢龄雷"
)


@dataclass(frozen=True)
class Names:
    """Surnames and characters of given names, and how to read a name with them."""

    surnames: frozenset[str]
    compound: frozenset[str]
    given: frozenset[str]
    first_names: frozenset[str] = field(default_factory=frozenset)

    def cues(self) -> Iterator[Cue]:
        """Yield the words beside which a name is looked for."""
        yield Cue(tuple(ROLES.split("|")), self._after_role)
        yield Cue(tuple(_TITLES.split("|")), self._before_title)
        yield Cue(tuple(_DEEDS.split("|")), self._before_word)
        yield Cue(tuple(_BESIDE.split("|")), self._before_detail)
        if self.first_names:
            yield Cue(tuple(sorted(self.first_names)), self._english)
            yield Cue(("mr", "mrs", "ms", "miss", "dr", "prof", "professor"), self._addressed)

    def length_at(self, text: str, begin: int) -> int:
        """Return how long the name is that begins here; 0 if none does."""
        best, length = 0.0, 0
        for size in self._sizes(text, begin):
            score = self._score(text, begin, size)
            if score > 0 and score >= best:
                best, length = score, size
        return length

    def before(self, text: str, end: int) -> int:
        """Return where the name begins that ends here; -1 if none does."""
        best, place = 0.0, -1
        for size in (2, 3, 4):
            begin = end - size
            if begin < 0 or size not in self._sizes(text, begin):
                continue
            score = self._score(text, begin, size) + self._opening(text, begin)
            if score > best:
                best, place = score, begin
        return place

    def _sizes(self, text: str, begin: int) -> tuple[int, ...]:
        if text[begin : begin + 2] in self.compound:
            return (3, 4)
        return (2, 3) if text[begin : begin + 1] in self.surnames else ()

    def _score(self, text: str, begin: int, size: int) -> float:
        """Weigh a name: its given name's characters, its surname, and what comes behind it."""
        name = text[begin : begin + size]
        given = name[2:] if name[:2] in self.compound and size > 2 else name[1:]
        if len(name) < size or not _may_be(name, given):
            return 0.0
        usual = sum(2.0 if c in _USUAL else 1.0 if c in self.given else -0.5 for c in given)
        score = usual / len(given) + (0.5 if name[0] in _COMMON or len(given) < size - 1 else -0.5)
        following = text[begin + size : begin + size + 2]
        if _TAKEN.match(following):
            return score - 2
        if not following or not _HAN.match(following):
            return score + 2
        return score + (1.2 if _FOLLOW.match(following) else 0.0)

    def _opening(self, text: str, begin: int) -> float:
        """Weigh what stands before a name that was found from its end."""
        former = text[begin - 1] if begin else ""
        if text[begin] in _NO_OPENING:
            return -3.0
        if not _HAN.match(former):
            return 1.0
        if former in _FUNCTION or former in "至经致叫找位名":
            return 0.5
        return 0.0 if text[begin] in _COMMON else -1.0

    def _after_role(self, text: str, _: int, end: int) -> Iterator[Stretch]:
        link = _LINK.match(text, end)
        place = link.end() if link else end
        size = self.length_at(text, place)
        parted = place > end
        if not size or (not parted and not self._is_plain(text, place, size)):
            return
        yield place, place + size, "person_name"
        place += size
        while link := _NEXT.match(text, place):
            size = self.length_at(text, link.end())
            following = text[link.end() + size : link.end() + size + 1]
            if not size or _HAN.match(following):
                return
            yield link.end(), link.end() + size, "person_name"
            place = link.end() + size

    def _is_plain(self, text: str, place: int, size: int) -> bool:
        """Whether role and name written together are not part of something else."""
        if (
            text[place + 1 : place + size] in _TITLE_SET
            or text[place + 1 : place + 3] in _TITLE_SET
        ):
            return False
        name = text[place : place + size]
        if name[0] in _NO_OPENING:
            return False
        behind = place + size
        closed = not _HAN.match(text[behind : behind + 1])
        followed = closed or bool(_FOLLOW.match(text, behind)) or bool(_DEED.match(text, behind))
        usual = all(c in _USUAL for c in name[1:])
        known = usual or all(c in _USUAL or c in self.given for c in name[1:])
        return (known and followed) or (usual and name[0] in _COMMON)

    def _before_title(self, text: str, begin: int, end: int) -> Iterator[Stretch]:
        if LONGER_POST.match(text, end):
            return
        place = self.before(text, begin)
        if place >= 0 and self._likely(text, place, begin):
            yield place, begin, "person_name"

    def _before_word(self, text: str, begin: int, _: int) -> Iterator[Stretch]:
        place = self.before(text, begin)
        if place < 0 or not self._likely(text, place, begin):
            return
        former = text[place - 1] if place else ""
        while not _HAN.match(former) or former in _FUNCTION:
            yield place, begin, "person_name"
            begin = place - 1
            if former not in _LISTED or (place := self.before(text, begin)) < 0:
                return
            if not self._likely(text, place, begin):
                return
            former = text[place - 1] if place else ""

    def _before_detail(self, text: str, begin: int, _: int) -> Iterator[Stretch]:
        """Take a name that opens a list of somebody's details, such as 张伟，手机138."""
        end = begin
        while end > 0 and text[end - 1] in ",，:： 　;；、|(（":
            end -= 1
        if end in (begin, 0):
            return
        place = self.before(text, end)
        former = text[place - 1] if place > 0 else ""
        if place >= 0 and not _HAN.match(former) and self._likely(text, place, end):
            yield place, end, "person_name"

    def beside(self, text: str, marks: Iterable[Stretch]) -> Iterator[Stretch]:
        """Yield names that stand right before a number of a person, or in brackets behind it."""
        for begin, end, kind in marks:
            if kind not in _NUMBERS:
                continue
            close = begin
            while close > 0 and text[close - 1] in "(（:：,， ":
                close -= 1
            place = self.before(text, close)
            former = text[place - 1] if place > 0 else ""
            if place >= 0 and not _HAN.match(former) and self._likely(text, place, close):
                yield place, close, "person_name"
            if text[end : end + 1] in ("(", "（"):
                size = self.length_at(text, end + 1)
                after = text[end + 1 + size : end + 2 + size]
                if size and after in (")", "）") and self._likely(text, end + 1, end + 1 + size):
                    yield end + 1, end + 1 + size, "person_name"

    def _likely(self, text: str, begin: int, end: int) -> bool:
        """Whether a name found from its end has the characters of a name."""
        given = text[begin + 1 : end]
        known = sum(c in _USUAL or c in self.given for c in given)
        return text[begin] in _COMMON and (known * 2 >= len(given))

    def _english(self, text: str, begin: int, end: int) -> Iterator[Stretch]:
        """First name and family name, both with a capital."""
        found = _LATIN_REST.match(text, end)
        if found and text[begin].isupper():
            yield begin, found.end(), "person_name"

    def _addressed(self, text: str, begin: int, end: int) -> Iterator[Stretch]:
        found = _LATIN_NAME.match(text, end)
        if found and text[begin].isupper():
            yield found.start(1), found.end(1), "person_name"


_TITLE_SET: Final = frozenset(_TITLES.split("|")) | {
    "总",
    "工",
    "董",
    "局",
    "处",
    "科",
    "主席",
    "院士",
}
_DEED: Final = re.compile(_DEEDS)
_LATIN_REST: Final = re.compile(
    r"(?: [A-Z]\.)? (?!(?:Street|Road|Avenue|University|Hospital|School|Inc|Ltd|"
    r"Company)\b)[A-Z][a-z]+(?:-[A-Z][a-z]+)?(?![A-Za-z@])"
)
_LATIN_NAME: Final = re.compile(
    r"\.? ([A-Z][a-z]+(?:-[A-Z][a-z]+)?(?: [A-Z][a-z]+){0,2})(?![A-Za-z@])"
)


def _may_be(name: str, given: str) -> bool:
    """Whether nothing forbids that these characters are a name."""
    if name[0] in _NO_OPENING or any(not _HAN.match(c) or c in _FUNCTION for c in given):
        return False
    return given not in NEVER_GIVEN and NOT_NAMES.isdisjoint((given, name, name[:2], name[1:3]))


def name_words(pack_names: Mapping[str, str], first_names: Iterable[str]) -> Names:
    """Compile the names of a rule pack."""
    return Names(
        frozenset(pack_names["surnames"]) | _COMMON | _MORE_SURNAMES,
        frozenset(pack_names["compound"].split()),
        frozenset(pack_names["given"]),
        frozenset(word for word in first_names if len(word) > 1),
    )
