"""Which technique a graph uses, by its operators, and which a text speaks of, by its words."""

import re
from typing import Final

from .graph import ModelFacts

TREES, LINEAR, VECTORS, NEURAL, NEAREST, RULES = (
    "trees", "linear", "support_vectors", "neural", "nearest", "rules",
)  # fmt: skip
DENSE: Final = ("Gemm", "MatMul", "FusedMatMul")
LAYERS: Final = (
    "Conv", "ConvTranspose", "LSTM", "GRU", "RNN", "Attention", "LayerNormalization",
    "BatchNormalization", "MultiHeadAttention",
)  # fmt: skip
ACTIVATIONS: Final = (
    "Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "Gelu", "Tanh", "Softplus", "Softsign",
    "HardSigmoid", "HardSwish", "Mish", "Erf", "ThresholdedRelu", "Swish",
)  # fmt: skip
COMPARISONS: Final = ("Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal", "Where")
SCALERS: Final = ("Scaler", "Normalizer", "Imputer", "OneHotEncoder", "LabelEncoder")
DISTANCES: Final = ("ReduceSumSquare", "ReduceL2", "CDist")
WORDS: Final = {
    TREES: r"forest|boost|xgb|lightgbm|catboost|\bgbdt\b|\bgbm\b|decision[ -]tree|extra[ -]?trees"
    r"|\btrees?\b|随机森林|梯度提升|决策树|提升树|树模型",
    LINEAR: r"linear (?:regression|model|classifier|discriminant|probability)|logistic|\bridge\b"
    r"|\blasso\b|elastic[ -]?net|least squares|\bglm\b|\bols\b"
    r"|线性|逻辑回归|逻辑斯|岭回归|套索|最小二乘",
    VECTORS: r"support[ -]vector|\bsvm\b|\bsvr\b|\bsvc\b|支持向量",
    NEURAL: r"neural|\bmlp\b|perceptron|deep[ -]learning|\bcnn\b|\blstm\b|\bgru\b|transformer"
    r"|convolution|\brnn\b|resnet|\bbert\b|神经网络|深度学习|卷积|感知机|循环网络",
    NEAREST: r"nearest[ -]neighbo|\bk-?nn\b|近邻",
    RULES: r"rule[ -]based|\brules?\b|look-?up|threshold rule|规则|查表",
}
FOREST: Final = r"random forest|extra[ -]?trees|\bbagg|随机森林"
BOOSTED: Final = r"boost|xgb|lightgbm|catboost|\bgbdt\b|\bgbm\b|提升"
COUNT: Final = (
    r"(\d{1,6})\s*(?:decision |regression |boosted |classification )?"
    r"(?:trees|estimators|棵|[x×]\s*depth)"
)
DEPTH: Final = r"(?:max(?:imum)?[ _-])?(?:depth|深度)\s*(?:of|at most|≤|=|:|为)?\s*(\d{1,3})"


def techniques_of(facts: ModelFacts) -> tuple[str, ...]:
    """Return the techniques that a graph's operators amount to; empty where they tell nothing."""
    has = facts.operators
    found = []
    if any(name.startswith("TreeEnsemble") for name in has):
        found.append(TREES)
    if has["SVMClassifier"] or has["SVMRegressor"]:
        found.append(VECTORS)
    dense = sum(has[name] for name in DENSE)
    bent = any(has[name] for name in ACTIVATIONS) or (has["Sigmoid"] and dense > 1)
    is_near = has["TopK"] and (
        any(has[name] for name in DISTANCES) or (has["ReduceSum"] and (has["Mul"] or has["Pow"]))
    )
    if is_near or (has["TopK"] and dense and not bent):
        found.append(NEAREST)
    elif any(has[name] for name in LAYERS) or (dense > 1 and bent):
        found.append(NEURAL)
    elif dense or has["LinearClassifier"] or has["LinearRegressor"]:
        found.append(LINEAR)
    if not found and any(has[name] for name in COMPARISONS):
        found.append(RULES)
    return tuple(found)


def techniques_named(text: str) -> tuple[str, ...]:
    """Return the techniques that a text in small letters speaks of."""
    return tuple(name for name, words in WORDS.items() if re.search(words, text))


def style_named(text: str) -> str:
    """Return "forest" or "boosting" where a text speaks of one of them only."""
    forest, boosted = re.search(FOREST, text), re.search(BOOSTED, text)
    if bool(forest) == bool(boosted):
        return ""
    return "forest" if forest else "boosting"


def trees_named(text: str) -> tuple[int | None, int | None]:
    """Return the number of trees and their depth where a text gives them."""
    count, depth = re.search(COUNT, text), re.search(DEPTH, text)
    return (int(count[1]) if count else None, int(depth[1]) if depth else None)


def is_scaled(facts: ModelFacts) -> bool:
    """Tell whether a graph prepares its inputs by an operator made for it."""
    return any(facts.operators[name] for name in SCALERS)
