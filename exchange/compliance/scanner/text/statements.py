"""What is said of persons: birth, age, health, belief, money, origin, body, record."""

from collections.abc import Iterable, Iterator
from typing import Final

from .triggers import Cue, after, before

_HAN: Final = "㐀-鿿"
_COLON: Final = r"[:：\s是为]{0,3}"
_MONTHS: Final = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    "sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DATE: Final = (
    r"(?:(?:19|20)?\d{2}\s?年\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?[日号])?"
    r"|(?:18|19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}|(?:19|20)\d{2}(?:0[1-9]|"
    r"1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"|\d{1,2}[-/.]\d{1,2}[-/.](?:18|19|20)\d{2}|(?:19|20)\d{2}[-/.]\d{1,2}(?!\d)"
    r"|[一二][九〇零][〇零一二三四五六七八九]{2}年[一二三四五六七八九十]{1,2}月(?:[一二"
    r"三四五六七八九十]{1,3}[日号])?"
    rf"|{_MONTHS}\.? \d{{1,2}}(?:st|nd|rd|th)?,? (?:18|19|20)\d{{2}}|\d{{1,2}}(?:st|nd|"
    rf"rd|th)? {_MONTHS}\.?,? (?:18|19|20)\d{{2}}"
    r"|\d{1,2}月\d{1,2}[日号]|[一二三四五六七八九十]{1,2}月(?:初)?[一二三四五六七八九十]"
    r"{1,3}[日号]?|(?:19|20)\d{2}年)"
)
_MONEY_ZH: Final = (
    r"(?:人民币|￥|¥|RMB)?\s?\d[\d,，]*(?:\.\d+)?\s?(?:万|亿|千|百)?\s?(?:余|多)?(?:元|"
    r"块|万元|k|w|美元|港币)?"
)
_MONEY_EN: Final = r"(?:US)?[$€£¥]\s?\d[\d,]*(?:\.\d+)?(?:k|m)?"
_ILLNESS: Final = (
    r"(?:(?:急性|慢性|[0-9一二三ⅠⅡⅢI]{1,3}[型期级])?(?:[^\x00-⿿的和与及或在从对为是等有"
    r"了到以让被将把给，。；：、！？]{1,10}?(?:病|症|炎|癌|瘤|结节|感染|综合征|综合症|"
    r"障碍|衰竭|梗死|梗塞|出血|"
    r"骨折|溃疡|硬化|贫血|息肉|囊肿|增生|脱落|结石|积水|疝|肿|痛风|中风|早搏|心绞痛|"
    r"高血压|低血压|高血脂|高血糖|甲亢|甲减|乙肝|丙肝|"
    r"抑郁|焦虑|自闭|哮喘|湿疹|HIV|艾滋|红斑狼疮|白内障|青光眼|近视|流感|疟疾|梅毒|疱疹|"
    r"癫痫|偏头痛|失眠)(?:病|症|阳性)?)"
    r"|HIV(?:阳性|感染)?)"
)
_ILLNESS_EN: Final = (
    r"(?:(?:type [12I]{1,2}|major|chronic|acute|stage [1-4IV]+|lung|breast|bipolar|"
    r"clinical|generali[sz]ed|high|multiple|heart|kidney|liver|"
    r"prostate|colon|skin|cervical) )?(?:diabetes|cancer|hypertension|depression|"
    r"anxiety|asthma|schizophrenia|epilepsy|leuk(?:a)?emia|hiv"
    r"|aids|hepatitis(?: [abc])?|tuberculosis|arthritis|alzheimer's(?: disease)?|"
    r"parkinson's(?: disease)?|autism|adhd|ptsd|anorexia|bulimia|stroke|"
    r"pneumonia|lupus|ms|sclerosis|blood pressure|disorder|(?:heart |kidney |liver "
    r")?disease|migraine|covid-19|lymphoma|melanoma|tumou?r)"
)
_DRUG: Final = (
    rf"[{_HAN}]{{0,8}}?(?:西林|霉素|沙星|拉唑|他汀|地平|洛尔|沙坦|普利|双胍|列汀|列净|"
    rf"西泮|唑仑|替尼|单抗|洛韦|替丁|布洛芬|阿司匹林|胰岛素|"
    rf"氟西汀|舍曲林|帕罗西汀|西酞普兰|利培酮|奥氮平|华法林|氯吡格雷|泼尼松|地塞米松|"
    rf"丙戊酸钠|卡马西平|紫杉醇|顺铂|甲氨蝶呤|头孢[{_HAN}]{{1,3}}?|"
    r"降压药|抗抑郁药|安眠药|胶囊|片剂|缓释片|肠溶片|颗粒|口服液|注射液)"
)
_DRUG_EN: Final = (
    r"(?:metformin|insulin|prozac|zoloft|xanax|lipitor|aspirin|ibuprofen|warfarin|"
    r"lisinopril|sertraline|fluoxetine|amoxicillin|prednisone|"
    r"adderall|methadone|[a-z]{3,12}(?:cillin|mycin|statin|prazole|olol|sartan|azepam|"
    r"oxetine|floxacin|tinib|mab|vir))"
)


