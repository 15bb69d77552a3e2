"""A simulated annotator, who is asked for labels in batches: how many does a share of the full quality take?

Full is what plain training on the whole pool reaches on test texts; the annotator begins with five examples a topic.
Quality is the share that is right where a text has one topic, mean average precision where it may have none, and the
best F1 over all topics where it has one at least. "Plain" learns from labels alone, "ours" from the rest of the pool
too where folds say so, asked again when labels have doubled. Test texts are measured on, nothing else.
small-text's strategies judge by a support vector machine of its own kind, and teach the plain learner. To save time one
of the two machines of each topic is trained throughout.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from accuracy.sets import read_split
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score
from speed.sets import PRESS, Labelled, read_sets

import tagger
from tagger.curation.choosing import choose_rows
from tagger.dataset import read_dataset
from tagger.training import Corpus, build_corpus, one_thread, resolve_settings
from tagger.training.held_out import out_of_fold_scores
from tagger.training.linear_fit import fit_candidates
from tagger.training.pool import quality
from tagger.training.svm import ROUGH
from tagger.training.tfidf import lsa_coordinates, single_character_weight, tfidf_matrix

__all__ = ["measure", "table"]

SETS = ("thucnews_titles_12800", "chnsenticorp", PRESS, "duee_events")
POOL = 2500
TEST = 1000
FIRST = 5  # examples a topic
BATCH = 50
SHARES = (0.9, 0.95)
_Ints = NDArray[np.int64]


class Annotation:
    """A pool whose labels can be asked for, and test texts; the first `pool` rows of `corpus` are the pool's."""

    def __init__(self, name: str, seed: int) -> None:
        random = np.random.default_rng(seed)
        train, test = _read(name)
        parts = [
            [part[row] for row in random.permutation(len(part))[:most]] for part, most in ((train, POOL), (test, TEST))
        ]
        self.pool = len(parts[0])
        given = [tagger.Example(e.text, tuple(sorted(e.labels)), str(n)) for n, e in enumerate([*parts[0], *parts[1]])]
        dataset = read_dataset(given, topics=(), keep_conflicts=True)
        settings = resolve_settings(tagger.Settings(count_ratios=False, seed=seed), dataset)
        self.settings = replace(settings, context=False)
        with one_thread():
            self.corpus = build_corpus(dataset, self.settings)
            weight = single_character_weight(self.corpus.targets[:0], self.settings)
            matrix = tfidf_matrix(self.corpus.take(np.arange(self.pool)), weight, minimum=2)[1]
            self.latent = lsa_coordinates(matrix, seed=seed)
        self.rows = matrix
        self.tests = np.arange(self.pool, len(given))
        self.full = self.quality(np.arange(self.pool), with_pool=False)

    def first(self, seed: int) -> _Ints:
        """Draw texts until each topic has its first examples, and so many have none, where texts may have none."""
        targets = self.corpus.targets
        if not (self.settings.exclusive or self.settings.always_assign):
            targets = np.column_stack([targets, ~targets.any(axis=1)])
        number, found = np.zeros(targets.shape[1]), []
        for row in np.random.default_rng(seed).permutation(self.pool).tolist():
            if (targets[row] & (number < FIRST)).any():
                found.append(row)
                number += targets[row]
        return np.array(found)

    def part(self, labelled: _Ints, *, with_pool: bool) -> tuple[Corpus, _Ints]:
        """Return what a learner knows: labelled texts, and the rest of the pool without labels, and which that is."""
        rest = np.setdiff1d(np.arange(self.pool if with_pool else 0), labelled)
        rows = np.concatenate([labelled, rest])
        targets = self.corpus.targets[rows]
        targets[len(labelled) :] = False
        corpus = replace(
            self.corpus.take(rows),
            targets=targets,
            groups=np.arange(len(labelled)),
            furniture=np.zeros(len(labelled), dtype=bool),
            named=np.ones(len(labelled), dtype=bool),
            unlabelled=len(rest),
            latent=self.latent[rows, : self.latent.shape[1] if with_pool else 0],
        )
        return corpus, rest

    def quality(self, labelled: _Ints, *, with_pool: bool) -> float:
        """Learn from the labelled texts, and measure on the test texts."""
        corpus, rest = self.part(labelled, with_pool=with_pool)
        with one_thread():
            models, learnt = fit_candidates(corpus, self.settings, tolerance=ROUGH)
        known = np.concatenate([labelled, rest])
        counts = self.corpus.count_unseen(self.tests, known=known)
        scores = models[-1].scores(counts, self.corpus.character_counts[self.tests])[0]
        scores, targets = np.where(learnt, scores, -1e9), self.corpus.targets[self.tests]
        if self.settings.exclusive or self.settings.always_assign:
            return quality(scores, targets, self.settings)
        return float(average_precision_score(targets, scores, average="macro"))

    def pool_helps(self, labelled: _Ints) -> bool:
        """Ask folds of the labelled texts, as training does."""
        found = []
        for with_pool in (True, False):
            corpus, _ = self.part(labelled, with_pool=with_pool)
            with one_thread():
                scores = np.nan_to_num(out_of_fold_scores(corpus, self.settings).scores, nan=-np.inf)
            found.append(quality(scores, corpus.targets[: len(labelled)], self.settings))
        return found[0] >= found[1]


@dataclass(frozen=True)
class Method:
    """How texts are chosen, and whether what is learnt may use the pool."""

    choose: Callable[[Annotation, _Ints, bool, int], Sequence[int] | _Ints]
    with_pool: bool
    one_topic_only: bool = False


