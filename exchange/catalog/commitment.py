"""The legal commitment (法律承诺书) a provider accepts for one version of its description."""

import hashlib
from typing import Final

COMMITMENT: Final = {
    "zh-hans": (
        "本单位承诺：所提交的数据产品说明书、数据来源与权属声明真实、准确、完整；数据取得合法，"
        "本单位有权以所述方式对外提供；数据不含国家核心数据，不含依法禁止交易的内容；价格由本单位"
        "自主确定，不存在价格欺诈；交易所可以审查、抽检，监管部门可以监督。如有不实，本单位依法"
        "承担责任。"
    ),
    "en": (
        "We commit that the product manual and the statement of source and rights are true, "
        "accurate and complete; that the data was obtained lawfully and that we may provide it as "
        "described; that it contains no core data and nothing whose trade the law forbids; that we "
        "set the price ourselves and deceive nobody by it; and that the exchange may examine and "
        "the regulator supervise it. We answer under the law for what is not so."
    ),
}
"""Both wordings count; where they differ, the Chinese one decides."""

COMMITMENT_SHA256: Final = hashlib.sha256(
    (COMMITMENT["zh-hans"] + "\n" + COMMITMENT["en"] + "\n").encode()
).hexdigest()
