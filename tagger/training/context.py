"""Out-of-fold log odds of documents → what their paragraphs tell of one another, where that helps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from tagger.scoring.context import LinearContext, evidence, order_by_document
from tagger.scoring.linear import squash
from tagger.settings import FOLDS, Settings
from tagger.training.folds import split_documents

__all__ = ["fit_context"]

# With fewer documents of several examples there is too little to learn from.
_FEWEST_DOCUMENTS = 20
# L2 penalty: adds _PENALTY / 2 · ‖coefficients - start‖² to the log loss summed over examples. The last two, which are
# offsets, have a twentieth of it.
_PENALTY = 5.0
_OFFSET_SHARE = 0.05
# Alone at first: its own log odds, and nothing of the others.
_START = np.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
_BOUNDS = [(0.0, None)] * 4 + [(None, None)] * 2
# Pages hold parts of articles too: the first paragraphs alone, some left out, two articles on one page.
_FIRST = 4
_LEFT_OUT = 0.5
# Probabilities are kept this far from 0 and 1 when they are compared.
_EDGE = 1e-6


def fit_context(
    alone: NDArray[np.float64],
    targets: NDArray[np.bool_],
    *,
    groups: NDArray[np.int64],
    character_counts: NDArray[np.int64],
    furniture: NDArray[np.bool_],
    settings: Settings,
) -> tuple[LinearContext | None, NDArray[np.float64], NDArray[np.bool_]]:
    """Learn from the out-of-fold log odds that examples have by themselves (examples, topics).

    `groups` and `character_counts` (examples,) number the examples' documents and count their characters; `furniture`
    is left out. Returns the context, the probabilities of all examples, and which of them were judged among others:
    with it for the examples of documents that were left out, by themselves for the others. The context is None where
    there are too few documents of several examples, where a topic could not be scored, or where documents that were
    left out are predicted no better (by log loss).
    """
    exclusive = bool(settings.exclusive)
    probability = squash(alone, exclusive=exclusive)
    nowhere = np.zeros(len(alone), dtype=bool)
    order, counts = order_by_document(groups)
    plain = ~furniture[order]
    document = np.repeat(np.arange(len(counts)), counts)
    counts = np.bincount(document[plain], minlength=len(counts))
    several = order[plain & (counts[document] > 1)]
    if (counts > 1).sum() < _FEWEST_DOCUMENTS or not np.isfinite(alone[several]).all():
        return None, probability, nowhere
    _, group = np.unique(groups[several], return_inverse=True)
    pages = _Pages(alone[several], targets[several], character_counts[several], exclusive=exclusive)
    odds = np.empty(pages.targets.shape)
    for rest, fold in split_documents(group, pages.targets, folds=settings.folds or FOLDS, seed=settings.seed):
        context = _fit(pages, group, rest, settings.seed)
        odds[fold] = pages.odds(context, group, fold)
    together = squash(odds, exclusive=exclusive)
    if _log_loss(together, pages.targets) >= _log_loss(probability[several], pages.targets):
        return None, probability, nowhere
    among = nowhere.copy()
    among[several] = True
    probability[several] = together
    return _fit(pages, group, np.arange(len(group)), settings.seed), probability, among


class _Pages:
    """Examples of documents, of which pages are made."""

    def __init__(
        self,
        alone: NDArray[np.float64],
        targets: NDArray[np.bool_],
        character_counts: NDArray[np.int64],
        *,
        exclusive: bool,
    ) -> None:
        self.alone, self.targets, self.character_counts, self.exclusive = alone, targets, character_counts, exclusive

    def evidence(self, rows: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the evidence of these rows (rows, topics, 6), on pages of so many (pages,)."""
        return evidence(self.alone[rows], counts, self.character_counts[rows], exclusive=self.exclusive)

    def odds(self, context: LinearContext, group: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the log odds of these rows, all those of their documents (rows, topics)."""
        counts = np.unique(group[rows], return_counts=True)[1]
        return np.asarray(np.einsum("ntk,tk->nt", self.evidence(rows, counts), context.weights))


def _fit(pages: _Pages, group: NDArray[np.int64], rows: NDArray[np.int64], seed: int) -> LinearContext:
    """Fit each topic's coefficients by log loss (L-BFGS), on the documents of these rows as they are and varied."""
    made = list(_vary(group[rows], rows, seed))
    given = np.concatenate([pages.evidence(*page) for page in made])
    target = np.concatenate([pages.targets[found] for found, _ in made])
    penalty = _PENALTY * np.where(np.arange(len(_START)) < 4, 1.0, _OFFSET_SHARE)
    weights = np.empty((target.shape[1], len(_START)))
    for topic in range(target.shape[1]):
        x, y = given[:, topic], target[:, topic]

        def loss(w: NDArray[np.float64], x: Any = x, y: Any = y) -> tuple[float, NDArray[np.float64]]:
            odds = np.einsum("nk,k->n", x, w)
            cost = np.logaddexp(0, odds).sum() - odds[y].sum() + (penalty * (w - _START) ** 2).sum() / 2
            error = squash(odds, exclusive=False) - y
            return float(cost), np.einsum("nk,n->k", x, error) + penalty * (w - _START)

        weights[topic] = minimize(loss, _START, jac=True, method="L-BFGS-B", bounds=_BOUNDS).x
    return LinearContext(weights)


def _vary(
    group: NDArray[np.int64], rows: NDArray[np.int64], seed: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return rows and how many each page has: documents whole, their first ones, a half of them, and two together."""
    documents = np.split(rows, np.flatnonzero(np.diff(group)) + 1)
    random = np.random.default_rng(seed)
    halves = [document[random.random(len(document)) >= _LEFT_OUT] for document in documents]
    mixed = [documents[number] for number in random.permutation(len(documents)).tolist()]
    pairs = [np.concatenate(mixed[number : number + 2]) for number in range(0, len(mixed) - 1, 2)]
    for pages in (documents, [document[:_FIRST] for document in documents], halves, pairs):
        several = [page for page in pages if len(page) > 1]
        if several:
            yield np.concatenate(several), np.array(list(map(len, several)), dtype=np.int64)


def _log_loss(probability: NDArray[np.float64], targets: NDArray[np.bool_]) -> float:
    seen = np.where(targets, probability, 1 - probability)
    return -float(np.log(np.maximum(seen, _EDGE)).mean())
