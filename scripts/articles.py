"""Print how well articles get the topics of their paragraphs, by several rules: python scripts/articles.py.

Each article of labels.csv is tagged by a tagger trained on the other four fifths. An article truly has the topics that
its readers saw in any paragraph. Rules: where any paragraph is assigned the topic; where those that are make up
more than chance gives, as `Tagger.tag` does; and where they make up a share of the text. Takes two minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from train_shipped_model import SETTINGS

from tagger.dataset import Dataset, read_dataset
from tagger.tagging import classify_paragraphs
from tagger.text import is_furniture
from tagger.training import train_dataset

ROOT = Path(__file__).parents[1]
FOLDS = 5
SHARES = (0.05, 0.1, 0.15)
SHORT, LONG = 12, 16


def main() -> None:
    """Tag, compare, and print two tables."""
    dataset = read_dataset(ROOT / "labels.csv")
    truth, any_paragraph, certain, share, lengths = (
        np.array(part) for part in zip(*tag_articles(dataset), strict=True)
    )
    print("| an article has a topic where | precision | recall | F1 | topics an article |")
    print("|---|---|---|---|---|")
    print_rule("any paragraph has it", any_paragraph, truth)
    print_rule("more paragraphs have it than chance gives", certain, truth)
    for least in SHARES:
        print_rule(f"{least:.0%} of its text has it", share >= least, truth)
    print("\n| paragraphs | articles | topics | wrong topics | every topic, wrongly |")
    print("|---|---|---|---|---|")
    for name, rows in (
        (f"up to {SHORT}", lengths <= SHORT),
        (f"{SHORT + 1} to {LONG - 1}", (lengths > SHORT) & (lengths < LONG)),
        (f"{LONG} and more", lengths >= LONG),
    ):
        found, true = certain[rows], truth[rows]
        everything = (found.all(axis=1) & ~true.all(axis=1)).mean()
        wrong = (found & ~true).sum(axis=1).mean()
        print(f"| {name} | {rows.sum()} | {found.sum(axis=1).mean():.2f} | {wrong:.2f} | {everything:.1%} |")


def tag_articles(
    dataset: Dataset,
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64], int]]:
    """Yield for each article its true topics, those of any paragraph and of `tag`, each one's share, and its length."""
    documents = list(dict.fromkeys(example.document for example in dataset.examples))
    folds = np.random.default_rng(0).permutation(len(documents)) % FOLDS
    for fold in range(FOLDS):
        left_out = {document for document, number in zip(documents, folds.tolist(), strict=True) if number == fold}
        rest = tuple(example for example in dataset.examples if example.document not in left_out)
        tagger = train_dataset(Dataset(dataset.source, rest, dataset.topics), SETTINGS)
        for document in sorted(map(str, left_out)):
            examples = [example for example in dataset.examples if example.document == document]
            texts = [example.text for example in examples]
            furniture = [len(texts) > 1 and is_furniture(text) for text in texts]
            probability, assigned = classify_paragraphs(tagger.model, texts, [len(texts)], furniture)
            size = np.array([len(example.text) for example in examples])
            true = np.array([[topic in example.topics for topic in tagger.topics] for example in examples])
            weights = np.where(furniture, 0.0, size)
            found = tagger.model.classifier.classify_articles(probability, assigned, np.array([len(texts)]), weights)
            share = np.asarray(size @ assigned / size.sum())
            yield np.asarray(true.any(axis=0)), np.asarray(assigned.any(axis=0)), found[1][0], share, len(examples)


def print_rule(name: str, found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> None:
    """Print a row of the first table."""
    right = (found & truth).sum()
    precision, recall = right / found.sum(), right / truth.sum()
    f1 = 2 * right / (found.sum() + truth.sum())
    print(f"| {name} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {found.sum(axis=1).mean():.2f} |")


if __name__ == "__main__":
    main()
