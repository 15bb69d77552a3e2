"""The public sets in the folder that TAGGER_BENCH names, what was published on them, and few examples drawn of many."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from speed.sets import Labelled

__all__ = ["FEW", "POOL", "PUBLISHED", "SIZES", "SOURCES", "Published", "draw", "read_split"]


@dataclass(frozen=True)
class Published:
    """What others published on a test split; in sets of one label all measures are accuracy."""

    method: str
    micro: float
    macro: float
    exact: float


def _accuracy(method: str, value: float) -> Published:
    return Published(method, value, value, value)


# As their authors published them, on exactly these test splits.
PUBLISHED = {
    "thucnews_titles_12800": (
        _accuracy("TextCNN", 0.8398),
        _accuracy("TextCNN, adversarial training", 0.8461),
    ),
    "duee_events": (
        Published("BERT", 0.9458, 0.9370, 0.8985),
        Published("RoBERTa-wwm-ext-large", 0.9483, 0.9383, 0.9065),
    ),
    "chnsenticorp": (
        _accuracy("BERT", 0.950),
        _accuracy("RoBERTa-wwm-ext-large", 0.958),
    ),
    "thucnews_titles": (
        _accuracy("TextCNN, on 4 times as much", 0.9122),
        _accuracy("fastText, on 4 times as much", 0.9223),
        _accuracy("BERT, on 4 times as much", 0.9483),
    ),
}
SOURCES = {
    "thucnews_titles_12800": "https://github.com/derekdqc/adversarialTextCNN",
    "duee_events": "https://github.com/percent4/keras_bert_multi_label_cls",
    "chnsenticorp": "https://github.com/ymcui/Chinese-BERT-wwm",
    "thucnews_titles": "https://github.com/649453932/Chinese-Text-Classification-Pytorch",
}
# Examples a topic; in the set of 65 topics few have more than 100.
SIZES = {"thucnews_titles": (10, 30, 100, 300, 1000), "chnsenticorp": (10, 30, 100, 300, 1000), "duee_events": (10, 30)}
FEW = tuple(SIZES)
# Texts of the training split that were not drawn, given without labels.
POOL = 5000


def read_split(folder: Path, split: str) -> tuple[Labelled, ...]:
    """Read the train or test split of a set; fastText takes a line for a text, so that nobody gets line breaks."""
    with (folder / f"{split}.jsonl").open("rb") as lines:
        rows = [json.loads(line) for line in lines]
    return tuple(
        Labelled(" ".join(row["text"].split("\n")), tuple(row["labels"]), f"#{place}") for place, row in enumerate(rows)
    )


def draw(examples: Sequence[Labelled], size: int, seed: int) -> tuple[list[Labelled], list[Labelled]]:
    """Draw examples until each topic has `size`, where there are as many; and POOL of those left over."""
    shuffled = random.Random(seed).sample(examples, len(examples))  # noqa: S311 - a fixed seed is the point
    number: Counter[str] = Counter()
    drawn, rest = [], []
    for example in shuffled:
        if any(number[label] < size for label in example.labels):
            number.update(example.labels)
            drawn.append(example)
        else:
            rest.append(example)
    return drawn, rest[:POOL]
