"""Whether people are in the data: attributes the law guards, proxies for them, and who is named."""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from audit.disclosure.evaluation.frames import MATRIX, OTHER
from audit.disclosure.evaluation.results import Finding, Sureness

from .evidence import Evidence, against, notice, numbers_at, sample_of
from .leakage import strength_of_classes, strength_of_numbers

SENSITIVE: Final = (
    "sex", "gender", "race", "ethnicity", "ethnic", "ethnic_group", "nationality", "religion",
    "disability", "disabled", "marital_status", "married", "marital", "pregnant", "pregnancy",
    "sexual_orientation", "political_view", "party_member", "caste", "hiv", "age", "birth_date",
    "birthday", "date_of_birth", "dob", "性别", "民族", "种族", "国籍", "宗教", "宗教信仰", "残疾",
    "婚姻", "婚姻状况", "孕", "年龄", "出生日期", "政治面貌", "籍贯",
)  # fmt: skip
PERSONAL: Final = (
    "name", "full_name", "first_name", "last_name", "surname", "patient", "patient_id",
    "person_id", "customer_id", "user_id", "employee_id", "student_id", "citizen_id", "id_card",
    "ssn", "passport", "phone", "mobile", "email", "home_address", "salary", "income",
    "annual_income", "wage", "bmi", "blood_pressure", "heart_rate", "cholesterol", "education",
    "occupation", "job", "employment", "household_size", "children", "dependents", "credit_score",
    "姓名", "身份证", "身份证号", "手机号", "电话", "邮箱", "住址", "收入", "工资", "学历", "职业",
    "患者", "病人", "客户编号", "用户编号", "员工编号", "学号",
)  # fmt: skip
OWNERS: Final = (
    "customer", "patient", "person", "applicant", "user", "employee", "client", "borrower",
    "student", "driver", "subject", "insured", "tenant", "worker", "passenger",
)  # fmt: skip
TARGETS: Final = (
    r"\bborrower|\bpatient|\bapplicant|\bemployee|\bstudent|\bperson|\bcustomer|\bdefault within"
    r"|\bconsumer|\bpassenger|\bhousehold|\bchild|\bcitizen|\bworker|\bdriver"
    r"|借款人|患者|病人|申请人|员工|学生|个人|客户|消费者|乘客|居民|儿童|公民|司机"
)
PEOPLE: Final = (
    r"patient|people|person|consumer|customer|citizen|resident|individual|borrower|applicant"
    r"|employee|worker|staff|student|child|parent|user|passenger|driver|tenant|owner|household"
    r"|subscriber|candidate|job.?seeker|women|men\b|public|data subject|insured|policy.?holder"
    r"|clients?\b|guest|visitor|voter|member|famil|taxpayer|learner|pupil|teacher"
    r"|clinician|doctor|nurse|human|participant"
    r"|患者|病人|个人|消费者|客户|公民|居民|借款人|申请人|员工|职工|学生|儿童|家长|用户|乘客|司机|租户"
    r"|业主|家庭|求职者|公众|信息主体|被保险人|投保人|会员|纳税人|教师|医生|护士|参与者|劳动者"
)
PROXY = 0.95
GROUPS = 20


def check_persons(evidence: Evidence) -> Iterator[Finding]:
    """Find guarded attributes used or stood in for, and people whom the card does not name."""
    used = [name for name in evidence.features if is_sensitive(name)]
    says, denies = (
        evidence.card.says("sensitive_attributes"),
        evidence.card.denies("sensitive_attributes"),
    )
    words = evidence.card.words("sensitive_attributes")
    unsaid = [
        name
        for name in used
        if name.lower().replace("_", " ") not in words
        and name.lower() not in words
        and last_word(name) not in words
    ]
    if unsaid and says:
        sureness = Sureness.CERTAIN if denies else Sureness.LIKELY
        yield against("sensitive-used", sureness, names=", ".join(unsaid)[:200])
    elif unsaid:
        yield notice("sensitive-unmentioned", names=", ".join(unsaid)[:200])
    yield from _check_proxies(evidence, denies=denies)
    yield from _check_stakeholders(evidence, used)


def is_sensitive(name: str) -> bool:
    """Tell whether a column's name is that of an attribute the law guards."""
    return _is_among(name, SENSITIVE)


def sensitive_columns(evidence: Evidence) -> list[str]:
    """Return the guarded attributes among all columns of the rows, and the card's own groups."""
    known = [
        column.name
        for column in evidence.holdout.columns
        if column.kind not in (MATRIX, OTHER) and column.name != evidence.card.target
    ]
    return [name for name in known if name in evidence.card.groups or is_sensitive(name)]


def last_word(name: str) -> str:
    """Return the last word of a column's name."""
    return re.split(r"[_\s.-]", name.lower())[-1]


def _is_among(name: str, words: tuple[str, ...]) -> bool:
    plain = re.sub(r"[\s.-]+", "_", name.strip().lower())
    owner, _mark, rest = plain.partition("_")
    return plain in words or (owner in OWNERS and rest in words)


def _check_proxies(evidence: Evidence, *, denies: bool) -> Iterator[Finding]:
    """Find features from which a guarded attribute that is not itself used can be read off."""
    places = sample_of(evidence.holdout)
    hidden = [name for name in sensitive_columns(evidence) if name not in evidence.features]
    for guarded in hidden:
        values = numbers_at(evidence.holdout, guarded, places)
        filled = np.isfinite(values)
        different = np.unique(values[filled]).size
        if different < 2 or filled.sum() < 60:  # noqa: PLR2004  nothing to be told apart
            continue
        for name in evidence.plain_features:
            feature = numbers_at(evidence.holdout, name, places)[filled]
            measure = strength_of_classes if different <= GROUPS else strength_of_numbers
            strength = measure(feature, values[filled])
            if strength >= PROXY:
                seen: dict[str, str | float] = {"name": name, "guarded": guarded}
                seen["strength"] = round(strength, 4)
                tell_of = against if denies else notice
                yield tell_of("proxy", Sureness.LIKELY, **seen)


def _check_stakeholders(evidence: Evidence, used: list[str]) -> Iterator[Finding]:
    """Find people in the data where the card names none among those concerned."""
    if re.search(PEOPLE, evidence.card.words("stakeholders")):
        return
    columns = [column.name for column in evidence.holdout.columns]
    seen = [name for name in columns if _is_among(name, PERSONAL) or is_sensitive(name)]
    spoken = re.search(TARGETS, evidence.card.words("prediction_target"))
    if len(seen) > 1 or (seen and spoken) or used:
        yield against("people-not-named", Sureness.LIKELY, names=", ".join(seen or used)[:200])
    elif spoken:
        yield against("people-not-named", Sureness.LIKELY, names=spoken[0])
    elif seen:
        yield notice("people-perhaps", Sureness.POSSIBLE, names=", ".join(seen)[:200])
