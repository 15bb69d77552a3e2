"""The public object: text → article; probabilities; explanations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.context import judge
from tagger.errors import SettingsError
from tagger.features import Occurrences, Rows, count, extract, sublinear
from tagger.linear import assign, by_length, probabilities, rank, scores
from tagger.memory import keep_freed_memory
from tagger.model import Model
from tagger.records import Article, Contribution, Explanation, Paragraph, Tag, TaggedParagraph
from tagger.settings import Settings
from tagger.storage import load_model, save_model, shipped_model
from tagger.text import normalise_with_offsets, split_paragraphs
from tagger.thresholds import parse_purpose

__all__ = ["Tagger", "load"]

# Characters worked on at once. Of 2^13 to 2^18 the more were the faster, NumPy spending its time in loops of its own;
# these take 17 MB more than 2^16.
_BATCH = 1 << 18


def load(folder: str | Path | None = None) -> Tagger:
    """Load the tagger that ships with the package, or one from a model folder.

    >>> load().topics
    ('admin_service', 'anti_fraud', 'law_enforcement', 'team_building')

    Raises:
        ModelError: when the folder is no model, or a damaged one.
    """
    return Tagger(load_model(shipped_model() if folder is None else folder))


class Tagger:
    """Assigns topics to paragraphs, and to articles the topics of their paragraphs.

    Made by `tagger.load` or `tagger.train`. It does not change, can be used from several threads, and can be pickled
    to another process.
    """

    def __init__(self, model: Model) -> None:
        keep_freed_memory()
        self._model = model
        self._thresholds = model.thresholds

    def __repr__(self) -> str:
        return f"Tagger(topics={self.topics!r}, features={len(self._model.idf)})"

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics, in the order of the columns of `predict_proba`."""
        return tuple(topic.name for topic in self._model.topics)

    @property
    def titles(self) -> dict[str, str]:
        """What people read for each topic."""
        return {topic.name: topic.title for topic in self._model.topics}

    @property
    def settings(self) -> Settings:
        """How the tagger was trained and how it decides."""
        return self._model.settings

    @property
    def thresholds(self) -> dict[str, float]:
        """The probability from which each topic is assigned."""
        return dict(zip(self.topics, self._thresholds.tolist(), strict=True))

    @property
    def model(self) -> Model:
        """The data this tagger consists of, for looking inside."""
        return self._model

    def tag(self, text: str) -> Article:
        """Tag one article: split it into paragraphs and assign topics to each, and theirs to the whole.

        Paragraphs are judged by those around them too, where the model has learnt to (`tagger.context`).
        An article has a topic where one of its paragraphs reaches its threshold; its probability is that of the surest
        paragraph. In exclusive models it has the topic with the highest mean probability, paragraphs weighing by their
        length. Text without any paragraph has no topics.
        """
        return next(self.tag_many([text]))

    def tag_many(self, texts: Iterable[str]) -> Iterator[Article]:
        """Tag articles as they come, in order; faster than one at a time, and memory holds a few of them only."""
        for batch in _batches(map(_text, _several(texts))):
            yield from self.tag_split([split_paragraphs(text) for text in batch])

    def tag_split(self, articles: Sequence[Sequence[Paragraph]]) -> Iterator[Article]:
        """Tag articles that are split into paragraphs already, in order; memory holds all of them."""
        texts, lengths, weights = _flatten(articles)
        probability, assigned = self.decide(texts, lengths=lengths)
        whole = self._summarise(probability, assigned, lengths, weights=weights)
        tags, every = self._tags(probability, assigned), probability.tolist()
        topics = self.topics
        end = 0
        for paragraphs, article_tags, of_article in zip(articles, self._tags(*whole), whole[0].tolist(), strict=True):
            start, end = end, end + len(paragraphs)
            tagged = tuple(
                TaggedParagraph(
                    p.text,
                    p.start,
                    p.end,
                    p.pieces,
                    chosen,
                    dict(zip(topics, of_paragraph, strict=True)),
                    furniture=p.furniture,
                )
                for p, chosen, of_paragraph in zip(paragraphs, tags[start:end], every[start:end], strict=True)
            )
            yield Article(article_tags, dict(zip(topics, of_article, strict=True)), tagged)

    def decide_split(self, articles: Sequence[Sequence[Paragraph]]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Give the probability of every topic for each article, and which it has: both (articles, topics).

        What `tag_split` tells of whole articles, without making records of their paragraphs.
        """
        texts, lengths, weights = _flatten(articles)
        return self._summarise(*self.decide(texts, lengths=lengths), lengths, weights=weights)

    def predict(self, texts: Iterable[str]) -> list[tuple[str, ...]]:
        """Assign topics to each text, taken as one paragraph; the most probable first."""
        topics = self.topics
        columns, ends = rank(*self.decide(texts))
        names = [topics[column] for column in columns.tolist()]
        return [tuple(names[start:end]) for start, end in pairwise([0, *ends.tolist()])]

    def predict_proba(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Give the probability of every topic for each text, taken as one paragraph: shape (texts, topics).

        A text without a single known feature gets each topic's share in the training data, and no topic by it.
        """
        return self.decide(texts)[0]

    def decide(
        self, texts: Iterable[str], *, lengths: Sequence[int] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Give the probability of every topic for each text, and which are assigned: both (texts, topics).

        `lengths` tell how many of the texts, one after another, are the paragraphs of one article, and are then judged
        by one another too; without them each is taken as one paragraph.
        """
        raw, empty, sizes = self._score(texts)
        probability = judge(
            raw,
            self._model.calibration,
            empty=empty,
            lengths=None if lengths is None else np.asarray(lengths, dtype=np.int64),
            sizes=sizes,
            context=self._model.context,
        )
        return probability, self._assign(probability, empty)

    def scores(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Give the raw score of every topic for each text, taken as one paragraph: shape (texts, topics)."""
        return self._score(texts)[0]

    def explain(self, text: str) -> tuple[Explanation, ...]:
        """Explain the score of every topic for a text, taken as one paragraph; the most probable topic first.

        The contributions of a topic and its bias add up to its score.
        """
        normalised, origin = normalise_with_offsets(_text(text))
        occurrences = self._extract([normalised])
        rows = count(occurrences)
        raw, empty = scores(rows, self._model.idf, self._model.weights, self._model.bias)
        sizes = occurrences.codes.sizes()
        of_length = by_length(sizes, self._model.of_length)
        raw += of_length
        probability = probabilities(raw, self._model.calibration, empty=empty)
        assigned = self._assign(probability, empty)
        dampened = sublinear(rows.values)
        shares = dampened / max(float(np.linalg.norm(dampened * self._model.idf[rows.columns])), np.finfo(float).tiny)
        spelled = self._spell(occurrences, rows, origin)
        explanations = []
        for index in np.argsort(-probability[0], kind="stable"):
            topic = self._model.topics[index]
            values = shares * self._model.weights[rows.columns, index]
            contributions = [
                Contribution(feature=feature, kind=kind, value=value, places=places)
                for (kind, feature, places), value in zip(spelled, values.tolist(), strict=True)
            ]
            if len(self._model.of_length):
                value = float(of_length[0, index])
                contributions.append(Contribution(feature=str(sizes[0]), kind="length", value=value, places=()))
            explanations.append(
                Explanation(
                    topic=topic.name,
                    title=topic.title,
                    score=float(raw[0, index]),
                    bias=float(self._model.bias[index]),
                    probability=float(probability[0, index]),
                    threshold=float(self._thresholds[index]),
                    assigned=bool(assigned[0, index]),
                    contributions=tuple(sorted(contributions, key=lambda c: (-abs(c.value), c.kind, c.feature))),
                )
            )
        return tuple(explanations)

    def save(self, folder: str | Path) -> None:
        """Save to a model folder; one that stands there is replaced, anything else is left alone.

        Raises:
            ModelError: when the folder holds something that is no model, or cannot be written.
        """
        save_model(self._model, folder)

    def with_thresholds(self, purpose: str | Mapping[str, float]) -> Tagger:
        """Give this tagger with thresholds for another purpose, or with some of them set by hand; nothing is trained.

        `purpose` is "f1", "precision=0.95", "recall=0.9", a probability such as "0.5", or a threshold for some topics
        by name. Where every training example had a topic, "f1" always assigns the best one; any other purpose abstains
        where no topic reaches its threshold. What to expect of the thresholds stands on the model card when saved.

        Raises:
            SettingsError: when it is no purpose, or names an unknown topic.
        """
        model = self._model
        if isinstance(purpose, Mapping):
            if unknown := sorted(set(purpose) - set(self.topics)):
                raise SettingsError(f"unknown topic {unknown[0]!r}: known are {', '.join(self.topics)}")
            operating = tuple(
                operating.serve(parse_purpose(str(float(purpose[topic])))) if topic in purpose else operating
                for topic, operating in zip(self.topics, model.operating, strict=True)
            )
            return Tagger(replace(model, operating=operating))
        parsed = parse_purpose(purpose)
        always = parsed.measure == "f1" and model.provenance.fewest_topics > 0
        return Tagger(
            replace(
                model,
                settings=replace(model.settings, threshold=purpose, always_assign=always),
                operating=tuple(operating.serve(parsed) for operating in model.operating),
            )
        )

    def with_quality(self, quality: dict[str, Any]) -> Tagger:
        """Give this tagger with the measured quality that its model card shows."""
        return Tagger(replace(self._model, quality=quality))

    def _score(self, texts: Iterable[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
        """Give scores (texts, topics), which texts have no known feature, and how many characters, both (texts,)."""
        parts = [self._score_batch(batch) for batch in _batches(map(_text, _several(texts)))] or [self._score_batch([])]
        raw, empty, sizes = (np.concatenate(part) for part in zip(*parts, strict=True))
        return raw, empty, sizes

    def _score_batch(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
        model, found = self._model, self._extract(texts)
        sizes = found.codes.sizes()
        raw, empty = scores(count(found), model.idf, model.weights, model.bias)
        return raw + by_length(sizes, model.of_length), empty, sizes

    def _extract(self, texts: Sequence[str]) -> Occurrences:
        return extract(texts, self._model.vocabulary, words=self.settings.words)

    def _assign(self, probability: NDArray[np.float64], empty: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
        return assign(
            probability,
            self._thresholds,
            exclusive=bool(self.settings.exclusive),
            always=bool(self.settings.always_assign),
            empty=empty,
        )

    def _spell(
        self, occurrences: Occurrences, rows: Rows, origin: Sequence[int]
    ) -> list[tuple[str, str, tuple[tuple[int, int], ...]]]:
        """Spell out the features of one text's row: kind, feature, and its places in the text as given."""
        order = np.argsort(occurrences.columns, kind="stable")
        sorted_columns = occurrences.columns[order]
        spelled: list[tuple[str, str, tuple[tuple[int, int], ...]]] = []
        for column in rows.columns:
            low, high = np.searchsorted(sorted_columns, [column, column + 1])
            found = [occurrences.spell(index) for index in order[low:high].tolist()]
            # One space stands before the text.
            places = tuple((origin[start - 1], origin[end - 2] + 1) for _, start, end in found)
            kind, start, end = found[0]
            spelled.append((kind, occurrences.codes.text(start, end), places))
        return spelled

    def _tags(self, probability: NDArray[np.float64], assigned: NDArray[np.bool_]) -> list[tuple[Tag, ...]]:
        """Spell out what is assigned to each row, the most probable first."""
        columns, ends = rank(probability, assigned)
        values = probability[np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0)), columns].tolist()
        topics = self._model.topics
        tags = [Tag(topics[c].name, topics[c].title, value) for c, value in zip(columns.tolist(), values, strict=True)]
        return [tuple(tags[start:end]) for start, end in pairwise([0, *ends.tolist()])]

    def _summarise(
        self,
        probability: NDArray[np.float64],
        assigned: NDArray[np.bool_],
        lengths: Sequence[int],
        *,
        weights: Sequence[int],
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Give the probability of every topic for each article, and which are assigned: both (articles, topics)."""
        whole = np.zeros((len(lengths), len(self.topics)))
        chosen = np.zeros(whole.shape, dtype=bool)
        counts = np.asarray(lengths)
        filled = np.flatnonzero(counts)
        if not filled.size:
            return whole, chosen
        starts = (np.cumsum(counts) - counts)[filled]
        if self.settings.exclusive:
            share = np.asarray(weights, dtype=np.float64)[:, np.newaxis]
            whole[filled] = np.add.reduceat(probability * share, starts) / np.add.reduceat(share, starts)
            chosen[filled] = self._assign(whole[filled])
        else:
            whole[filled] = np.maximum.reduceat(probability, starts)
            # What was assigned for want of anything better says nothing of the article.
            sure = np.logical_or.reduceat(assigned & (probability >= self._thresholds), starts)
            chosen[filled] = np.where(sure.any(axis=1, keepdims=True), sure, self._assign(whole[filled]))
        return whole, chosen


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text must be a str, not {type(value).__name__}: decode bytes first, for instance")
    return value


def _several(texts: Iterable[str]) -> Iterable[str]:
    if isinstance(texts, str):
        raise TypeError("texts must be several, such as a list of them: put the one in brackets, or use tag")
    return texts


def _flatten(articles: Sequence[Sequence[Paragraph]]) -> tuple[list[str], list[int], list[int]]:
    """Give the texts of all paragraphs, how many each article has, and how long each is."""
    texts = [paragraph.text for paragraphs in articles for paragraph in paragraphs]
    return texts, list(map(len, articles)), list(map(len, texts))


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text) + 1
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
