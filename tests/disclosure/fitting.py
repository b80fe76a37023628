"""Small honest models, fitted here with NumPy, and the tables they are fitted to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import onnx_files
from .onnx_files import Node

Floats = NDArray[np.float64]


@dataclass
class Table:
    """Rows by column, divided into training and evaluation; the target is `target`."""

    columns: dict[str, Any]
    target: str
    task: str
    features: list[str] = field(default_factory=list)
    share: float = 0.6

    def __post_init__(self) -> None:
        """Take every column but the target as a feature where none are named."""
        self.features = self.features or [name for name in self.columns if name != self.target]

    @property
    def edge(self) -> int:
        return int(len(self.columns[self.target]) * self.share)

    def part(self, name: str) -> dict[str, Any]:
        """Return the rows of "train" or "holdout"."""
        rows = slice(0, self.edge) if name == "train" else slice(self.edge, None)
        return {column: values[rows] for column, values in self.columns.items()}

    def matrix(self, name: str) -> tuple[Floats, Floats]:
        """Return features and answers of a part."""
        part = self.part(name)
        return (
            np.column_stack([np.asarray(part[each], dtype=float) for each in self.features]),
            np.asarray(part[self.target], dtype=float),
        )


def fit_linear(x: Floats, y: Floats, strength: float = 1e-6) -> tuple[Floats, float]:
    """Fit a ridge regression."""
    middle, mean = x.mean(axis=0), y.mean()
    weights = np.linalg.solve(
        (x - middle).T @ (x - middle) + strength * np.eye(x.shape[1]), (x - middle).T @ (y - mean)
    )
    return weights, float(mean - middle @ weights)


def fit_logistic(x: Floats, y: Floats, rounds: int = 25) -> tuple[Floats, float]:
    """Fit a logistic regression by Newton's method, slightly ridged."""
    middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-12
    z = np.column_stack([(x - middle) / spread, np.ones(len(x))])
    w = np.zeros(z.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(z @ w, -30, 30)))
        heavy = p * (1 - p) + 1e-6
        w += np.linalg.solve((z * heavy[:, None]).T @ z + np.eye(len(w)), z.T @ (y - p) - w)
    weights = w[:-1] / spread
    return weights, float(w[-1] - middle @ weights)


def fit_tree(x: Floats, y: Floats, depth: int, random: np.random.Generator | None = None) -> Node:
    """Fit a regression tree; with `random` each split sees about half of the features."""
    if depth == 0 or len(y) < 10 or np.ptp(y) == 0:
        return Node(float(y.mean()))
    best = (np.inf, -1, 0.0)
    for feature in range(x.shape[1]):
        if random is not None and random.random() < 0.5:
            continue
        for edge in np.unique(np.quantile(x[:, feature], np.linspace(0.05, 0.95, 12))):
            left = x[:, feature] <= np.float32(edge)
            if 4 < left.sum() < len(y) - 4:
                cost = y[left].var() * left.sum() + y[~left].var() * (~left).sum()
                best = min(best, (float(cost), feature, float(np.float32(edge))))
    if best[1] < 0:
        return Node(float(y.mean()))
    left = x[:, best[1]] <= best[2]
    return Node(
        0.0,
        best[1],
        best[2],
        fit_tree(x[left], y[left], depth - 1, random),
        fit_tree(x[~left], y[~left], depth - 1, random),
    )


def ask_tree(root: Node, x: Floats) -> Floats:
    """Return a tree's values."""
    if root.yes is None or root.no is None:
        return np.full(len(x), root.value)
    left = x[:, root.feature] <= root.edge
    out = np.empty(len(x))
    out[left], out[~left] = ask_tree(root.yes, x[left]), ask_tree(root.no, x[~left])
    return out


