"""Errors planted into labels → how well they are found, what finding them is worth, beside cleanlab and chance."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

import tagger
from tagger.copies import group_copies
from tagger.curation.opinions import Opinions, ask, parts
from tagger.curation.planting import Sought, calibrate, other_views, plant_errors, plantings
from tagger.curation.suspects import Mode
from tagger.dataset import Dataset, read_dataset
from tagger.evaluation import cross_fitted
from tagger.settings import Settings
from tagger.training import Corpus, build_corpus, one_thread, out_of_fold_scores, resolve_settings, train_dataset

__all__ = ["measure", "table"]

ROOT = Path(__file__).parents[2]
PRESS = "press"
# How many examples are drawn of each set (of press, in whole documents), and which shares of them get an error.
SETS: dict[str, tuple[int, tuple[float, ...]]] = {
    "thucnews_titles_12800": (6000, (0.05, 0.1)),
    "chnsenticorp": (6000, (0.05, 0.1)),
    PRESS: (8600, (0.05, 0.1)),
    "duee_events": (3000, (0.05,)),
}
KINDS = ("uniform", "confusable")
# Sets of one topic each, on whose test split the worth of a review is measured.
REVIEWED = ("thucnews_titles_12800", "chnsenticorp")
CLEANLAB = ("self_confidence", "normalized_margin", "confidence_weighted_entropy")
OURS = "tagger"
# Whose probabilities cleanlab is given: those of the machine alone, without context, or the ones that we rank by.
JUDGED = ("alone", "ours")
FIRST = 100


def measure(
    names: Sequence[str] | None, *, seeds: Sequence[int], size: int = 1 << 20
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each planting's key and what was found."""
    for seed in seeds:
        for name in names or SETS:
            dataset = _read(name, seed, min(size, SETS[name][0]))
            settings = resolve_settings(tagger.Settings(), dataset)
            with one_thread():
                corpus = build_corpus(dataset, settings)
            together = group_copies([example.text for example in dataset.examples])
            clean = ask(corpus, settings, together, judges=())
            # Of two topics, as reviews have, the likeliest other one is any other one.
            for kind in KINDS if len(dataset.topics) > 2 else KINDS[:1]:
                for rate in SETS[name][1]:
                    planted, wrong = _plant(clean, rate=rate, kind=kind, seed=seed)
                    found = _search(corpus, settings, together, planted, wrong)
                    if name in REVIEWED and rate == 0.1:
                        found["review"] = _review(dataset, name, clean.targets, planted, found.pop("order"), seed)
                    found.pop("order", None)
                    key = f"{name}, {len(dataset.examples)} examples, {kind} {rate:.0%}, seed {seed}"
                    print(key, found, file=sys.stderr, flush=True)
                    yield key, found


