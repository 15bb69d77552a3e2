"""Print what traditional characters cost: python scripts/traditional.py.

Every fifth document of labels.csv is left out of training, and tagged as it is, in traditional characters, and in those
and the words of Taiwan and Hong Kong (OpenCC's s2t, s2twp and s2hk), by a tagger that simplifies and one that does not.
Then how many characters come back as they were, and what simplifying costs. Takes a minute.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import opencc
from train_shipped_model import SETTINGS

import tagger
from tagger.dataset import Dataset, read_dataset
from tagger.evaluation.measures import f1_score
from tagger.tagging import classify_paragraphs
from tagger.text import is_furniture, simplify
from tagger.training import train_dataset

ROOT = Path(__file__).parents[1]
FOLDS = 5
WAYS = {
    "as written": None,
    "traditional characters": "s2t",
    "characters and words of Taiwan": "s2twp",
    "characters of Hong Kong": "s2hk",
}


def main() -> None:
    """Train, convert, tag and compare."""
    dataset = read_dataset(ROOT / "labels.csv")
    left_out = set(sorted({str(example.document) for example in dataset.examples})[::FOLDS])
    examples = [e for e in dataset.examples if e.document in left_out]
    rest = tuple(e for e in dataset.examples if e.document not in left_out)
    plain = train_dataset(replace(dataset, examples=rest), SETTINGS, jobs=-1)
    print(f"{len(left_out)} documents, {len(examples)} paragraphs, macro-F1:\n")
    print("| text | as it is | simplified |\n|---|---|---|")
    for name, way in WAYS.items():
        converted = Dataset(name, tuple(replace(e, text=convert(e.text, way)) for e in examples), dataset.topics)
        print(f"| {name} | {quality(plain, converted):.3f} | {quality(plain.simplifying(), converted):.3f} |")
    texts = [example.text for example in examples]
    characters = sum(map(len, texts))
    changed = sum(map(differ, map(simplify, texts), texts))
    returned = sum(differ(simplify(convert(text, "s2t")), text) for text in texts)
    print(f"\nof {characters} characters {returned} do not come back from s2t, and {changed} of simplified text change")
    articles = ["\n".join(texts[first : first + 15]) for first in range(0, len(texts), 15)]
    for name, model in {"as it is": plain, "simplified": plain.simplifying()}.items():
        print(f"tagging {name}: {characters / best_time(model, articles) / 1e6:.2f} million characters a second")


def convert(text: str, way: str | None) -> str:
    """Convert simplified text by one of OpenCC's ways, or leave it."""
    return text if way is None else str(converter(way).convert(text))


@lru_cache
def converter(way: str) -> opencc.OpenCC:
    """Return a converter; to read its dictionaries takes milliseconds."""
    return opencc.OpenCC(way)


def differ(one: str, other: str) -> int:
    """Count the places at which two texts of one length differ."""
    return sum(a != b for a, b in zip(one, other, strict=True))


def quality(model: tagger.Tagger, dataset: Dataset) -> float:
    """Return the macro-F1 of paragraphs among those of their documents, as `tag` judges them."""
    found, true = [], []
    for document in dict.fromkeys(e.document for e in dataset.examples):
        examples = [e for e in dataset.examples if e.document == document]
        texts = [e.text for e in examples]
        read = list(map(simplify, texts)) if model.settings.simplify else texts
        furniture = [len(texts) > 1 and is_furniture(text) for text in read]
        found.append(classify_paragraphs(model.model, texts, [len(texts)], furniture)[1])
        true.append(np.array([[topic in e.topics for topic in model.topics] for e in examples]))
    assigned, target = np.concatenate(found), np.concatenate(true)
    return float(f1_score((assigned & target).sum(axis=0), assigned.sum(axis=0), target.sum(axis=0)).mean())


def best_time(model: tagger.Tagger, articles: list[str]) -> float:
    """Return the least processor time of five in which articles are tagged, in seconds."""
    times = []
    for _ in range(5):
        began = time.process_time()
        for _ in model.tag_many(articles):
            pass
        times.append(time.process_time() - began)
    return min(times)


if __name__ == "__main__":
    main()
