"""Labels + unlabelled texts → words to enter as keywords of a topic, by what its likely texts say and others do not.

Where labels are few, what stands in labelled texts alone is mostly chance. So the unlabelled ones speak: those that a
machine taught by the labels scores highest for a topic are contrasted with those in the lower half. Words rank by the
square of their log odds with an informative prior (Monroe, Colaresi and Quinn, Fightin' words, 2008), times the root of
the share of likely texts that say them: a keyword that is hardly ever said does not help.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tagger.curation.phrases import Phrases, find_phrases
from tagger.curation.pool import fresh_texts_of
from tagger.dataset import Dataset
from tagger.records import Example, Topic
from tagger.settings import Settings
from tagger.text import normalise
from tagger.training import build_corpus, one_thread, resolve_settings
from tagger.training.pseudo_labels import placed_rows, placed_scores
from tagger.training.tfidf import single_character_weight, tfidf_matrix

__all__ = ["Proposal", "TopicProposals", "propose_keywords"]

# The share of the unlabelled texts that is taken for a topic's, and how many are at least; and the share that is not.
_LIKELY = 0.05
_FEWEST_LIKELY = 20
_OTHERS = 0.5
# Likely texts that must say a word.
_FEWEST_TEXTS = 3
# For how many texts the prior counts, and how many of them say any word.
_PRIOR = 10.0
_FLOOR = 0.5
# A part of a longer phrase is no keyword of its own, if so large a share of its texts say the longer one.
_PART = 0.7
# Words that are looked at for each one that is asked for.
_REACH = 5


@dataclass(frozen=True)
class Proposal:
    """A word that may be a keyword.

    Attributes:
        word: as it is normalised.
        inside, outside: how many of the topic's likely texts say it, and how many of those it is contrasted with.
        known: whether it is a keyword of the topic already.
        example: one of the likely texts that say it, that which is likeliest.
    """

    word: str
    inside: int
    outside: int
    known: bool
    example: str


@dataclass(frozen=True)
class TopicProposals:
    """The words of a topic, the best first, by `likely` texts of it contrasted with `others`."""

    topic: Topic
    likely: int
    others: int
    words: tuple[Proposal, ...]


def propose_keywords(
    dataset: Dataset,
    pool: Sequence[Example],
    *,
    number: int = 20,
    topics: Collection[str] | None = None,
    settings: Settings | None = None,
    told: Callable[[str], object] | None = None,
) -> tuple[TopicProposals, ...]:
    """Propose so many new keywords a topic, and those it has that are as good, by unlabelled texts.

    `dataset` holds labels, or topics with keywords to start from. `topics` are the names of those that are wanted, None
    all. One that cannot be learnt, as it has no example and no keyword, is left out. `told` is called with a sentence
    about the texts.

    Raises:
        DataError: when no text is left that is not labelled, or nearly.
    """
    fresh = fresh_texts_of(pool, dataset)
    if told is not None:
        told(str(fresh))
    texts = tuple(example.text for example in fresh.texts)
    dataset = replace(dataset, unlabelled=texts)
    settings = resolve_settings(settings or Settings(), dataset)
    with one_thread():
        corpus = build_corpus(dataset, settings)
        weight = single_character_weight(corpus.targets[: corpus.examples], settings)
        scores = placed_scores(corpus, placed_rows(corpus, tfidf_matrix(corpus, weight, minimum=2)[1]), settings)
    codes = corpus.codes.take(np.arange(corpus.labelled, len(corpus.counts)))
    phrases = find_phrases(codes, corpus.vocabulary)
    most = max(1, min(len(texts) // 2, max(_FEWEST_LIKELY, round(_LIKELY * len(texts)))))
    fewest = min(len(texts) - most, round(_OTHERS * len(texts)))
    found = []
    for topic, score in zip(dataset.topics, scores.T, strict=True):
        if (topics is None or topic.name in topics) and np.isfinite(score).all():
            order = np.argsort(-score, kind="stable")
            words = tuple(_rank(phrases, texts, order[:most], order[len(texts) - fewest :], topic, number))
            found.append(TopicProposals(topic, most, fewest, words))
    return tuple(found)


def _rank(
    phrases: Phrases,
    texts: Sequence[str],
    likely: NDArray[np.int64],
    others: NDArray[np.int64],
    topic: Topic,
    number: int,
) -> Iterator[Proposal]:
    """Yield so many new words of a topic, the best first, and those it has that are as good."""
    inside, outside = phrases.counts(likely), phrases.counts(others)
    prior = _FLOOR + _PRIOR * (inside + outside) / (len(likely) + len(others))
    odds = [
        np.log((said + prior) / (every + _PRIOR + 2 * _FLOOR - said - prior))
        for said, every in ((inside, len(likely)), (outside, len(others)))
    ]
    score = np.maximum(odds[0] - odds[1], 0) ** 2 * np.sqrt(inside / len(likely)) * (inside >= _FEWEST_TEXTS)
    known = {normalise(keyword).strip() for keyword in topic.keywords}
    order = np.argsort(-score, kind="stable")[: _REACH * (number + len(known))].tolist()
    looked_at = {phrases.words[place]: place for place in order if score[place] > 0}
    for word, place in looked_at.items():
        longer = [other for name, other in looked_at.items() if word in name and word != name]
        if any(inside[other] >= _PART * inside[place] for other in longer):
            continue
        number -= word not in known
        if number < 0:
            return
        example = texts[phrases.first(place, likely)]
        yield Proposal(word, int(inside[place]), int(outside[place]), word in known, example)