def table(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of the tables: the means over seeds, and over all plantings."""
    groups = defaultdict(list)
    for key, found in results.items():
        groups[key.rpartition(",")[0]].append(found)
    rankings = [OURS, *sorted({name for found in results.values() for name in found["rankings"]} - {OURS})]
    columns = (
        "labels, errors",
        "seeds",
        OURS,
        *(f"cleanlab, {name}" for name in JUDGED),
        "expected / wrong",
        "won back",
    )
    yield "| " + " | ".join(columns) + " |"
    yield "|---" * 7 + "|"
    for name, found in groups.items():
        means = {ranking: _mean_of(found, ranking) for ranking in rankings}
        cells = [max(means[ranking] for ranking in rankings if ranking.endswith(kind)) for kind in (OURS, *JUDGED)]
        hits = ", ".join(f"{_range(one)} / {one['hits']}" for one in found)
        won = [one["review"]["won back"] for one in found if "review" in one]
        last = f"{np.mean(won):.0%}" if won else ""
        yield f"| {name} | {len(found)} | " + " | ".join(map(_pair, cells)) + f" | {hits} | {last} |"
    yield ""
    yield "| ranking, mean of all plantings | list / AP |"
    yield "|---|---|"
    for ranking in rankings:
        yield f"| {ranking} | {_pair(_mean_of([*results.values()], ranking))} |"
    off = [abs(one["expected"] - one["hits"]) for one in results.values()]
    outside = [max(one["views"][0] - one["hits"], one["hits"] - one["views"][-1], 0) for one in results.values()]
    yield ""
    yield f"Expected hits of the first {FIRST} are off by {np.mean(off):.1f} on average, {max(off):.1f} at most;"
    yield f"those of all views, by {np.mean(outside):.1f} and {max(outside):.1f}."


def _mean_of(found: Sequence[Mapping[str, Any]], ranking: str) -> tuple[float, float]:
    first, precision = np.mean([one["rankings"][ranking] for one in found], axis=0).tolist()
    return first, precision


def _range(found: Mapping[str, Any]) -> str:
    return f"{found['expected']:.0f} ({found['views'][0]:.0f} to {found['views'][-1]:.0f})"


def _pair(values: Sequence[float]) -> str:
    return f"{values[0]:.3f} / {values[1]:.3f}"


def _read(name: str, seed: int, size: int) -> Dataset:
    random = np.random.default_rng(seed)
    if name == PRESS:
        dataset = read_dataset(ROOT / "labels.csv")
        numbers = np.array(dataset.document_numbers())
        order = random.permutation(numbers.max() + 1)
        sizes = np.cumsum(np.bincount(numbers)[order])
        kept = np.isin(numbers, order[: np.searchsorted(sizes, size) + 1])
        return replace(dataset, examples=tuple(e for e, keep in zip(dataset.examples, kept, strict=True) if keep))
    path = Path(os.environ["TAGGER_BENCH"]) / name / "train.jsonl"
    examples = read_dataset(path, topics=(), keep_conflicts=True).examples
    drawn = random.permutation(len(examples))[:size]
    return read_dataset([examples[place] for place in sorted(drawn.tolist())], topics=(), keep_conflicts=True)


def _plant(clean: Opinions, *, rate: float, kind: str, seed: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Plant errors into labels; where a text may have no topic half of the errors drops one."""
    if clean.mode.may_lack:
        return _plant_into_several(clean, rate=rate, kind=kind, seed=seed)
    return plant_errors(
        clean.targets,
        clean.probability,
        rate=rate,
        alike=float(kind == "confusable"),
        # One topic for another, also where there are several.
        mode=Mode(exclusive=True, may_lack=False),
        seed=1000 + seed,
    )


def _plant_into_several(
    clean: Opinions, *, rate: float, kind: str, seed: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    random = np.random.default_rng(1000 + seed)
    planted, wrong = clean.targets.copy(), np.zeros(len(clean.targets), dtype=np.bool_)
    for row in random.permutation(len(planted))[: round(rate * len(planted))].tolist():
        has, lacks = np.flatnonzero(planted[row]), np.flatnonzero(~planted[row])
        wrong[row] = True
        if has.size:
            planted[row, random.choice(has)] = False
        if lacks.size and (not has.size or random.random() < 0.5):
            likeliest = lacks[clean.probability[row, lacks].argmax()]
            planted[row, likeliest if kind == "confusable" else random.choice(lacks)] = True
    return planted, wrong


def _search(
    corpus: Corpus, settings: Settings, together: NDArray[np.int64], labels: NDArray[np.bool_], wrong: NDArray[np.bool_]
) -> dict[str, Any]:
    """Rank labels with errors by ours, as `tagger check` does, and by cleanlab's; see what is expected and what is."""
    given = _with(corpus, labels)
    opinions = ask(given, settings, together)
    log_odds = opinions.corrections().log_odds
    sought = []
    for seed in range(plantings(len(labels))):
        more, _ = plant_errors(labels, opinions.probability, mode=opinions.mode, seed=seed)
        again = ask(_with(corpus, more), settings, together, judges=[*opinions.voices])
        sought.append(Sought.of(again.corrections(), opinions, more))
    calibration = calibrate(opinions, sought)
    probability = np.zeros(len(labels)) if calibration is None else calibration.probability(log_odds)
    order = np.argsort(-log_odds, kind="stable")
    rankings = {OURS: log_odds, "random": np.random.default_rng(0).random(len(labels))}
    for title, judged in zip(JUDGED, (_alone(given, settings, together), opinions.probability), strict=True):
        rankings |= {f"cleanlab {name}, {title}": -v for name, v in _cleanlab(judged, labels, opinions.mode).items()}
    return {
        "rankings": {name: _scores(ranking, wrong) for name, ranking in rankings.items()},
        "expected": float(probability[order[:FIRST]].sum()),
        "views": sorted(float(v[order[:FIRST]].sum()) for v in (probability, *other_views(opinions, sought))),
        "hits": int(wrong[order[:FIRST]].sum()),
        "rate": None if calibration is None else calibration.rate,
        "voices": [*opinions.voices],
        "order": order,
    }


def _with(corpus: Corpus, labels: NDArray[np.bool_]) -> Corpus:
    targets = corpus.targets.copy()
    targets[: len(labels)] = labels
    return replace(corpus, targets=targets)


def _scores(ranking: NDArray[np.float64], wrong: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the precision among as many first ones as are wrong, and the average precision."""
    first = np.argsort(-ranking, kind="stable")[: wrong.sum()]
    return round(float(wrong[first].mean()), 4), round(float(average_precision_score(wrong, ranking)), 4)


def _alone(corpus: Corpus, settings: Settings, together: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what the library's machine says of each example by itself, as who uses cleanlab would give it."""
    held_out = out_of_fold_scores(replace(corpus, groups=parts(corpus, together)), settings)
    probability = np.zeros((corpus.examples, corpus.targets.shape[1]))
    corpus = replace(corpus, furniture=np.zeros_like(corpus.furniture))
    for fold, found, _ in cross_fitted(corpus, replace(settings, context=False), held_out):
        probability[fold] = found
    return probability


def _cleanlab(
    probability: NDArray[np.float64], labels: NDArray[np.bool_], mode: Mode
) -> dict[str, NDArray[np.float64]]:
    """Return cleanlab's scores of the quality of labels."""
    from cleanlab import multilabel_classification, rank  # noqa: PLC0415 - a rival, for this alone

    if mode.exclusive:
        given, whole = labels.argmax(axis=1), probability / probability.sum(axis=1, keepdims=True)
        return {name: rank.get_label_quality_scores(given, whole, method=name) for name in CLEANLAB}
    sets = [np.flatnonzero(row).tolist() for row in labels]
    score = multilabel_classification.get_label_quality_scores
    return {name: score(sets, np.clip(probability, 1e-6, 1 - 1e-6), method=name) for name in CLEANLAB}


def _review(
    dataset: Dataset,
    name: str,
    clean: NDArray[np.bool_],
    planted: NDArray[np.bool_],
    order: NDArray[np.int64],
    seed: int,
) -> dict[str, float]:
    """Return the accuracy of training on clean labels, wrong ones, and such of which a tenth was put right."""
    test = read_dataset(Path(os.environ["TAGGER_BENCH"]) / name / "test.jsonl", topics=(), keep_conflicts=True)
    names = [topic.name for topic in dataset.topics]
    tenth = len(order) // 10

    def accuracy(labels: NDArray[np.bool_]) -> float:
        examples = [
            replace(example, topics=tuple(names[column] for column in np.flatnonzero(row)))
            for example, row in zip(dataset.examples, labels, strict=True)
        ]
        given = read_dataset(examples, topics=dataset.topics, keep_conflicts=True)
        predicted = train_dataset(given, tagger.Settings()).predict([example.text for example in test.examples])
        pairs = zip(predicted, test.examples, strict=True)
        return float(np.mean([found == example.topics for found, example in pairs]))

    def reviewed(rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        labels = planted.copy()
        labels[rows] = clean[rows]
        return labels

    at_random = np.random.default_rng(seed).permutation(len(order))[:tenth]
    found = {
        "clean": accuracy(clean),
        "wrong": accuracy(planted),
        "first tenth": accuracy(reviewed(order[:tenth])),
        "random tenth": accuracy(reviewed(at_random)),
    }
    found["won back"] = (found["first tenth"] - found["wrong"]) / (found["clean"] - found["wrong"])
    return {key: round(value, 4) for key, value in found.items()}