def cues(words: dict[str, tuple[str, ...]]) -> Iterator[Cue]:
    """Yield the words at which statements about persons are looked for."""
    yield from _birth_and_age()
    yield from _health(words)
    yield from _belief()
    yield from _origin(words)
    yield from _money()
    yield from _body_and_record()


def _birth_and_age() -> Iterator[Cue]:
    yield after(
        "出生日期|出生年月日|出生年月|出生时间|出生于|生日|诞生于|出生",
        rf"[:：\s是为在于（(]{{0,4}}(?:公历|阳历|农历|阴历)?({_DATE})",
        "birth_date",
    )
    yield after("生于", rf"(?<![先学医发产衍萌]生于)({_DATE})", "birth_date")
    yield before("出生|生人|诞生", rf"(?<!\d)({_DATE})(?:日)?", "birth_date", reach=24)
    yield after(
        "dob|d.o.b|date of birth|birth date|birthdate|birthday|born|born on",
        rf"[:：\s]{{0,3}}(?:is |on |was )?({_DATE})",
        "birth_date",
    )
    yield before("周岁|岁", r"(?<![\d.])(?:1[01]\d|120|[1-9]?\d)\s?", "age", reach=4)
    yield before(
        "周岁|岁",
        ("(?<![一二三四五六七八九十百两几])[一二三四五六七八九]?十?[一二三四五六七八九十]"),
        "age",
        reach=4,
    )
    yield after("周岁|实岁|虚岁", r"[:：\s是为]{0,3}(?:1[01]\d|120|[1-9]?\d)(?![\d.岁])", "age")
    yield after("年龄|芳龄|年纪", r"[:：\s是为]{1,3}(?:1[01]\d|120|[1-9]?\d)(?![\d.岁])", "age")
    yield after("age|aged", r"[:\s]{1,2}(?:is )?(?:1[01]\d|120|[1-9]?\d)(?![\d.])", "age")
    yield before(
        "years old|year old|year-old|years-old|yo|y/o",
        r"(?<![\d.])(?:1[01]\d|120|[1-9]?\d)[\s-]?",
        "age",
        reach=5,
    )


def _health(words: dict[str, tuple[str, ...]]) -> Iterator[Cue]:
    known = "|".join(sorted(words.get("diagnosis", ()), key=len, reverse=True))
    illness = rf"(?:[12一二ⅠⅡ]型)?(?:{known})|{_ILLNESS}"
    yield after(
        "确诊|诊断为|诊断是|诊断|初诊为|临床诊断|患有|罹患|身患|查出|查出来|得了|患上|感染了",
        rf"(?:[:：\s为是有了得来]|患有|患者|患){{0,3}}({illness})(?:(?=[，,。；;、：:\s\0"
        rf"！!?？)）]|$)|(?![㐀-鿿]{{0,2}}(?:防治|预防|知识|研究)))",
        "diagnosis",
    )
    yield after("因|由于", rf"(?:患|突发)?({illness})(?=[于在到入住就来，,。\d]|$)", "diagnosis")
    yield before(
        "病史|患者",
        (
            rf"(?:^|[，,。；;、：:\s\0]|[有患系是为])(?:既往|曾经?|长期|家族|自述|"
            rf"患者)*(?:有|患有?|系|是|为)?({illness})"
        ),
        "diagnosis",
        reach=16,
    )
    yield after(
        "diagnosed with|suffers from|suffering from|diagnosis of|diagnosis:|history of|"
        "treated for|treatment for|positive for|living with|has|have|had",
        rf" ?({_ILLNESS_EN})(?![a-z])",
        "diagnosis",
    )
    drugs = "|".join(sorted(words.get("drugs", ()), key=len, reverse=True))
    yield after(
        "服用|口服|吃|注射|使用|处方|开具|开了|用药|给予|静滴",
        rf"(?:了|过|着|药物|药|[:：\s])?((?:{drugs})(?:片|胶囊|缓释片|注射液)?|{_DRUG})",
        "medication",
    )
    yield before("口服|静滴|静脉滴注|肌注|治疗", rf"({drugs})", "medication", reach=12)
    yield after(
        "take|takes|taking|prescribed|on medication|takes medication",
        rf" ({_DRUG_EN})(?![a-z])",
        "medication",
    )
    yield before(
        "手术|移植术|切除术|搭桥术|置换术|造影术|成形术|吻合术",
        r"(?:做了|做过|接受了|接受|进行了|进行|行|施行)[㐀-鿿]{2,10}?",
        "surgery",
        reach=16,
    )
    yield before("过敏", rf"(?:对)?[{_HAN}]{{2,6}}?", "diagnosis", reach=8)
    yield words_alone("化疗|放疗|透析|hiv阳性|艾滋病毒携带者|乙肝携带者|怀孕|流产", "diagnosis")
    yield words_alone("hiv positive|hiv-positive|chemotherapy|dialysis|pregnant", "diagnosis")
    yield after("allergic to", r" [a-z]+", "diagnosis")
    yield after(
        "underwent|had",
        (
            r" (?:a |an )?((?:[a-z]+ ){0,3}(?:surgery|transplant|bypass|mastectomy|"
            r"appendectomy|abortion))"
        ),
        "surgery",
    )


