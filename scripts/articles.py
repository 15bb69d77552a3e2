"""Print how well articles get the topics of their paragraphs, by several rules: python scripts/articles.py.

Each article of labels.csv is tagged by a tagger trained on the other four fifths. An article truly has the topics that
its readers saw in any paragraph. Rules: as `Tagger.tag` does, where any paragraph is assigned the topic; and where the
paragraphs that are assigned it make up a share of the text. Takes two minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from train_shipped_model import SETTINGS

from tagger.dataset import Dataset, read_dataset
from tagger.tagging import classify_texts
from tagger.training import train_dataset

ROOT = Path(__file__).parents[1]
FOLDS = 5
SHARES = (0.05, 0.1, 0.15)
SHORT, LONG = 12, 16


def main() -> None:
    """Tag, compare, and print two tables."""
    dataset = read_dataset(ROOT / "labels.csv")
    truth, any_paragraph, share, lengths = (np.array(part) for part in zip(*tag_articles(dataset), strict=True))
    print("| an article has a topic where | precision | recall | F1 | topics an article |")
    print("|---|---|---|---|---|")
    print_rule("any paragraph has it", any_paragraph, truth)
    for least in SHARES:
        print_rule(f"{least:.0%} of its text has it", share >= least, truth)
    print("\n| paragraphs | articles | topics | wrong topics | every topic, wrongly |")
    print("|---|---|---|---|---|")
    for name, rows in (
        (f"up to {SHORT}", lengths <= SHORT),
        (f"{SHORT + 1} to {LONG - 1}", (lengths > SHORT) & (lengths < LONG)),
        (f"{LONG} and more", lengths >= LONG),
    ):
        found, true = any_paragraph[rows], truth[rows]
        everything = (found.all(axis=1) & ~true.all(axis=1)).mean()
        wrong = (found & ~true).sum(axis=1).mean()
        print(f"| {name} | {rows.sum()} | {found.sum(axis=1).mean():.2f} | {wrong:.2f} | {everything:.1%} |")


def tag_articles(dataset: Dataset) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64], int]]:
    """Yield for each article its true topics, those of any paragraph, each one's share of the text, and its length."""
    documents = list(dict.fromkeys(example.document for example in dataset.examples))
    folds = np.random.default_rng(0).permutation(len(documents)) % FOLDS
    for fold in range(FOLDS):
        left_out = {document for document, number in zip(documents, folds.tolist(), strict=True) if number == fold}
        rest = tuple(example for example in dataset.examples if example.document not in left_out)
        tagger = train_dataset(Dataset(dataset.source, rest, dataset.topics), SETTINGS)
        for document in sorted(map(str, left_out)):
            examples = [example for example in dataset.examples if example.document == document]
            texts = [example.text for example in examples]
            _, assigned = classify_texts(tagger.model, texts, paragraph_counts=[len(examples)])
            size = np.array([len(example.text) for example in examples])
            true = np.array([[topic in example.topics for topic in tagger.topics] for example in examples])
            share = np.asarray(size @ assigned / size.sum())
            yield np.asarray(true.any(axis=0)), np.asarray(assigned.any(axis=0)), share, len(examples)


def print_rule(name: str, found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> None:
    """Print a row of the first table."""
    right = (found & truth).sum()
    precision, recall = right / found.sum(), right / truth.sum()
    f1 = 2 * right / (found.sum() + truth.sum())
    print(f"| {name} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {found.sum(axis=1).mean():.2f} |")


if __name__ == "__main__":
    main()
