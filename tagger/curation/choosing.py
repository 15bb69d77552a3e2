"""A corpus with unlabelled texts → which of them to label next, each for a topic, and why.

Two things are worth asking for: what a machine is unsure about, and what is not asked for already by another text.
docs/labelling-loop.md has what that saved on four sets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.cluster import KMeans

from tagger.settings import Settings
from tagger.training import Corpus, one_thread
from tagger.training.pseudo_labels import placed_rows, placed_scores
from tagger.training.tfidf import single_character_weight, tfidf_matrix

__all__ = ["Pick", "Strategy", "Why", "choose_rows"]

Strategy = Literal["placed", "margin", "diverse", "random"]
Why = Literal["unsure", "rare", "new", "random"]

# No two that are chosen at a time are nearer than this, by the cosine of their rows.
_NEAR = 0.85
# A topic is rare with fewer examples than this share of the mean.
_RARE = 0.5
# A text is new if it is farther from all that is labelled than this share of the unlabelled texts, judged by so many.
_NEW = 0.9
_SAMPLE = 500


@dataclass(frozen=True)
class Pick:
    """An unlabelled text that was chosen.

    Attributes:
        row: its number among the unlabelled texts.
        topic: the column of the topic that it was chosen for; None where for none.
        why: "rare", for a topic of few examples; "new", as it is unlike all that is labelled; "unsure", as the machine
            is; "random".
    """

    row: int
    topic: int | None
    why: Why


def choose_rows(corpus: Corpus, settings: Settings, number: int, strategy: Strategy) -> list[Pick]:
    """Choose unlabelled texts of a corpus, the first to be labelled first; fewer where the rest is like these.

    "placed" asks for each topic in turn what a machine is unsure about that sees where texts lie, "margin" what a plain
    one is most unsure about, "diverse" for a text of each kind, what is unlike all labelled texts first, "random" for
    any. `settings` must be resolved. Without examples the keywords are learnt from.
    """
    random = np.random.default_rng(settings.seed)
    if strategy == "random":
        return [Pick(row, None, "random") for row in random.permutation(corpus.unlabelled)[:number].tolist()]
    with one_thread():
        weight = single_character_weight(corpus.targets[: corpus.examples], settings)
        rows = tfidf_matrix(corpus, weight, minimum=2)[1]
        if strategy != "margin":
            rows = placed_rows(corpus, rows)
        unit = _unit(rows)
        pool, known = unit[corpus.labelled :], unit[: corpus.labelled]
        if strategy == "diverse":
            return _by_kind(corpus, pool, known, settings, number)
        border = _border_distances(placed_scores(corpus, rows, settings), settings)
        counts = corpus.targets[: corpus.labelled].sum(axis=0)
        order = [topic for topic in np.argsort(counts, kind="stable").tolist() if np.isfinite(border[:, topic]).all()]
        if not order:
            return _by_kind(corpus, pool, known, settings, number)
        turns = cycle([[topic] for topic in order] if strategy == "placed" else [order])
        picks = [*_unsure(pool, border, turns, number)]
        sample = random.permutation(corpus.unlabelled)[:_SAMPLE]
        far = np.quantile(_distances(pool[sample], known), _NEW)
        new = _distances(pool[[pick.row for pick in picks]], known) > far
    rare = counts < _RARE * counts[order].mean()
    return [
        replace(pick, why="rare" if rare[pick.topic] else "new" if is_new else "unsure")
        for pick, is_new in zip(picks, new.tolist(), strict=True)
    ]


def _border_distances(scores: NDArray[np.float64], settings: Settings) -> NDArray[np.float64]:
    """Return how far each text is from where each topic begins, infinity for topics not learnt: (texts, topics).

    Exclusive: by how much its score is above the best other one, or below the best.
    """
    if settings.exclusive and scores.shape[1] > 1:
        second, best = np.sort(scores, axis=1)[:, -2:].T[:, :, np.newaxis]
        with np.errstate(invalid="ignore"):
            scores = np.nan_to_num(scores - np.where(scores == best, second, best), nan=np.inf)
    return np.abs(scores)


def _unsure(pool: csr_matrix, border: NDArray[np.float64], turns: Iterator[list[int]], number: int) -> Iterator[Pick]:
    """Yield the text nearest to the border of any of the topics in turn, never one near another."""
    left = np.ones(len(border), dtype=bool)
    for topics in islice(turns, number):
        rows = np.flatnonzero(left)
        if not rows.size:
            return
        place, topic = divmod(int(border[rows][:, topics].argmin()), len(topics))
        row = int(rows[place])
        yield Pick(row, topics[topic], "unsure")
        left &= (pool @ pool[row].T).toarray().ravel() < _NEAR
        left[row] = False


def _by_kind(corpus: Corpus, pool: csr_matrix, known: csr_matrix, settings: Settings, number: int) -> list[Pick]:
    """Choose the text in the middle of each kind, as many kinds as asked for, by where texts lie."""
    places = _unit(csr_matrix(corpus.latent[corpus.labelled :])).toarray()
    clusters = min(number, len(np.unique(places, axis=0)))
    means = KMeans(clusters, n_init=1, random_state=settings.seed).fit(places)
    rows = [
        int(members[(places[members] @ centre).argmax()])
        for kind, centre in enumerate(means.cluster_centers_)
        if (members := np.flatnonzero(means.labels_ == kind)).size
    ]
    distance = _distances(pool[rows], known)
    return [Pick(rows[place], None, "new") for place in np.argsort(-distance, kind="stable").tolist()]


def _distances(rows: csr_matrix, known: csr_matrix) -> NDArray[np.float64]:
    """Return how far each row is from the nearest known one: 1 less the cosine."""
    return np.asarray(1 - (rows @ known.T).max(axis=1).toarray().ravel())


def _unit(rows: csr_matrix) -> csr_matrix:
    norms = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    norms[norms == 0] = 1
    return csr_matrix((rows.data / np.repeat(norms, np.diff(rows.indptr)), rows.indices, rows.indptr), shape=rows.shape)