def _belief() -> Iterator[Cue]:
    yield words_alone(
        "基督徒|天主教徒|佛教徒|穆斯林|道教徒|伊斯兰教徒|新教徒|教徒|信徒", "religion"
    )
    yield words_alone(
        (
            "做弥撒|拜佛|烧香拜佛|诵经|信基督|信耶稣|去清真寺|封斋|佛门弟子|做礼拜|去教堂|"
            "念佛|吃斋念佛|信佛|信教|信主|受洗入教|受洗|入教|皈依佛门|皈依|朝觐|信奉佛教|"
            "信仰佛教|信仰基督教|信仰伊斯兰教|信仰天主教|信仰道教"
        ),
        "religion",
    )
    yield after(
        "宗教信仰|信仰|信奉", rf"{_COLON}((?:佛|道|基督|天主|伊斯兰|东正|犹太|印度)教)", "religion"
    )
    yield words_alone(
        "sunday worship|sunday mass|sunday service|friday prayers|muslim|christian|"
        "buddhist|jewish|hindu|catholic|sikh|protestant|mormon|atheist|baptist|"
        "evangelical|attends church|attends mosque|"
        "goes to church|goes to mass|church member|observes ramadan|attends synagogue|"
        "islam|judaism|hinduism|buddhism|christianity",
        "religion",
    )
    yield words_alone(
        "共青团员|中共党员|中共预备党员|预备党员|共产党员|入党积极分子|民主党派|民革|"
        "民盟|民建会员|九三学社|无党派人士|无党派|上访|工会会员|政协委员|人大代表|"
        "民进会员|农工党|党员",
        "political",
    )
    yield after("政治面貌|政治身份", r"[:：\s是为]{1,3}[㐀-鿿]{2,8}", "political")
    yield words_alone(
        (
            "registered democrat|registered republican|democrat|republican|libertarian|"
            "communist party member|party member|conservative party|labour party|union "
            "member|trade union member|political activist|voted for"
        ),
        "political",
    )
    yield words_alone(
        "同性恋者|同性恋|双性恋者|双性恋|异性恋|泛性恋|跨性别者|跨性别|变性人|出柜|"
        "男同性恋|女同性恋|男同|女同|拉拉|性少数|无性恋|性取向|形婚",
        "sexual_orientation",
    )
    yield words_alone(
        (
            "gay|lesbian|bisexual|homosexual|heterosexual|transgender|queer|lgbt|lgbtq|"
            "lgbtq+|lgbtqia|pansexual|asexual|came out as gay"
        ),
        "sexual_orientation",
    )


def _origin(words: dict[str, tuple[str, ...]]) -> Iterator[Cue]:
    peoples = "|".join(sorted(words.get("ethnic", ()), key=len, reverse=True))
    short = "汉|满|回|藏|壮|苗|彝|维吾尔|蒙古|土家|朝鲜|哈萨克"
    yield after("民族", rf"[:：\s是为]{{1,3}}(?:{peoples}|(?:{short})(?![㐀-鿿]))", "ethnicity")
    yield words_alone(peoples, "ethnicity")
    yield after(
        "ethnicity|race",
        (
            r"[:\s]{1,2}(?:is )?(?:asian|hispanic|latino|latina|black|white|caucasian|"
            r"african american|african-american|native american|han|han chinese|pacific "
            r"islander)(?![a-z])"
        ),
        "ethnicity",
    )
    yield words_alone(
        (
            "african american|african-american|hispanic|latino|latina|caucasian|native "
            "american|asian american"
        ),
        "ethnicity",
    )
    yield after(
        "他是|她是|本人是|患者为|患者是|被访者为|系", r"(?:一名|一位|个)?(男性|女性)", "gender"
    )
    yield after("性别", r"[:：\s是为]{0,3}(?:男性|女性|男|女|未知)(?![女男比])", "gender")
    yield after(
        "gender|sex",
        (
            r"\s?[:：]\s?(?:male|female|man|woman|non-binary|nonbinary|transgender|m|"
            r"f)(?![a-z])"
        ),
        "gender",
    )
    yield after(
        "gender is|sex is|identifies as",
        r" (?:a )?(?:male|female|non-binary|man|woman)(?![a-z])",
        "gender",
    )


