"""Results → the tables that the documents quote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from speed.figures import Figure, middle, ratio
from speed.rivals import CHARACTERS, OURS

__all__ = ["tables", "throughput"]

_MB = 1e6


def tables(results: dict[str, Any]) -> Iterator[str]:
    """Give the lines of all tables."""
    yield _signature(results)
    for name in results["texts"]:
        yield ""
        yield from _speed(results, name)
    for part in (_costs, _cold_start, _imports, _growth):
        yield ""
        yield from part(results)


def throughput(results: dict[str, Any], rival: str, text: str) -> Figure:
    """Give MB/s: UTF-8 bytes, millions of them."""
    size = results["texts"][text]["bytes"] / _MB
    return middle([size / seconds for seconds in results["rivals"][rival]["seconds"][text]])


def _signature(results: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    core = f"one core, ours for {_share(results):.0%} of the time"
    return f"{results['machine']}; {core}; {results['rounds']} rounds; {versions}."


def _speed(results: dict[str, Any], name: str) -> Iterator[str]:
    text = results["texts"][name]
    judged = results["sets"][text["set"]]
    yield (
        f"**{name.capitalize()}**: {text['about']}; {text['texts']:,} of {text['characters']} characters on average. "
        f"Trained on {text['set']} ({judged['train']:,} texts), judged by {judged['measure']} on {judged['test']:,}."
    )
    yield ""
    yield from _row("method", judged["measure"], "MB/s", "texts/s", "tagger is faster ×", "characters only ×")
    yield from _row(*["---"] * 6)
    for key, rival in _present(results):
        speed = throughput(results, key, name)
        rate = speed.value * _MB / text["bytes"] * text["texts"]
        quality = Figure(*rival["quality"][text["set"]]).spell(3)
        times = (_times(results, key, ours, name) for ours in (OURS, CHARACTERS))
        yield from _row(rival["title"], quality, speed.spell(), f"{_significant(rate):,}", *times)


def _times(results: dict[str, Any], rival: str, ours: str, text: str) -> str:
    if rival == ours:
        return ""
    seconds = (results["rivals"][key]["seconds"][text] for key in (rival, ours))
    return ratio(*seconds).spell()


def _costs(results: dict[str, Any]) -> Iterator[str]:
    sets = list(results["sets"])
    heads = [f"trained on {name}, s" for name in sets] + [f"model of {name}, MB" for name in sets]
    yield from _row("method", *heads, "peak memory, MB")
    yield from _row(*["---"] * (2 + len(heads)))
    for _, rival in _present(results):
        trained = [f"{rival['training'][name]['seconds']:.1f}" for name in sets]
        sizes = [f"{rival['training'][name]['bytes'] / _MB:.1f}" for name in sets]
        yield from _row(rival["title"], *trained, *sizes, f"{rival['peak_memory'] / _MB:.0f}")
    yield from _row("tagger, the shipped model", *[""] * len(heads), f"{results['shipped_memory'] / _MB:.0f}")


def _cold_start(results: dict[str, Any]) -> Iterator[str]:
    commands = results["cold_start"]
    yield from _row("cold start", "seconds", "of scikit-learn + jieba", "of numpy", "peak memory, MB")
    yield from _row(*["---"] * 5)
    for name, command in commands.items():
        shares = [
            ratio(command["seconds"], commands[other]["seconds"]).spell() if other in commands else ""
            for other in ("scikit-learn + jieba, one article", 'python -c "import numpy"')
        ]
        memory = f"{command['peak_memory'] / _MB:.0f}" if command["peak_memory"] else ""
        yield from _row(name, middle(command["seconds"]).spell(3), *shares, memory)


def _imports(results: dict[str, Any]) -> Iterator[str]:
    yield from _row("import", "seconds")
    yield from _row("---", "---")
    for name, seconds in results["imports"].items():
        yield from _row(f"`{name}`", middle(seconds).spell(3))


def _growth(results: dict[str, Any]) -> Iterator[str]:
    growth = results["growth"]
    yield from _row("paragraphs", *(cell for way in growth for cell in (f"{way}, MB/s", "peak memory, MB")))
    yield from _row(*["---"] * (1 + 2 * len(growth)))
    for steps in zip(*growth.values(), strict=True):
        cells = (
            cell
            for step in steps
            for cell in (f"{step['bytes'] / _MB / step['seconds']:.2f}", f"{step['peak_memory'] / _MB:.0f}")
        )
        yield from _row(f"{steps[0]['paragraphs']:,}", *cells)


def _share(results: dict[str, Any]) -> float:
    """Give the share of the measured time in which the core ran what was measured and nothing else."""
    busy, seconds = (
        sum(sum(rounds) for rival in results["rivals"].values() for rounds in rival[kind].values())
        for kind in ("busy", "seconds")
    )
    return float(busy / seconds)


def _present(results: dict[str, Any]) -> Sequence[tuple[str, dict[str, Any]]]:
    return list(results["rivals"].items())


def _significant(value: float) -> int:
    """Round to three digits: the range allows no more."""
    return int(float(f"{value:.3g}"))


def _row(*cells: str) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |" if cells[0] != "---" else f"|{'|'.join(cells)}|"
