"""Spoils model folders in any way, with hashes left alone or made to fit, and sees what becomes of them.

A mutant may be refused with an error of Tagger's own, or answer as before, or, where hashes were made to fit or the
manifest was changed, give other answers within their ranges. It may not raise anything else, take longer than
`SECONDS` or print what steers a terminal. As a program, `model_mutants.py FOLDER NUMBER SEED` does so in a process of
its own and prints what it saw and how much memory it took.
"""

import hashlib
import json
import math
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from command_line import invoke

import tagger
from tagger.cli import main

__all__ = ["SECONDS", "try_mutants"]

SECONDS = 5.0
TEXTS = ["苹果和香蕉。\n\n火车晚点了\x1b[31m,车站里都是人。", "", "abc 卡拉ok 民警劝阻了转账", "果" * 500]
STRINGS = [
    "",
    "x",
    "\x1b]0;title\x07",
    "[/b]x",
    "[red]team",
    "\u202ereversed",
    "\x9b31m",
    "果" * 3000,
    "a|b\nc\td",
    "1e999",
]
NUMBERS = [0, -1, 1, 2, 0.5, -0.1, 1.1, 1e13, -1e13, 1e308, -1e308, 1e-320, 2**31, 2**63, 2**64, 10**40, True]
OTHERS: list[Any] = [None, [], {}, [[]], {"": None}, [1, 2, 3], {"fruit": 1}]
# What JSON has no word for, or what no reader likes.
RAW = ["NaN", "Infinity", "-Infinity", "1e999", '"\\ud800"', "[" * 3000 + "]" * 3000, "1" * 5000, "{", "", "\x00"]
# What this program itself would take memory to change.
_LARGE = 1 << 24
MARK = "\ue000mark\ue000"


def try_mutants(folders: list[Path], number: int, seed: int) -> Counter[str]:
    """Make so many mutants of model folders in turn, and count what they led to."""
    draw = random.Random(seed)  # noqa: S311 - the same mutants on every run
    seen = Counter[str]()
    with tempfile.TemporaryDirectory() as place:
        for count in range(number):
            folder = Path(place) / "model"
            source = folders[count % len(folders)]
            shutil.copytree(source, folder)
            fitting = count // len(folders) % 2 == 1
            done = [_spoil(folder, draw, fitting=fitting) for _ in range(draw.choice([1, 1, 1, 2, 4]))]
            try:
                with _limited():
                    outcome = _try(folder, source, same=not fitting and "manifest" not in "".join(done))
            except BaseException as error:
                error.add_note(f"mutant {count} of {source}, seed {seed}: {', '.join(done)}")
                raise
            seen[f"{'fitting' if fitting else 'alone'}: {outcome}"] += 1
            shutil.rmtree(folder)
    return seen


@contextmanager
def _limited() -> Iterator[None]:
    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


_answers: dict[Path, Any] = {}


def _try(folder: Path, source: Path, *, same: bool) -> str:
    if source not in _answers:
        _answers[source] = _answer(tagger.load(source))
    try:
        found = _answer(tagger.load(folder))
    except tagger.TaggerError:
        found = None
    for options in ([], ["--json"]):
        shown = invoke(main, ["show", *options, folder])
        assert shown.exit_code == (0 if found is not None else 1), shown.exception
        assert not set(shown.output) & {"\x1b", "\x9b", "\x07", "\u202e"} or options, shown.output
    if found is None:
        return "refused"
    if found == _answers[source]:
        return "the same"
    assert not same
    return "other answers in their ranges"


def _answer(model: tagger.Tagger) -> Any:
    """Return all that a tagger says, its numbers checked for their ranges."""
    articles = [model.tag(text) for text in TEXTS]
    for article in articles:
        for probability in (article.probabilities, *(p.probabilities for p in article.paragraphs)):
            assert all(0 <= value <= 1 for value in probability.values()), probability
    rows = model.predict_proba(TEXTS)
    assert ((rows >= 0) & (rows <= 1)).all()
    assert all(0 <= value <= 1 for value in model.thresholds.values())
    explained = [model.explain(text) for text in TEXTS]
    for explanation in (found for several in explained for found in several):
        values = [explanation.score, explanation.bias, *(c.value for c in explanation.contributions)]
        assert all(map(math.isfinite, values))
        assert 0 <= explanation.probability <= 1
    return articles, rows.tolist(), explained, model.predict(TEXTS)


def _spoil(folder: Path, draw: random.Random, *, fitting: bool) -> str:
    """Change one thing in a folder, and say what."""
    path = draw.choice([path for path in sorted(folder.iterdir()) if path.name != "README.md"])
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGE:
        return "nothing more"
    if not fitting:
        way = draw.choice([_flip, _flip, _cut, _replace, _enlarge, _exchange])
        return f"{way(path, draw)} {path.name}"
    if path.name == "manifest.json" or draw.random() < 0.4:
        return f"manifest: {_spoil_manifest(folder / 'manifest.json', draw)}"
    change = _spoil_array if path.suffix == ".npy" else _spoil_lines
    try:
        what = change(path, draw)
    except (ValueError, OSError, IndexError, OverflowError):
        what = _flip(path, draw)
    _fit_hash(path)
    return f"{what} {path.name}"


