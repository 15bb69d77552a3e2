"""Candidate settings → the best of them, by cross-validation over documents.

Settings are changed one group after another, each group from the best found so far: what is counted, C, whether
log-count ratios and lengths are used, class weights, the weights of single characters and of keywords, and the fewest
texts that a feature must occur in. A candidate must beat the best so far by `MARGIN`, so that what makes no difference
stays at its default. The same data, seed and candidates give the same choice; a time budget may cut the list, and the
outcome says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, average_precision_score

from tagger.dataset import Dataset
from tagger.messages import N_, english
from tagger.settings import Settings
from tagger.training.corpus import Corpus, build_corpus
from tagger.training.held_out import out_of_fold_scores
from tagger.training.parallel import one_thread
from tagger.training.train import resolve_settings

__all__ = ["CANDIDATES", "Trial", "Tuning", "tune"]

CANDIDATES: tuple[tuple[dict[str, Any], ...], ...] = (
    ({"words": True, "characters": True}, {"words": False, "characters": True}, {"words": True, "characters": False}),
    ({"cost": 1.0}, {"cost": 0.25}, {"cost": 0.5}, {"cost": 2.0}, {"cost": 4.0}),
    ({"count_ratios": None}, {"count_ratios": True}, {"count_ratios": False}),
    ({"lengths": True}, {"lengths": False}),
    ({"class_weight": "auto"}, {"class_weight": "balanced"}, {"class_weight": "none"}),
    ({"character_weight": 0.7}, {"character_weight": 0.4}, {"character_weight": 1.0}),
    ({"keyword_weight": 0.5}, {"keyword_weight": 0.25}, {"keyword_weight": 1.0}),
    ({"minimum_documents": 1}, {"minimum_documents": 2}),
)
# A tenth of a point is less than what another seed changes.
MARGIN = 0.001


@dataclass(frozen=True)
class Trial:
    """Settings that were tried, and what they scored."""

    settings: Settings
    score: float


@dataclass(frozen=True)
class Tuning:
    """The outcome: the best settings, all trials in order, and how many candidates the budget cut off.

    `measure` names the score: mean average precision, or accuracy of exclusive taggers.
    """

    settings: Settings
    measure: str
    trials: tuple[Trial, ...]
    cut: int

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as a model's manifest has it."""
        return {
            "measure": self.measure,
            "tried": {english(trial.settings.describe()): round(trial.score, 6) for trial in self.trials},
            "chosen": english(self.settings.describe()),
            "cut": self.cut,
        }


def tune(
    dataset: Dataset,
    settings: Settings,
    *,
    budget: float | None = None,
    jobs: int = 1,
    progress: Callable[[int, int], object] | None = None,
) -> Tuning:
    """Try the candidates and choose, starting from `settings`.

    `budget` is in seconds: no trial starts after it. `jobs` is the number of processes. `progress` is called with
    how many candidates are done, and of how many.
    """
    start = time.monotonic()
    open_settings, settings = settings, resolve_settings(settings, dataset)
    groups = [
        group for group in CANDIDATES if "keyword_weight" not in group[0] or any(t.keywords for t in dataset.topics)
    ]
    total = sum(len(group) for group in groups)
    corpora: dict[tuple[object, ...], Corpus] = {}
    trials: dict[Settings, float] = {}
    best, done = settings, 0
    for group in groups:
        for change in group:
            if budget is not None and trials and time.monotonic() - start > budget:
                break
            done += 1
            candidate = replace(best, **change)
            if candidate not in trials:
                key = candidate.counting_key()
                with one_thread():
                    if key not in corpora:
                        corpora[key] = build_corpus(dataset, candidate)
                    trials[candidate] = _score(corpora[key], candidate, jobs)
            if trials[candidate] > trials.get(best, -np.inf) + MARGIN or best not in trials:
                best = candidate
            if progress is not None:
                progress(done, total)
    chosen = replace(
        best,
        exclusive=open_settings.exclusive,
        always_assign=open_settings.always_assign,
        folds=open_settings.folds,
    )
    measure = N_("accuracy") if settings.exclusive else N_("mean average precision")
    return Tuning(chosen, measure, tuple(Trial(*item) for item in trials.items()), total - done)


def _score(corpus: Corpus, settings: Settings, jobs: int) -> float:
    """Score settings on the examples that every fold could learn of."""
    held_out = np.nan_to_num(out_of_fold_scores(corpus, settings, jobs=jobs).scores, nan=-1.0)
    targets = corpus.targets[: corpus.examples]
    if settings.exclusive:
        return float(accuracy_score(targets.argmax(axis=1), held_out.argmax(axis=1)))
    present = targets.any(axis=0)
    return float(average_precision_score(targets[:, present], held_out[:, present], average="macro"))
