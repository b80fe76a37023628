"""How far the reading and the running of one algorithm may go."""

from dataclasses import dataclass

from confined.bounds import GIB, MIB, Bounds


@dataclass(frozen=True, kw_only=True)
class RunLimits(Bounds):
    """Bounds of one algorithm; every one of them ends in a refusal that names it."""

    seconds: int = 600
    memory: int = 3 * GIB
    model: int = 512 * MIB  # bytes of the model's file
    nodes: int = 50_000  # of the graph, inner graphs included
    depth: int = 8  # of graphs within graphs
    rows: int = 50_000_000
    columns: int = 5_000
    width: int = 65_536  # numbers in one cell
    texts: int = 200_000  # different texts in one column
    classes: int = 10_000
    batch: int = 16_384  # rows given to the model at one time
    cells: int = 4 * MIB  # numbers given to the model at one time
    threads: int = 2
