"""A corpus → what several judges, none of which saw an example, say of its topics: one probability for each.

The judges are the library's own machine, taught three times: each in other folds, where it is taught with other
examples and errs elsewhere, and but for the first without the tenth of the examples that look most suspect until then,
for a wrong label teaches its mistake to others like it. Where a text has exactly one topic there are complement naive
Bayes, which errs on other texts, and the nearest texts, which know what no line through all of them can: whether to
hear them is decided by log loss. Paragraphs of an article are judged with the others of their article.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tagger.curation.judges import judge_by_naive_bayes, judge_by_nearest
from tagger.curation.suspects import Corrections, Mode, best_corrections
from tagger.evaluation import cross_fitted
from tagger.settings import Settings
from tagger.training import Corpus, HeldOut, out_of_fold_scores

__all__ = ["Opinions", "ask", "parts"]

# The share of the examples without which the machine is taught again, as far as they look wrong at all.
_SUSPECT = 0.1
# Naive Bayes or the nearest texts are heard where with their voice the log loss is no more than so many times that of
# the machine's voices: who errs elsewhere finds more errors even where he is a little worse by himself, but not where
# he is much worse. Both together make it 1.01 to 1.03 times as large on titles and reviews, where they help.
_TOLERATED = 1.04
# The third time wins .02 of average precision among planted errors of events and .001 to .006 on other sets, a fourth
# half as much.
_AGAIN = ("machine, taught again", "machine, taught a third time")
_EDGE = 1e-6


@dataclass(frozen=True)
class Opinions:
    """What judges say of examples.

    Attributes:
        targets: bool (examples, topics), the labels that were judged.
        voices: by the names of those that are heard, their probabilities, float64 (examples, topics).
        copies: int64 (examples,), the number of the group of copies that each example is in.
        mode: which topics a text may have.
    """

    targets: NDArray[np.bool_]
    voices: dict[str, NDArray[np.float64]]
    copies: NDArray[np.int64]
    mode: Mode

    @cached_property
    def probability(self) -> NDArray[np.float64]:
        """The mean of all voices, float64 (examples, topics); each copy of a text speaks for its topics too."""
        mean = _mean(self.voices)
        sums = np.zeros((self.copies.max(initial=-1) + 1, self.targets.shape[1]))
        np.add.at(sums, self.copies, self.targets)
        others = np.bincount(self.copies)[self.copies] - 1
        return np.asarray((mean + sums[self.copies] - self.targets) / (1 + others)[:, np.newaxis])

    def corrections(self) -> Corrections:
        """Return the likeliest correction of each example."""
        return best_corrections(self.probability, self.targets, self.mode)


def parts(corpus: Corpus, copies: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number what folds must not divide, int64 (examples,): documents, with all those that hold copies of a text.

    `copies` (examples,) number the groups of copies.
    """
    numbers = np.asarray(corpus.groups)
    while True:
        before = numbers
        for groups in (copies, corpus.groups):
            lowest = np.full(len(numbers), len(numbers))
            np.minimum.at(lowest, groups, numbers)
            numbers = lowest[groups]
        if np.array_equal(before, numbers):
            return np.asarray(np.unique(numbers, return_inverse=True)[1])


def ask(
    corpus: Corpus,
    settings: Settings,
    copies: NDArray[np.int64],
    *,
    judges: Collection[str] | None = None,
    jobs: int = 1,
) -> Opinions:
    """Ask judges about every example: those named, or those that are worth it.

    `copies` (examples,) number the groups of copies of a text, from 0 or with gaps; there must be two `parts` at least.
    `settings` have nothing left open, but for `count_ratios`.
    """
    mode = Mode.of(settings)
    targets = corpus.targets[: corpus.examples]
    # Furniture of the page has no topic; what is said to have one is to be judged as any other text.
    corpus = replace(corpus, furniture=corpus.furniture & ~targets.any(axis=1))
    parted = replace(corpus, groups=parts(corpus, copies))
    held_out = out_of_fold_scores(parted, settings, jobs=jobs)
    voices = {"machine": _of_machine(corpus, settings, held_out)}
    for number, name in enumerate(_AGAIN, start=1):
        # What a swap has more for the way people err says nothing of who teaches a mistake.
        suspects = _most_suspect(best_corrections(_mean(voices), targets, mode, alike=0.0))
        other = replace(settings, count_ratios=held_out.count_ratios, seed=(settings.seed + number) % 2**32)
        again = out_of_fold_scores(parted, other, jobs=jobs, leave_out=suspects)
        voices[name] = _of_machine(corpus, other, again)
    bar = _TOLERATED * _log_loss(_mean(voices), targets, mode)
    # Where a text may have several topics, the nearest texts cost .03 to .05 of average precision on press and events.
    others = {"naive Bayes": judge_by_naive_bayes, "nearest texts": judge_by_nearest} if mode.exclusive else {}
    for name, judge in others.items():
        if judges is None or name in judges:
            heard = voices | {name: judge(corpus, settings, held_out.folds)}
            if judges is not None or _log_loss(_mean(heard), targets, mode) <= bar:
                voices = heard
    return Opinions(targets, voices, copies, mode)


def _mean(voices: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.asarray(np.mean([*voices.values()], axis=0))


def _of_machine(corpus: Corpus, settings: Settings, held_out: HeldOut) -> NDArray[np.float64]:
    probability = np.zeros((corpus.examples, corpus.targets.shape[1]))
    for fold, found, _ in cross_fitted(corpus, settings, held_out):
        probability[fold] = found
    return probability


def _most_suspect(corrections: Corrections) -> NDArray[np.bool_]:
    """Mark the examples that look most wrong, a tenth of them at most."""
    log_odds = corrections.log_odds
    order = np.argsort(-log_odds, kind="stable")[: int(_SUSPECT * len(log_odds))]
    suspects = np.zeros(len(log_odds), dtype=np.bool_)
    suspects[order] = log_odds[order] > 0
    return suspects


def _log_loss(probability: NDArray[np.float64], targets: NDArray[np.bool_], mode: Mode) -> float:
    edged = np.clip(probability, _EDGE, 1 - _EDGE)
    seen = edged[targets] if mode.exclusive else np.where(targets, edged, 1 - edged)
    return -float(np.log(seen).mean())
