"""Texts × a model → scores, probabilities, topics, articles and explanations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tagger.features.extraction import Occurrences, Rows, count, extract, sublinear
from tagger.model import Model
from tagger.records import Article, Contribution, Explanation, Paragraph, Tag, TaggedParagraph
from tagger.scoring.linear import length_scores, probabilities, rank
from tagger.text import normalise_with_offsets, simplify

__all__ = [
    "check_text",
    "check_texts",
    "classify_articles",
    "classify_paragraphs",
    "classify_texts",
    "explain_text",
    "in_batches",
    "score_texts",
    "tag_articles",
]

# Characters worked on at once. Of 2^13 to 2^18 the more were the faster, NumPy spending its time in loops of its own;
# these take 17 MB more than 2^16.
_BATCH = 1 << 18
# Probabilities worked on at once, which are texts times topics: an array of them takes 16 MB.
_CELLS = 1 << 21


def score_texts(model: Model, texts: Iterable[str]) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return scores (texts, topics), by how many features, and how many characters texts have, both (texts,)."""
    parts = [_score_batch(model, batch) for batch in in_batches(texts, len(model.topics))] or [_score_batch(model, [])]
    raw, known, character_counts = (np.concatenate(part) for part in zip(*parts, strict=True))
    return raw, known, character_counts