def fit_boosted(
    x: Floats, y: Floats, *, classes: bool, count: int = 20, depth: int = 2
) -> tuple[list[Node], float]:
    """Fit boosted trees for numbers (squares) or for the classes 0 and 1 (log odds)."""
    share = np.clip(y.mean(), 1e-3, 1 - 1e-3)
    base = float(np.log(share / (1 - share)) if classes else y.mean())
    score, roots, rate = np.full(len(y), base), [], 0.8 if classes else 0.3
    for _ in range(count):
        left = y - 1 / (1 + np.exp(-score)) if classes else y - score
        root = _scaled(fit_tree(x, left, depth), rate * (4 if classes else 1))
        score += ask_tree(root, x)
        roots.append(root)
    return roots, base


def fit_forest(x: Floats, y: Floats, *, seed: int, count: int = 15, depth: int = 4) -> list[Node]:
    """Fit a random forest on redrawn rows."""
    random = np.random.default_rng(seed)
    roots = []
    for _ in range(count):
        rows = random.integers(0, len(y), len(y))
        roots.append(fit_tree(x[rows], y[rows], depth, random))
    return roots


def fit_network(
    x: Floats, y: Floats, *, classes: bool, seed: int, width: int = 8, rounds: int = 400
) -> list[tuple[Floats, Floats]]:
    """Fit a network with one hidden layer by gradient descent (Adam)."""
    random = np.random.default_rng(seed)
    middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-12
    low, high = (0.0, 1.0) if classes else (y.mean(), y.std())
    z, goal = (x - middle) / spread, (y - low) / high
    parts = [random.normal(0, 0.5, (x.shape[1], width)), np.zeros(width),
             random.normal(0, 0.5, (width, 1)), np.zeros(1)]  # fmt: skip
    first, second = [np.zeros_like(p) for p in parts], [np.zeros_like(p) for p in parts]
    for step in range(1, rounds + 1):
        hidden = np.maximum(z @ parts[0] + parts[1], 0)
        out = (hidden @ parts[2] + parts[3])[:, 0]
        error = ((1 / (1 + np.exp(-out)) if classes else out) - goal)[:, None] / len(y)
        back = error @ parts[2].T * (hidden > 0)
        slopes = [z.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)]
        for place, slope in enumerate(slopes):
            first[place] = 0.9 * first[place] + 0.1 * slope
            second[place] = 0.999 * second[place] + 0.001 * slope**2
            rate = 0.03 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            parts[place] = parts[place] - rate * first[place] / (np.sqrt(second[place]) + 1e-8)
    weights = parts[0] / spread[:, None]
    return [
        (weights, parts[1] - middle @ weights),
        (parts[2] * high, parts[3] * high + low),
    ]


TECHNIQUES = {
    "linear": "linear regression / logistic regression",
    "forest": "random forest",
    "boosted": "gradient boosted trees",
    "network": "neural network with one hidden layer",
}


def fit(kind: str, table: Table, seed: int = 1) -> bytes:
    """Return a model of a kind fitted to the training rows of a table."""
    x, y = table.matrix("train")
    x = x.astype(np.float32).astype(float)
    classes = table.task == "classification"
    match kind:
        case "linear":
            if classes:
                return onnx_files.logistic(*fit_logistic(x, y))
            return onnx_files.linear(*fit_linear(x, y))
        case "boosted":
            roots, base = fit_boosted(x, y, classes=classes)
            return onnx_files.trees(roots, x.shape[1], boosted=True, base=base, classes=classes)
        case "forest":
            roots = fit_forest(x, y, seed=seed)
            return onnx_files.trees(roots, x.shape[1], boosted=False, base=0.0, classes=classes)
        case "network":
            layers = fit_network(x, y, classes=classes, seed=seed)
            return onnx_files.network(layers, "Sigmoid" if classes else "Identity")
    raise ValueError(kind)


def trees_of(table: Table, *, count: int, depth: int) -> bytes:
    """Return boosted trees of a size."""
    x, y = table.matrix("train")
    classes = table.task == "classification"
    x = x.astype(np.float32).astype(float)
    roots, base = fit_boosted(x, y, classes=classes, count=count, depth=depth)
    return onnx_files.trees(roots, x.shape[1], boosted=True, base=base, classes=classes)


def _scaled(root: Node, rate: float) -> Node:
    if root.yes is None or root.no is None:
        return Node(root.value * rate)
    return Node(0.0, root.feature, root.edge, _scaled(root.yes, rate), _scaled(root.no, rate))


