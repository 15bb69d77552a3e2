"""The tagging chain once more, slow and obvious: what the fast one must equal."""

import math
from collections import Counter

from tagger.segment import Segmenter
from tagger.tagger import Tagger
from tagger.text import normalise


def features(text: str, segmenter: Segmenter) -> Counter[tuple[str, str]]:
    """Count characters, pairs of neighbours and words of one text."""
    counted: Counter[tuple[str, str]] = Counter()
    normalised = normalise(text)
    for run in normalised.split():
        counted.update(("characters", character) for character in run)
        counted.update(("characters", run[i : i + 2]) for i in range(len(run) - 1))
    for word in segmenter.words(normalised):
        if (word[0].isascii() and word[0].isalnum()) or "㐀" <= word[0] <= "鿿" or word[0] >= "\U00020000":
            counted["word", word] += 1
    return counted


def weigh(text: str, tagger: Tagger, segmenter: Segmenter) -> dict[int, float]:
    """Give the TF-IDF row of one text by column."""
    columns = {(f.kind, f.text): column for column, f in enumerate(tagger.model.features())}
    counted = {columns[f]: n for f, n in features(text, segmenter).items() if f in columns}
    row = {column: (1 + math.log(n)) * float(tagger.model.idf[column]) for column, n in counted.items()}
    length = math.sqrt(sum(value * value for value in row.values()))
    return {column: value / length for column, value in row.items()}


def score(text: str, tagger: Tagger, segmenter: Segmenter) -> list[float]:
    """Give the score of one text for each topic."""
    row = weigh(text, tagger, segmenter)
    return [
        float(tagger.model.bias[topic])
        + sum(value * float(tagger.model.weights[column, topic]) for column, value in row.items())
        for topic in range(len(tagger.topics))
    ]