def classify_texts(model: Model, texts: Iterable[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the probability of every topic for each text, and which are assigned: both (texts, topics).

    Each is taken as one paragraph, by itself.
    """
    return model.classifier.classify_scores(*score_texts(model, texts))


def classify_paragraphs(
    model: Model, texts: Sequence[str], paragraph_counts: Sequence[int], furniture: Sequence[bool]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the probability of every topic for paragraphs, and which are assigned: both (paragraphs, topics).

    `paragraph_counts` say how many of the texts, one after another, are the paragraphs of one article, which are judged
    by one another too; `furniture` which of them are no part of what it says.
    """
    return model.classifier.classify_scores(
        *score_texts(model, texts),
        paragraph_counts=np.asarray(paragraph_counts, dtype=np.int64),
        furniture=np.asarray(furniture, dtype=bool),
    )


def classify_articles(
    model: Model, articles: Sequence[Sequence[Paragraph]]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the probability of every topic for each article, and which it has: both (articles, topics).

    What `tag_articles` says of whole articles, without making records of their paragraphs.
    """
    return _classify_split(model, articles)[1]


def tag_articles(model: Model, articles: Sequence[Sequence[Paragraph]]) -> Iterator[Article]:
    """Tag articles that are split into paragraphs, in order; memory holds all of them."""
    (probability, assigned), whole = _classify_split(model, articles)
    tags, every = _tags(model, probability, assigned), probability.tolist()
    topics = model.topic_names
    end = 0
    for paragraphs, article_tags, of_article in zip(articles, _tags(model, *whole), whole[0].tolist(), strict=True):
        start, end = end, end + len(paragraphs)
        tagged = tuple(
            TaggedParagraph(
                p.text,
                p.start,
                p.end,
                p.pieces,
                topics=chosen,
                probabilities=dict(zip(topics, of_paragraph, strict=True)),
                furniture=p.furniture,
            )
            for p, chosen, of_paragraph in zip(paragraphs, tags[start:end], every[start:end], strict=True)
        )
        yield Article(article_tags, dict(zip(topics, of_article, strict=True)), tagged)


def explain_text(model: Model, text: str) -> tuple[Explanation, ...]:
    """Return why a text, taken as one paragraph, has the score of each topic; the most probable topic first.

    The contributions of a topic and its bias add up to its score.
    """
    classifier, linear = model.classifier, model.classifier.linear
    # As long as the text, so that places in it are places in the text.
    normalised, origin = normalise_with_offsets(simplify(text) if model.settings.simplify else text)
    occurrences = _extract(model, [normalised])
    rows = count(occurrences)
    character_counts = occurrences.codes.character_counts()
    raw, known = linear.scores(rows, character_counts)
    probability = probabilities(raw, known, classifier.calibration)
    assigned = classifier.assign(probability, empty=known == 0)
    tf = sublinear(rows.values)
    weights = linear.weights_of(rows.columns)
    # As scores are divided: by the norm, or by nothing where squares are too small to have one.
    shares = tf / (float(np.sqrt(((tf * linear.idf[rows.columns]) ** 2).sum())) or 1.0)
    described = _describe_features(occurrences, rows, origin)
    if len(linear.length_weights):
        described.append(("length", str(character_counts[0]), ()))
    of_length = length_scores(character_counts, linear.length_weights)
    explanations = []
    for index in np.argsort(-probability[0], kind="stable"):
        values = [*(shares * weights[:, index]).tolist(), float(of_length[0, index])]
        contributions = [
            Contribution(feature=feature, kind=kind, value=value, places=places)
            for (kind, feature, places), value in zip(described, values, strict=False)
        ]
        explanations.append(
            Explanation(
                topic=model.topics[index].name,
                title=model.topics[index].title,
                score=float(raw[0, index]),
                bias=float(linear.bias[index]),
                probability=float(probability[0, index]),
                threshold=float(classifier.thresholds[index]),
                assigned=bool(assigned[0, index]),
                contributions=tuple(sorted(contributions, key=lambda c: (-abs(c.value), c.kind, c.feature))),
            )
        )
    return tuple(explanations)


def check_text(text: object) -> str:
    """Return a text; anything else is a TypeError."""
    if not isinstance(text, str):
        raise TypeError(f"a text must be a str, not {type(text).__name__}: decode bytes first, for instance")
    return text


def check_texts(texts: Iterable[str]) -> Iterator[str]:
    """Return several texts, each checked as it comes; a single one in their place, or a table, is a TypeError."""
    if isinstance(texts, str):
        raise TypeError("texts must be several, such as a list of them: put the one in brackets, or use tag")
    if hasattr(texts, "columns") or hasattr(texts, "column_names"):
        # Iterating over a table of pandas yields the names of its columns, which are texts too.
        raise TypeError("texts are a table: pass its column of texts, such as table['text']")
    if isinstance(texts, bytes | bytearray | Mapping) or not isinstance(texts, Iterable):
        # The keys of a dict are texts too, and bytes are numbers.
        raise TypeError(f"texts must be several, such as a list of them, not {type(texts).__name__}")
    return map(check_text, texts)


def in_batches(texts: Iterable[str], topics: int) -> Iterator[list[str]]:
    """Gather texts into batches of about as many characters as are fastest worked on at once, fewer of many topics."""
    most = max(1, _CELLS // max(1, topics))
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text) + 1
        if size >= _BATCH or len(batch) >= most:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _score_batch(
    model: Model, texts: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    found = _extract(model, texts)
    character_counts = found.codes.character_counts()
    return *model.classifier.linear.scores(count(found), character_counts), character_counts


def _extract(model: Model, texts: Sequence[str]) -> Occurrences:
    if model.settings.simplify:
        texts = list(map(simplify, texts))
    return extract(texts, model.vocabulary, words=model.settings.words)


def _classify_split(
    model: Model, articles: Sequence[Sequence[Paragraph]]
) -> tuple[tuple[NDArray[np.float64], NDArray[np.bool_]], tuple[NDArray[np.float64], NDArray[np.bool_]]]:
    """Return probabilities and assigned topics of all paragraphs, and the same of the articles."""
    paragraphs = [paragraph for article in articles for paragraph in article]
    furniture = np.array([paragraph.furniture for paragraph in paragraphs], dtype=bool)
    counts = np.array(list(map(len, articles)), dtype=np.int64)
    found = classify_paragraphs(model, [p.text for p in paragraphs], counts.tolist(), furniture.tolist())
    weights = np.where(furniture, 0.0, [len(paragraph.text) for paragraph in paragraphs])
    return found, model.classifier.classify_articles(*found, counts, weights)


def _tags(model: Model, probability: NDArray[np.float64], assigned: NDArray[np.bool_]) -> list[tuple[Tag, ...]]:
    """Return the tags of what is assigned to each row, the most probable first."""
    columns, ends = rank(probability, assigned)
    values = probability[np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0)), columns].tolist()
    topics = model.topics
    tags = [Tag(topics[c].name, topics[c].title, value) for c, value in zip(columns.tolist(), values, strict=True)]
    return [tuple(tags[start:end]) for start, end in pairwise([0, *ends.tolist()])]


def _describe_features(
    occurrences: Occurrences, rows: Rows, origin: Sequence[int]
) -> list[tuple[str, str, tuple[tuple[int, int], ...]]]:
    """Return kind, feature, and its places in the text as given, for each feature of one text's row."""
    order = np.argsort(occurrences.columns, kind="stable")
    sorted_columns = occurrences.columns[order]
    first, size = int(occurrences.codes.starts[0]), int(occurrences.codes.character_counts()[0])
    described: list[tuple[str, str, tuple[tuple[int, int], ...]]] = []
    for column in rows.columns:
        low, high = np.searchsorted(sorted_columns, [column, column + 1])
        found = [occurrences.describe(index) for index in order[low:high].tolist()]
        # Of a pair with a boundary, the character that is in the text.
        inside = ((max(start - first, 0), min(end - first, size)) for _, start, end in found)
        places = tuple((origin[start], origin[end - 1] + 1) for start, end in inside)
        kind, start, end = found[0]
        described.append((kind, occurrences.codes.text(start, end), places))
    return described