def _money() -> Iterator[Cue]:
    pay = (
        "月薪|年薪|时薪|日薪|底薪|工资|薪资|薪水|薪酬|月收入|年收入|税前收入|税后收入|"
        "奖金|年终奖|公积金|退休金|养老金"
    )
    yield after(pay, rf"{_COLON}(?:约|大约|近|达|高达|共)?{_MONEY_ZH}", "salary")
    yield after(
        "房贷|车贷|贷款|借款|负债|欠款|欠债|存款|余额|账户余额|资产|净资产|信用卡欠款|"
        "月供|花呗|网贷|理财",
        rf"(?:余额|金额|总额|本金|共计|额度|总计)?{_COLON}(?:约|大约|近|达|高达|共|尚余|"
        rf"还有)?{_MONEY_ZH}(?<=[万元亿块千kw\d])",
        "financial",
    )
    yield after(
        "信用评分|征信评分|芝麻信用分|芝麻分|信用分|征信分", rf"{_COLON}\d{{3,4}}分?", "financial"
    )
    yield words_alone(
        (
            "征信不良|不良征信|信用破产|申请破产|信用不良|失信被执行人|逾期记录|个人破产|"
            "征信逾期|黑户"
        ),
        "financial",
    )
    yield after(
        "salary|annual salary|income|annual income|wage|wages|bonus|earns|earning|"
        "makes|paid|net worth|mortgage|loan|debt|owes|balance|savings",
        rf"[:\s]{{0,2}}(?:is |was |of |balance |about |around |over )?({_MONEY_EN})",
        "financial",
    )
    yield after(
        "credit score|fico score|credit rating",
        r"[:\s]{1,2}(?:is |of |was )?\d{3}(?!\d)",
        "financial",
    )
    yield words_alone(
        "filed for bankruptcy|filed bankruptcy|bankruptcy|foreclosure|defaulted on", "financial"
    )


def _body_and_record() -> Iterator[Cue]:
    yield after(
        "人脸|面部|dna|基因|指纹|虹膜|声纹|掌纹|指静脉|掌静脉|步态|视网膜|耳廓|刷脸",
        "(?:图像|信息)?(?:识别|录入|采集|验证|比对|特征|信息|数据|认证|打卡|解锁|模板|"
        "登记|扫描|支付|样本|考勤|核验)",
        "biometric",
    )
    yield after(
        "fingerprint|fingerprints|dna|voice|face|facial|iris|retina|retinal|voiceprint|"
        "palm|palm print|biometric|gait",
        r" (?:(?:was|were|is|are) )?(?:collected|scan|scanned|scanning|recognition|"
        r"recorded|enrolled|enrollment|template|data|verified|verification|"
        r"captured|sample|authentication|pattern|identification|unlock|id)(?![a-z])",
        "biometric",
    )
    yield words_alone(
        "有前科|前科|犯罪记录|犯罪前科|案底|有案底|刑满释放|服刑|服过刑|坐过牢|坐牢|"
        "入狱|被判刑|判刑|判处有期徒刑|缓刑|取保候审|假释|吸毒史|"
        "犯过罪|服刑人员|社区矫正|被拘留|行政拘留|刑事拘留|被逮捕|劳教",
        "criminal_record",
    )
    yield before("罪", rf"(?:犯有?|因|涉嫌)[{_HAN}]{{1,6}}?", "criminal_record", reach=9)
    yield after(
        "被判处|判处|判了",
        r"(?:有期徒刑|无期徒刑|死刑|拘役)?[一二三四五六七八九十\d]{1,3}年(?:有期徒刑)?",
        "criminal_record",
    )
    yield words_alone(
        "criminal record|criminal history|felony conviction|felony|prior conviction|"
        "prior arrest|arrest record|on parole|on probation|ex-convict|served time|"
        "served prison time|misdemeanor|incarcerated",
        "criminal_record",
    )
    yield after(
        "convicted of|arrested for|charged with|sentenced to|convicted for",
        r" [a-z]+(?: (?:driving|assault|theft|fraud|years?|months?|possession))?",
        "criminal_record",
    )


def words_alone(words: str, kind: str) -> Cue:
    """Words that are the span themselves."""

    def rule(_: str, begin: int, end: int) -> Iterable[tuple[int, int, str]]:
        yield begin, end, kind

    return Cue(tuple(dict.fromkeys(words.split("|"))), rule)
