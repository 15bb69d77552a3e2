"""Change the source in one small way at a time and see whether tests notice: python scripts/mutants.py ROOM [N] [SEED].

ROOM is a package of tagger/, such as text; N mutants (40) are drawn with the seed (0): a place at random, then one of
the changes that Cosmic Ray knows there (pip install cosmic-ray). Each is tried by tests/test_ROOM*.py and the examples
in the room's own docstrings alone, in a copy of the checkout, so that those that survive may still be noticed by tests
of other rooms. Changes of annotations and documentation are no mutants. Survivors are printed as they are found, then a
row for docs/reliability.md.
"""

from __future__ import annotations

import ast
import difflib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from cosmic_ray.commands.init import init
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import MutationSpec

ROOT = Path(__file__).parents[1]
COPIED = ("tagger", "tests", "docs", "models", "data", "seeds", "labels.csv", "topics.toml", "pyproject.toml")
# A mutant that takes this many times as long as the tests do runs for ever.
PATIENCE = 5


def main(room: str, number: int = 40, seed: int = 0) -> None:
    """Draw, try and count."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            shutil.copytree(source, copy / name) if source.is_dir() else shutil.copy(source, copy / name)
        began = time.monotonic()
        if not passes(copy, room, limit=None):
            sys.exit(f"the tests of {room} fail as they are")
        limit = 30 + PATIENCE * (time.monotonic() - began)
        tried = survived = 0
        for spec, mutant in draw(copy / "tagger" / room, seed):
            if tried == number:
                break
            path = Path(spec.module_path)
            original = path.read_text(encoding="utf-8")
            path.write_text(mutant, encoding="utf-8")
            tried += 1
            print(".", end="", flush=True)
            if passes(copy, room, limit=limit):
                survived += 1
                name = str(path.relative_to(copy))
                before, after = (text.splitlines(keepends=True) for text in (original, mutant))
                print("\n" + "".join(difflib.unified_diff(before, after, name, name, n=0)), flush=True)
            path.write_text(original, encoding="utf-8")
    killed = tried - survived
    print(f"\n| {room} | {seed} | {tried} | {killed} | {killed / tried:.0%} |", flush=True)


def draw(package: Path, seed: int) -> Iterator[tuple[MutationSpec, str]]:
    """Yield mutants in random order, one for each place, with the module's source."""
    places: dict[tuple[str, tuple[int, int]], list[MutationSpec]] = {}
    with use_db(":memory:") as database:
        init(sorted(package.rglob("*.py")), database, {})
        for item in database.work_items:
            (spec,) = item.mutations
            places.setdefault((str(spec.module_path), spec.start_pos), []).append(spec)
    chance = random.Random(seed)  # noqa: S311 - no secret
    for place in chance.sample(sorted(places), len(places)):
        spec = chance.choice(sorted(places[place], key=lambda each: (each.operator_name, each.occurrence)))
        original = Path(spec.module_path).read_text(encoding="utf-8")
        mutant = mutate_code(original, get_operator(spec.operator_name)(), spec.occurrence)
        if mutant is not None and meaning(mutant) != meaning(original):
            yield spec, mutant


def meaning(source: str) -> str:
    """Return the syntax tree without annotations."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    return ast.dump(tree)


def passes(copy: Path, room: str, *, limit: float | None) -> bool:
    """Whether the tests of a room pass in time."""
    tests = sorted(str(path.relative_to(copy)) for path in (copy / "tests").glob(f"test_{room}*.py"))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests, f"tagger/{room}"],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
