"""The mutants: made by mutmut, named by it, and which lines of the source each of them changes."""

import ast
import importlib
import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

PLACE = Path("mutants")
ROOT = Path("audit/log")
ORIGINAL = "orig"


def make() -> None:
    """Write the mutants of everything that pyproject.toml names into `mutants/`."""
    _look_under_decorators()
    mutmut = importlib.import_module("mutmut.__main__")
    mutmut.set_mutant_under_test("mutant_generation")
    PLACE.mkdir(exist_ok=True)
    for step in ("copy_src_dir", "copy_also_copy_files", "setup_source_paths"):
        getattr(mutmut, step)()
    mutmut.create_mutants(1)


def _look_under_decorators() -> None:
    """Have mutmut change decorated functions too, with the decorator around the switch.

    Left alone it skips them, and with `@transaction.atomic` much of what matters here.
    """
    files = importlib.import_module("mutmut.mutation.file_mutation")
    cst = importlib.import_module("libcst")
    skip, arrange = (
        files.MutationVisitor._skip_node_and_children,
        files.function_trampoline_arrangement,
    )

    def skip_less(visitor: Any, node: Any) -> bool:
        if isinstance(node, cst.FunctionDef) and node.decorators:
            node = node.with_changes(decorators=[])
        return bool(skip(visitor, node))

    def arrange_bare(function: Any, mutants: Any, class_name: str | None) -> Any:
        before, (switch, *copies), after, names = arrange(function, mutants, class_name)
        binding = [
            decorator
            for decorator in function.decorators
            if getattr(decorator.decorator, "value", "") in {"staticmethod", "classmethod"}
        ]
        bare = [copy.with_changes(decorators=binding) for copy in copies]
        return before, [switch, *bare], after, names

    files.MutationVisitor._skip_node_and_children = skip_less
    files.function_trampoline_arrangement = arrange_bare


def module_of(mutant: str) -> str:
    """Return `inspection.rows` of `audit.log.inspection.rows.x_check__mutmut_3`."""
    return mutant.rpartition(".")[0].removeprefix("audit.log.")


def function_of(mutant: str) -> str:
    """Return the mutant's name without its number."""
    return mutant.rpartition("__mutmut_")[0]


def names_of(modules: Sequence[str]) -> Iterator[str]:
    """Yield the names of the mutants of `modules`; `all` is every module."""
    for meta in sorted(ROOT.rglob("*.py.meta")):
        for name in json.loads(meta.read_text())["exit_code_by_key"]:
            if "all" in modules or module_of(name) in modules:
                yield name


def file_of(mutant: str) -> str:
    """Return the path of the file that holds a mutant beside its original."""
    return mutant.rpartition(".")[0].replace(".", "/") + ".py"


def lines_of(mutant: str) -> range:
    """Return the lines of the original statement that a mutant changes.

    Only tests that run one of them can notice. Where the head of the function is changed, these
    are all of its lines.
    """
    functions, text = _read(file_of(mutant))
    function = function_of(mutant).rpartition(".")[2]
    original = functions[f"{function}__mutmut_{ORIGINAL}"]
    changed = functions[mutant.rpartition(".")[2]]
    whole = range(original.lineno, (original.end_lineno or original.lineno) + 1)
    if _head(original, text) != _head(changed, text):
        return whole
    pair = _body(original, text), _body(changed, text)
    blocks = SequenceMatcher(None, *pair, autojunk=False).get_opcodes()
    line = original.body[0].lineno + next(start for what, start, *_ in blocks if what != "equal")
    around = [
        node
        for node in ast.walk(original)
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    inner = max(around, key=lambda node: (node.lineno, node.col_offset))
    if inner is original:
        return whole
    body = getattr(inner, "body", None)
    end = body[0].lineno if body else (inner.end_lineno or inner.lineno) + 1
    return range(inner.lineno, max(end, inner.lineno + 1))


@cache
def _read(path: str) -> tuple[dict[str, ast.FunctionDef], list[str]]:
    text = Path(path).read_text(encoding="utf-8")
    nodes = ast.walk(ast.parse(text))
    return {n.name: n for n in nodes if isinstance(n, ast.FunctionDef)}, text.splitlines()


def _body(function: ast.FunctionDef, text: list[str]) -> list[str]:
    return text[function.body[0].lineno - 1 : function.end_lineno]


def _head(function: ast.FunctionDef, text: list[str]) -> str:
    return "".join(text[function.lineno - 1 : function.body[0].lineno - 1]).partition("(")[2]