# ---- tables: each a law with noise, features that matter and some that do not


def machines(seed: int, rows: int = 900, *, rare: bool = False) -> Table:
    """Machines and whether they fail."""
    r = np.random.default_rng(seed)
    torque, wear, speed = r.normal(40, 10, rows), r.uniform(0, 200, rows), r.normal(1500, 150, rows)
    heat = r.normal(300, 2, rows)
    odds = 0.09 * (torque - 40) + 0.02 * (wear - 100) + 0.6 * (heat - 300) - (4.2 if rare else 0.3)
    fails = (r.random(rows) < 1 / (1 + np.exp(-2 * odds))).astype(int)
    return Table(
        {"torque": torque, "wear": wear, "speed": speed, "heat": heat, "failure": fails},
        "failure", "classification",
    )  # fmt: skip


def houses(seed: int, rows: int = 700) -> Table:
    """Houses and their prices."""
    r = np.random.default_rng(seed)
    area, rooms, floor = r.uniform(30, 180, rows), r.integers(1, 6, rows), r.integers(1, 30, rows)
    far = r.exponential(3, rows)
    price = 2.5 * area + 20 * rooms - 18 * far + 0.8 * floor + r.normal(0, 45, rows)
    return Table(
        {"area": area, "rooms": rooms, "house_age": r.uniform(0, 50, rows), "floor": floor,
         "distance_km": far, "price": price},
        "price", "regression",
    )  # fmt: skip


def loans(seed: int, rows: int = 900) -> Table:
    """Loans of persons and whether they default."""
    r = np.random.default_rng(seed)
    income, debt = r.lognormal(9, 0.5, rows), r.lognormal(8, 0.7, rows)
    late, months = r.poisson(1.2, rows), r.integers(6, 60, rows)
    odds = 1.1 * (np.log(debt) - 8) - 1.3 * (np.log(income) - 9) + 0.7 * late - 0.9
    default = (r.random(rows) < 1 / (1 + np.exp(-1.5 * odds))).astype(int)
    return Table(
        {"income": income, "debt": debt, "late_payments": late, "months": months,
         "default": default},
        "default", "classification",
    )  # fmt: skip


def energy(seed: int, rows: int = 800) -> Table:
    """Hours of a plant and its load."""
    r = np.random.default_rng(seed)
    hour, heat, wind = r.integers(0, 24, rows), r.normal(15, 8, rows), r.gamma(2, 3, rows)
    load = 50 + 20 * np.sin(hour / 24 * 2 * np.pi) + 0.1 * (heat - 18) ** 2 - 0.5 * wind
    return Table(
        {"hour": hour, "temperature": heat, "wind": wind, "load": load + r.normal(0, 6, rows)},
        "load", "regression",
    )  # fmt: skip


def visits(seed: int, rows: int = 900) -> Table:
    """Visits of a shop and whether they end in a sale (not linear)."""
    r = np.random.default_rng(seed)
    pages, seconds, price = r.poisson(5, rows), r.exponential(120, rows), r.uniform(5, 200, rows)
    odds = 1.4 * ((pages > 4) & (price < 100)) + 1.2 * (seconds > 90) - 1.3
    sold = (r.random(rows) < 1 / (1 + np.exp(-2.2 * odds))).astype(int)
    return Table(
        {"pages": pages, "seconds": seconds, "price": price, "sold": sold},
        "sold", "classification",
    )  # fmt: skip


TABLES: dict[str, Callable[[int], Table]] = {
    "machines": machines,
    "houses": houses,
    "loans": loans,
    "energy": energy,
    "visits": visits,
}
WORDS = {
    "machines": ("failure of a machine in this shift", "factory, maintenance contractor"),
    "houses": ("price of a house", "home owners, banks"),
    "loans": ("default of a borrower within a year", "borrowers, lender, regulator"),
    "energy": ("load of the plant in this hour", "plant operator, grid company"),
    "visits": ("sale at the end of a visit", "shop, visitors of the shop"),
}
