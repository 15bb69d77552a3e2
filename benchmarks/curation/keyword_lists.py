"""Words proposed for each topic of the project's own labels from few examples, for people to judge.

Examples are drawn from articles that are not held out until each topic, and none, has so many; the topics' own keywords
are not used. 5,000 of the other paragraphs are the unlabelled texts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from speed.sets import read_sets

import tagger
from tagger.curation.proposing import propose_keywords
from tagger.dataset import read_dataset, read_topics

__all__ = ["measure", "table"]

SIZES = (20, 50)
POOL = 5000
TOPICS = Path(__file__).parents[2] / "topics.toml"


def measure(names: Sequence[str] | None, *, seeds: Sequence[int]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the first 20 words of each topic; `names` are sizes, such as 20."""
    train = next(iter(read_sets(megabytes=0))).train
    topics = [replace(topic, keywords=()) for topic in read_topics(TOPICS)]
    for size in map(int, names or map(str, SIZES)):
        for seed in seeds:
            number: Counter[str] = Counter()
            drawn, rest = [], []
            for row in np.random.default_rng(seed).permutation(len(train)).tolist():
                labels = train[row].labels
                if any(number[name] < size for name in labels or ("",)):
                    number.update(labels or ("",))
                    drawn.append(tagger.Example(train[row].text, tuple(sorted(labels)), str(row)))
                else:
                    rest.append(tagger.Example(train[row].text, ()))
            dataset = read_dataset(drawn, topics=topics, keep_conflicts=True)
            found = propose_keywords(dataset, rest[:POOL])
            yield f"{size} {seed}", {one.topic.title: [word.word for word in one.words] for one in found}


def table(stored: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Return the lists of words."""
    for key, found in stored.items():
        size, _, seed = key.partition(" ")
        yield f"{size} examples a topic, seed {seed}"
        for title, words in found.items():
            yield f"  {title}: {' '.join(words)}"
