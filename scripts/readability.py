"""Print how readable the code is, as counts to compare two checkouts by: python scripts/readability.py [DIR].

Counted in `tagger/`: docstrings that begin with an empty verb, functions and modules by length, isinstance checks on
sinks, modules that name a file of the model folder, modules that name a gained field of a record, and words used with
several meanings (those that are left, with the reason).
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

ROOT = Path(__file__).parents[1]
LONG_FUNCTION, SHORT_MODULE = 30, 60
EMPTY_VERBS = ("Give", "Tell")
# Words that had several meanings, as identifiers, and what a meaning that is left is for.
WORDS = {
    "lengths": "a setting's name, stored in models and an option of the command line: whether text length is learnt",
    "kind": "of a feature (public: Contribution.kind) and of a reason to reject a line",
    "kinds": "",
    "weigh": "",
    "place": "of a character: its position in a text",
    "places": "public: Contribution.places, the offsets of a feature in a text",
    "purpose": "",
    "judge": "",
    "guess": "",
    "machine": "",
}


def main() -> None:
    """Count and print a table."""
    root = Path(sys.argv[1]) if sys.argv[1:] else ROOT
    modules = {path: path.read_text(encoding="utf-8") for path in sorted((root / "tagger").rglob("*.py"))}
    trees = {path: ast.parse(text) for path, text in modules.items()}
    functions = [(path, node, _length(node)) for path, tree in trees.items() for node in _functions(tree)]
    docs = [ast.get_docstring(node) or "" for tree in trees.values() for node in ast.walk(tree) if _has_docstring(node)]
    short = [path for path, text in modules.items() if path.name != "__init__.py" and _lines(text) < SHORT_MODULE]
    rows = {
        f"docstrings that begin with {' or '.join(EMPTY_VERBS)}": sum(doc.startswith(EMPTY_VERBS) for doc in docs),
        f"functions of more than {LONG_FUNCTION} lines": sum(length > LONG_FUNCTION for *_, length in functions),
        f"modules of fewer than {SHORT_MODULE} lines": len(short),
        "isinstance checks on sinks": _count(
            modules, r"isinstance\([^)]*\b(?:Journal|Stream|PageSink|TerminalPages)\b"
        ),
        "modules that name an array of the model folder": _naming(modules, r'"[a-z_]+\.npy"'),
        "modules that name a gained field of a record": _naming(modules, r'"probabilities"'),
    }
    print("| what | number |\n|---|---|")
    for name, number in rows.items():
        print(f"| {name} | {number} |")
    print("\n| word | identifiers | its meaning now |\n|---|---|---|")
    for word, meaning in WORDS.items():
        found = sum(_identifiers(tree).count(word) for tree in trees.values())
        print(f"| {word} | {found} | {meaning if found else 'not used'} |")
    for path, node, length in functions:
        if length > LONG_FUNCTION:
            print(f"long: {path.relative_to(root)}:{node.lineno} {node.name} {length}", file=sys.stderr)
    for path in short:
        print(f"short: {path.relative_to(root)} {_lines(modules[path])}", file=sys.stderr)


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function's body without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _has_docstring(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module]:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module))


def _lines(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())


def _count(modules: dict[Path, str], pattern: str) -> int:
    return sum(len(re.findall(pattern, text)) for text in modules.values())


def _naming(modules: dict[Path, str], pattern: str) -> int:
    return sum(bool(re.search(pattern, text)) for text in modules.values())


def _identifiers(tree: ast.Module) -> list[str]:
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    names += [node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)]
    return names + [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]


if __name__ == "__main__":
    main()