def _random(annotation: Annotation, labelled: _Ints, helps: bool, seed: int) -> _Ints:  # noqa: ARG001, FBT001 - as all
    rest = np.setdiff1d(np.arange(annotation.pool), labelled)
    return np.random.default_rng([seed, len(labelled)]).permutation(rest)[:BATCH]


def _ours(annotation: Annotation, labelled: _Ints, helps: bool, seed: int) -> _Ints:  # noqa: ARG001, FBT001 - as all
    corpus, rest = annotation.part(labelled, with_pool=True)
    picks = choose_rows(corpus, annotation.settings, BATCH, "placed" if helps else "margin")
    return rest[[pick.row for pick in picks]]


def _small_text(name: str) -> Callable[[Annotation, _Ints, bool, int], _Ints]:
    def choose(annotation: Annotation, labelled: _Ints, helps: bool, seed: int) -> _Ints:  # noqa: ARG001, FBT001 - as all
        import small_text  # noqa: PLC0415 - a rival, of the extra bench

        np.random.seed(seed)  # noqa: NPY002 - small-text draws from the global generator
        targets = annotation.corpus.targets[: annotation.pool].argmax(axis=1)
        data = small_text.SklearnDataset(annotation.rows, targets, target_labels=np.unique(targets))
        machine = small_text.SklearnClassifier(
            small_text.ConfidenceEnhancedLinearSVC(), annotation.corpus.targets.shape[1]
        )
        machine.fit(data[labelled])
        rest = np.setdiff1d(np.arange(annotation.pool), labelled)
        strategy = getattr(small_text, name)()
        found: _Ints = strategy.query(machine, data, rest, labelled, targets[labelled], n=BATCH)
        return found

    return choose


METHODS = {
    "random, plain": Method(_random, with_pool=False),
    "random, ours": Method(_random, with_pool=True),
    "suggest, ours": Method(_ours, with_pool=True),
    "small-text BreakingTies, plain": Method(_small_text("BreakingTies"), with_pool=False, one_topic_only=True),
    "small-text LeastConfidence, plain": Method(_small_text("LeastConfidence"), with_pool=False, one_topic_only=True),
}


def measure(names: Sequence[str] | None, *, seeds: Sequence[int]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what each set gave with each seed: its full quality, and the labels that each method took."""
    for seed in seeds:
        for name in names or SETS:
            start = time.process_time()
            annotation = Annotation(name, seed)
            found: dict[str, Any] = {"full": round(annotation.full, 4)}
            for title, method in METHODS.items():
                if annotation.settings.exclusive or not method.one_topic_only:
                    found[title] = [*_labels_taken(annotation, method, seed)]
                    print(name, seed, title, found[title], file=sys.stderr, flush=True)
            yield f"{name} {seed}", found | {"seconds": round(time.process_time() - start)}


def _labels_taken(annotation: Annotation, method: Method, seed: int) -> Iterator[float]:
    """Yield the labels that each share of the full quality takes, between two batches in proportion."""
    labelled, helps, asked = annotation.first(seed), False, 0
    goals = [share * annotation.full for share in SHARES]
    size, reached = 0, 0.0
    while True:
        if method.with_pool and len(labelled) >= 2 * asked:
            helps, asked = annotation.pool_helps(labelled), len(labelled)
        before, reached = reached, annotation.quality(labelled, with_pool=helps)
        while goals and reached >= goals[0]:
            part = (goals[0] - before) / (reached - before) if size and before < goals[0] else 1.0
            yield round(size + part * (len(labelled) - size))
            goals.pop(0)
        if not goals:
            return
        if len(labelled) >= annotation.pool - BATCH:
            yield from [float(annotation.pool)] * len(goals)
            return
        size = len(labelled)
        chosen = np.asarray(method.choose(annotation, labelled, helps, seed), dtype=np.int64)
        labelled = np.concatenate([labelled, chosen])


def table(stored: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Return the lines of the tables: labels taken, and the ratios of their means over seeds."""
    for place, share in enumerate(SHARES):
        means = {
            name: {title: np.mean([found[title][place] for found in runs]) for title in METHODS if title in runs[0]}
            for name in SETS
            if (runs := [found for key, found in stored.items() if key.rpartition(" ")[0] == name])
        }
        yield f"| labels to {share:.0%} of full quality | {' | '.join(means)} |"
        yield "|---" * (len(means) + 1) + "|"
        for title in METHODS:
            cells = [f"{found[title]:.0f}" if title in found else "" for found in means.values()]
            yield f"| {title} | {' | '.join(cells)} |"
        for rival in ("random, plain", "random, ours"):
            ratios = [found["suggest, ours"] / found[rival] for found in means.values()]
            cells = [f"{ratio:.2f}" for ratio in ratios]
            yield f"| **suggest / {rival}**, mean {np.mean(ratios):.2f} | {' | '.join(cells)} |"
        yield ""
    seeds = ", ".join(f"{sum(key.startswith(f'{name} ') for key in stored)} of {name}" for name in SETS)
    yield f"Seeds: {seeds}. Pools of {POOL}; {TEST} test texts; batches of {BATCH}."


def _read(name: str) -> tuple[Sequence[Labelled], Sequence[Labelled]]:
    if name == PRESS:
        press = next(iter(read_sets(megabytes=0)))
        return press.train, press.test
    folder = Path(os.environ["TAGGER_BENCH"]) / name
    return read_split(folder, "train"), read_split(folder, "test")