def _fit_hash(path: Path) -> None:
    manifest = path.parent / "manifest.json"
    try:
        found = json.loads(manifest.read_bytes())
        found["files"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        manifest.write_text(json.dumps(found), encoding="utf-8")
    except (ValueError, KeyError, TypeError, RecursionError):
        return  # the manifest was spoilt before


def _flip(path: Path, draw: random.Random) -> str:
    content = bytearray(path.read_bytes())
    for _ in range(draw.choice([1, 1, 10, 1000])):
        if content:
            # Half of them where a file says what it is.
            at = draw.randrange(len(content) if draw.random() < 0.5 else min(len(content), 128))
            content[at] = draw.randrange(256)
    path.write_bytes(content)
    return "bytes flipped in"


def _cut(path: Path, draw: random.Random) -> str:
    os.truncate(path, draw.choice([0, 1, 10, 127, 128, draw.randrange(path.stat().st_size + 1)]))
    return "cut"


def _enlarge(path: Path, draw: random.Random) -> str:
    os.truncate(path, path.stat().st_size + draw.choice([1, 4, 1 << 20, 1 << 28]))
    return "enlarged"


def _replace(path: Path, draw: random.Random) -> str:
    outside = path.parents[1] / "outside"
    outside.write_bytes(path.read_bytes())
    path.unlink()
    match draw.randrange(6):
        case 0:
            path.symlink_to("/dev/zero")
        case 1:
            path.symlink_to(outside)
        case 2:
            os.mkfifo(path)
        case 3:
            path.mkdir()
        case 4:
            path.symlink_to(path)
        case _:
            return "removed"
    return "replaced"


def _exchange(path: Path, draw: random.Random) -> str:
    small = [p for p in sorted(path.parent.iterdir()) if p.is_file() and not p.is_symlink()]
    other = draw.choice([p for p in small if p.stat().st_size <= _LARGE])
    content = path.read_bytes()
    path.write_bytes(other.read_bytes())
    other.write_bytes(content)
    return f"manifest or files exchanged with {other.name}"


def _spoil_manifest(path: Path, draw: random.Random) -> str:
    try:
        manifest = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return "nothing more"
    places = list(_places(manifest))
    if not places:
        return "nothing more"
    # Any depth alike: most values are numbers of points.
    depth = draw.randrange(max(len(way) for *_, way in places)) + 1
    holder, key, way = draw.choice([place for place in places if len(place[2]) == depth] or places)
    raw = None
    match draw.randrange(6):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[draw.choice([*STRINGS, "new"])] = holder[key]
        case 2:
            holder[key] = MARK
            raw = draw.choice(RAW)
        case 3:
            holder[key] = draw.choice(STRINGS)
        case 4:
            holder[key] = draw.choice(OTHERS)
        case _:
            old = holder[key]
            holder[key] = draw.choice(STRINGS if isinstance(old, str) and draw.random() < 0.5 else NUMBERS)
    try:
        text = json.dumps(manifest, ensure_ascii=False)
    except ValueError:
        return "nothing more"
    text = text if raw is None else text.replace(f'"{MARK}"', raw)
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    return "/".join(map(str, way))


def _places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, Any, tuple[Any, ...]]]:
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key, (*way, key)
        if isinstance(value[key], (dict, list)) and len(way) < 50:
            yield from _places(value[key], (*way, key))


def _spoil_array(path: Path, draw: random.Random) -> str:
    array = np.load(path).copy()
    random_numbers = np.random.default_rng(draw.randrange(2**32))
    kind = array.dtype.kind
    values: list[Any] = (
        [0, 1, 2**16, 2**31 - 1, len(array)] if kind in "ui" else [0, 1, -1, 1e11, 3e38, 1e-45, np.nan, np.inf]
    )
    if kind == "i":
        values += [-1, -2, -(2**31)]
    ways: list[Callable[[], Any]] = [
        lambda: random_numbers.permutation(array),
        lambda: array[: draw.randrange(len(array) + 1)],
        lambda: array[::-1],
        lambda: np.concatenate([array, array[: draw.randrange(5)]]),
        lambda: np.full_like(array, draw.choice(values)),
        lambda: array.astype(draw.choice([np.float64, np.int64, ">f4", bool])),
        lambda: array.reshape(-1),
        lambda: array[..., np.newaxis],
        lambda: np.asfortranarray(array),
        lambda: array.view(np.uint8).copy(),
    ]
    number = draw.randrange(len(ways) + 8)
    if number < len(ways):
        changed = ways[number]()
    else:
        changed = array
        flat = changed.reshape(-1)
        for _ in range(draw.choice([1, 1, 5, 100])):
            flat[draw.randrange(len(flat))] = draw.choice(values)
    np.save(path, changed)
    return f"way {number} of"


def _spoil_lines(path: Path, draw: random.Random) -> str:
    lines = path.read_bytes().split(b"\n")
    at = draw.randrange(len(lines))
    lines[at] = draw.choice(
        [b"", b"\t\t", b"w\t\xff\xfe\t1", b"c\t\x1b[31m\t1", b"x\ta\t1", b"c\ta\t-1", lines[0], b"w\ta\t" + b"9" * 5000]
    )
    path.write_bytes(b"\n".join(lines))
    return "a line of"


def peak_megabytes() -> int:
    """Return the most memory that this process has had; getrusage would count that of the one which started it too."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:  # not Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) >> 10


if __name__ == "__main__":
    source, number, seed = sys.argv[1:]
    seen = try_mutants([path.parent for path in sorted(Path(source).rglob("manifest.json"))], int(number), int(seed))
    megabytes = peak_megabytes()
    print(json.dumps(seen | {"megabytes": megabytes}))  # noqa: T201 - a program
