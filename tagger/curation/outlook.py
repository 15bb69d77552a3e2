"""Labels → what more of them would bring, by how quality grew from an eighth to all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagger.messages import N_, _, joined
from tagger.settings import FOLDS, Settings
from tagger.training import Corpus, one_thread, split_documents
from tagger.training.linear_fit import fit_candidates
from tagger.training.pool import quality
from tagger.training.svm import ROUGH

__all__ = ["Gain", "Outlook", "look_ahead"]

# Shares of the documents that are learnt from.
SHARES = (0.125, 0.25, 0.5, 1.0)
# With fewer, an eighth of them teaches nothing.
_FEWEST = 80
_RESAMPLES = 200
# Powers that are tried: error = a + b × labels^-power.
_POWERS = np.arange(0.05, 1.25, 0.05)
_INTERVAL = (5, 95)  # percentiles


@dataclass(frozen=True)
class Gain:
    """What `labels` more labels, taken at random, would add to the quality, with the bounds of its 90% interval."""

    labels: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Outlook:
    """How quality grows with labels.

    Attributes:
        curve: how many labels were learnt from, and the quality of those left out.
        gains: what more would bring; none where labels are too few to tell.
        exclusive: whether quality is the share that is right; otherwise it is the best F1 over all topics.
    """

    curve: tuple[tuple[int, float], ...]
    gains: tuple[Gain, ...]
    exclusive: bool

    def __str__(self) -> str:
        if not self.gains:
            return _("what more labels would bring cannot be told from so few")
        gains = [
            _(
                "{labels} more about {value:+.3f} ({low:+.3f} to {high:+.3f})",
                labels=gain.labels,
                value=gain.value,
                low=gain.low,
                high=gain.high,
            )
            for gain in self.gains
        ]
        return _(
            "{measure} grew {values} by folds from an eighth of the labels to all, so taken at random {gains}",
            measure=_("the share that is right") if self.exclusive else "F1",
            values=" → ".join(f"{value:.3f}" for labels, value in self.curve),
            gains=joined(gains, N_("{first} and {second}")),
        )

    def of_next(self) -> str:
        """Return in a sentence what the first gain is; empty where labels are too few to tell."""
        if not self.gains:
            return ""
        gain = self.gains[0]
        return _(
            "{measure} is about {now:.2f} by folds; {labels} more labels, taken at random, would bring about "
            "{value:+.3f} ({low:+.3f} to {high:+.3f})",
            measure=_("the share that is right") if self.exclusive else "F1",
            now=self.curve[-1][1],
            labels=gain.labels,
            value=gain.value,
            low=gain.low,
            high=gain.high,
        )


def look_ahead(corpus: Corpus, settings: Settings, number: int) -> Outlook:
    """Tell what `number` more labels, and as many again as there are, would bring; settings are resolved.

    A power law with a floor is fitted to the errors (Cortes et al. 1994); the interval is that of resampled documents.
    """
    exclusive = bool(settings.exclusive)
    if corpus.examples < _FEWEST or len(np.unique(corpus.groups)) < _FEWEST / 4:
        return Outlook((), (), exclusive)
    sizes, scores = _scores(corpus, settings)
    targets = corpus.targets[: corpus.examples]
    curve = [quality(found, targets, settings) for found in scores]
    more = np.array([number, corpus.examples])
    value = _gains(sizes, np.array(curve), corpus.examples, more)
    random = np.random.default_rng(settings.seed)
    documents, of_document = np.unique(corpus.groups, return_inverse=True)
    drawn = []
    for _resample in range(_RESAMPLES):
        times = np.bincount(random.integers(len(documents), size=len(documents)), minlength=len(documents))
        rows = np.repeat(np.arange(corpus.examples), times[of_document])
        again = np.array([quality(found[rows], targets[rows], settings) for found in scores])
        drawn.append(_gains(sizes, again, corpus.examples, more))
    low, high = np.percentile(drawn, _INTERVAL, axis=0)
    gains = tuple(Gain(*row) for row in zip(more.tolist(), value.tolist(), low.tolist(), high.tolist(), strict=True))
    return Outlook(tuple(zip(np.rint(sizes).astype(int).tolist(), curve, strict=True)), gains, exclusive)


def _scores(corpus: Corpus, settings: Settings) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """Return how many examples were learnt from (shares,), and what each share's fits say of examples left out."""
    targets = corpus.targets[: corpus.examples]
    bare = corpus.without_feature_names()
    splits = list(split_documents(corpus.groups, targets, folds=settings.folds or FOLDS, seed=settings.seed))
    sizes, scores = np.zeros(len(SHARES)), [np.full(targets.shape, -np.inf) for _ in SHARES]
    for number, (rest, fold) in enumerate(splits):
        documents = np.random.default_rng([settings.seed, number]).permutation(np.unique(corpus.groups[rest]))
        for place, share in enumerate(SHARES):
            rows = rest[np.isin(corpus.groups[rest], documents[: round(share * len(documents))])]
            with one_thread():
                models, learnt = fit_candidates(bare.part(rows), settings, tolerance=ROUGH)
            raw, _ = models[-1].scores(bare.unseen(fold, known=rows), corpus.character_counts[fold])
            scores[place][fold] = np.where(learnt, raw, -np.inf)
            sizes[place] += len(rows) / len(splits)
    return sizes, scores


def _gains(
    sizes: NDArray[np.float64], curve: NDArray[np.float64], examples: int, more: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Fit error = a + b × labels^-power with a and b not below 0, and return what it falls by with more labels."""
    best, gains = np.inf, np.zeros(len(more))
    errors = 1 - curve
    for power in _POWERS.tolist():
        x = sizes**-power
        slope = max(0.0, float(np.cov(x, errors, bias=True)[0, 1] / x.var()))
        floor = errors.mean() - slope * x.mean()
        if floor < 0:
            floor, slope = 0.0, float(x @ errors / (x @ x))
        missed = float(((floor + slope * x - errors) ** 2).sum())
        if missed < best:
            best = missed
            gains = slope * (float(examples) ** -power - (examples + more) ** -power)
    return gains
