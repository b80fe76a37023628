"""The fields of a disclosure: the union of what the known registers ask for.

Sources: P the exchange's own four; CN 《互联网信息服务算法推荐管理规定》 and its form; EU4, EU8
the AI Act's Annexes IV and VIII; UK the Algorithmic Transparency Recording Standard; NYC Local Law
144; HF and GMC model cards; NL the Dutch algorithm reporting standard; OWN this exchange.
"""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .facts import FACTS
from .field import LONG, SHORT, Audience, Field, describe

__all__ = [
    "BY_CODE",
    "FACTS",
    "FIELDS",
    "FOUR",
    "GROUPS",
    "REQUIRED",
    "RESTRICTED",
    "Audience",
    "Field",
]

GROUPS: Final[dict[str, str | Promise]] = {
    "identity": _("What it is and whose"),
    "function": _("What it does and for whom"),
    "making": _("How it was made"),
    "operation": _("How it is run and watched"),
    "recourse": _("Limits, risks and recourse"),
}
BUYER: Final = Audience.BUYER
REGULATOR: Final = Audience.REGULATOR

FIELDS: Final[tuple[Field, ...]] = (
    describe(
        "name",
        _("Name"),
        "identity",
        "CN EU4 EU8 UK HF GMC NL",
        _("What the algorithm is called where it is sold and used, without praise."),
        required=True,
        most=SHORT,
    ),
    describe(
        "provider",
        _("Provider and contact"),
        "identity",
        "CN EU4 EU8 UK HF GMC NL",
        _("Who offers it and how that office is reached: telephone, mailbox, hours."),
    ),
    describe(
        "responsible",
        _("Responsible person by office"),
        "identity",
        "CN UK NL",
        _("Who answers for it inside the organization, by office; a name is not needed."),
        audience=REGULATOR,
        most=SHORT,
    ),
    describe(
        "suppliers",
        _("External suppliers and terms of access"),
        "identity",
        "UK",
        _("Whose models, data or services it is built on, and what they may see or keep."),
        audience=BUYER,
    ),
    describe(
        "technique",
        _("Technique used"),
        "function",
        "P CN EU4 EU8 UK HF GMC NL",
        _(
            "The family of methods and how a result comes about: model, its size, what goes in, "
            "what is computed. “Artificial intelligence” or “big data” is not a technique."
        ),
        required=True,
        most=LONG,
    ),
    describe(
        "prediction_target",
        _("Prediction target"),
        "function",
        "P CN EU4 EU8 UK NYC HF GMC NL",
        _("What exactly is predicted or decided, of whom or what, over which time, in which unit."),
        required=True,
        most=LONG,
    ),
    describe(
        "stakeholders",
        _("Stakeholders"),
        "function",
        "P CN EU4 UK NYC HF GMC NL",
        _(
            "Everybody it touches and how: who uses it, who is assessed, who gains, who bears a "
            "wrong result. Name those who never chose it as well."
        ),
        required=True,
        most=LONG,
    ),
    describe(
        "domain",
        _("Domain and scenario of use"),
        "function",
        "CN EU4 EU8 UK HF GMC NL",
        _("The industry and the step of work it is meant for, and what it is not meant for."),
    ),
    describe(
        "lawful_basis",
        _("Lawful basis"),
        "function",
        "CN EU4 EU8 UK NL",
        _("The article, contract or consent that allows it, with number."),
    ),
    describe(
        "interaction",
        _("Interaction with other systems"),
        "function",
        "EU4 UK NL",
        _("What it reads from and writes to, and what happens when they fail."),
        audience=BUYER,
    ),
    describe(
        "forms",
        _("Software, hardware and form of service"),
        "function",
        "CN EU4 EU8 HF NL",
        _("As what it is handed over (file, interface, page), in which version, on what it runs."),
        audience=BUYER,
    ),
    describe(
        "instructions",
        _("Instructions for use"),
        "function",
        "EU4 EU8 UK HF NL",
        _("What a user has to know to use it rightly: inputs, units, how to read the result."),
        audience=BUYER,
        most=LONG,
    ),
    describe(
        "development",
        _("Steps of development"),
        "making",
        "CN EU4 UK HF GMC NL",
        _("How it was built, step by step, and which parts were trained by others before."),
    ),
    describe(
        "design",
        _("Design choices and trade-offs"),
        "making",
        "CN EU4 UK HF NL",
        _("What it was made to be good at, what was given up for it, what was considered instead."),
    ),
    describe(
        "training_data",
        _("Training data"),
        "making",
        "CN EU4 EU8 UK NYC HF GMC NL",
        _("Source, rights, size, years, how selected and cleaned; “none” if there is none."),
        most=LONG,
    ),
    describe(
        "sensitive_attributes",
        _("Sensitive attributes used"),
        "making",
        "CN EU4 UK NYC HF GMC NL",
        _("Which sensitive attributes it reads, or what stands in for them; why they are needed."),
    ),
    describe(
        "validation",
        _("Validation and testing"),
        "making",
        "CN EU4 UK NYC HF GMC NL",
        _("On which data it was tested that it had not seen, by whom, when, with what result."),
        most=LONG,
    ),
    describe(
        "standards",
        _("Standards applied"),
        "making",
        "CN EU4 NL",
        _("Standards by number, and how far they were followed."),
    ),
    describe(
        "operational_data",
        _("Data in operation and its retention"),
        "operation",
        "CN EU8 UK NYC NL",
        _("What is kept of each use, for how long, and who can read it."),
    ),
    describe(
        "human_oversight",
        _("Human oversight"),
        "operation",
        "CN EU4 UK NL",
        _("Who can look at, change or stop a result, before or after it takes effect."),
    ),
    describe(
        "security",
        _("Security measures"),
        "operation",
        "CN EU4 UK NL",
        _("How model, data and results are kept from being altered, copied or misled."),
        audience=REGULATOR,
    ),
    describe(
        "monitoring",
        _("Monitoring in operation"),
        "operation",
        "CN EU4 UK NL",
        _("What is watched after it is in use, how often, and from which value on one acts."),
    ),
    describe(
        "changes",
        _("Changes since the last version"),
        "operation",
        "CN EU4 UK HF NL",
        _("What is different from the version before, and why; “first version” if there is none."),
    ),
    describe(
        "planned_changes",
        _("Changes determined in advance"),
        "operation",
        "EU4",
        _("What changes by plan without a new filing, such as yearly retraining, and how far."),
    ),
    describe(
        "auditor",
        _("Auditor, independence and scope"),
        "operation",
        "CN EU4 NYC NL",
        _("Who examined it, on what, when, with which ties to you; “nobody yet” is an answer."),
    ),
    describe(
        "filing",
        _("Filing or certificate number"),
        "operation",
        "CN EU4 EU8 UK NL",
        _("Numbers it has elsewhere, such as the filing with the cyberspace administration."),
        most=SHORT,
    ),
    describe(
        "jurisdictions",
        _("Where it is in use"),
        "operation",
        "CN EU8 UK NL",
        _("Regions and countries where its results take effect."),
    ),
    describe(
        "environment",
        _("Environmental cost"),
        "operation",
        "HF GMC",
        _("Energy and hardware of training and of use, as far as known, with unit."),
    ),
    describe(
        "performance_by_group",
        _("Performance by group"),
        "recourse",
        "EU4 UK NYC HF GMC NL",
        _("The accuracy for each group that could fare differently, with the number of cases."),
        most=LONG,
    ),
    describe(
        "unknown_category",
        _("Persons of unknown category"),
        "recourse",
        "NYC",
        _("How many cases could not be put into any group, and why."),
    ),
    describe(
        "limitations",
        _("Limitations and foreseeable misuse"),
        "recourse",
        "CN EU4 UK HF GMC NL",
        _("Where it is known to fail, and which uses you expect and do not want."),
        most=LONG,
    ),
    describe(
        "fairness",
        _("Measures against bias"),
        "recourse",
        "CN EU4 UK NYC HF GMC NL",
        _("What was done so that nobody fares worse for what must not count, and what it cost."),
    ),
    describe(
        "explanation",
        _("Explanation of results"),
        "recourse",
        "CN EU4 UK NYC GMC NL",
        _("Which inputs weigh most, and how a person concerned learns why a result came about."),
    ),
    describe(
        "risks",
        _("Risks and their mitigation"),
        "recourse",
        "CN EU4 UK HF GMC NL",
        _("What can go wrong, how badly, and what is done against it."),
    ),
    describe(
        "impact_assessment",
        _("Impact assessment"),
        "recourse",
        "CN EU4 EU8 UK NL",
        _("Which assessment was made of persons' rights, by whom, when, to what conclusion."),
        audience=REGULATOR,
    ),
    describe(
        "self_assessment",
        _("Report of the self-assessment"),
        "recourse",
        "CN",
        _("The main findings of your own assessment, its date and who signed it."),
        audience=REGULATOR,
        most=LONG,
    ),
    describe(
        "appeal",
        _("Appeal and time limit"),
        "recourse",
        "CN UK HF",
        _("Where a person concerned objects, and within how many days there is an answer."),
    ),
    describe(
        "opt_out",
        _("How to do without it"),
        "recourse",
        "CN NYC",
        _("How one gets the service without this algorithm, or has one's labels deleted."),
    ),
)

BY_CODE: Final = {field.code: field for field in FIELDS}
REQUIRED: Final = tuple(field.code for field in FIELDS if field.required)
RESTRICTED: Final = tuple(field.code for field in FIELDS if field.audience != Audience.PUBLIC)
FOUR: Final = ("technique", "prediction_target", "declared", "stakeholders")
