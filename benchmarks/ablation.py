"""Print what each part of the default is worth, by cross-validation: python benchmarks/ablation.py.

Five folds of documents of the project's own labels and of the `train.jsonl` of each public set in the folder that
TAGGER_BENCH names; no test split is read. Out-of-fold scores give accuracy where every example has one topic, and mean
average precision where it may have several. Two equal texts are never on both sides.

Lengths mislead where the texts to be tagged are of others than those learnt from: taggers trained on `train.jsonl` with
lengths and without, are judged on `dev.jsonl` too, as it stands and on the first half of each text.

Results go to benchmarks/results/ablation.json; a set that is measured again takes the place of what was stored.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jieba
import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import accuracy_score, average_precision_score

import tagger
from tagger.dataset import Dataset, read_dataset
from tagger.features.extraction import Rows
from tagger.text import normalise
from tagger.training import Corpus, build_corpus, resolve_settings
from tagger.training.held_out import out_of_fold_scores

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "ablation.json"
PRESS = "press"
HALVES = "halves"
SETS = (PRESS, "thucnews_titles_12800", "chnsenticorp", "duee_events", "thucnews_titles")
JIEBA = "words as jieba cuts them, HMM off"
CHANGES: dict[str, dict[str, Any]] = {
    "default": {},
    "without log-count ratios": {"count_ratios": False},
    "without boundaries": {"boundaries": False},
    "without lengths": {"lengths": False},
    "single characters as heavy as pairs": {"character_weight": 1.0},
    "neither of the two": {"count_ratios": False, "character_weight": 1.0},
    "characters and pairs alone": {"words": False},
    "words alone": {"characters": False},
    JIEBA: {},
    "C = 0.5": {"cost": 0.5},
    "C = 2": {"cost": 2.0},
    "topics not balanced": {"class_weight": "none"},
    "features of two texts and more": {"minimum_documents": 2},
}


def main() -> None:
    """Measure, store, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", choices=SETS, dest="names", help="all where none")
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--show", action="store_true", help="print the stored results again, and run nothing")
    options = parser.parse_args()
    jieba.setLogLevel(logging.WARNING)
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    for name in () if options.show else options.names or SETS:
        results[name] = {}
        for title, score in measure(name, options.jobs):
            print(name, title, score, file=sys.stderr, flush=True)
            results[name][title] = score
        if (folder(name) / "dev.jsonl").is_file():
            results.setdefault(HALVES, {})[name] = measure_halves(folder(name))
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(*table(results), sep="\n")


def folder(name: str) -> Path:
    """Return the folder of a set."""
    return ROOT if name == PRESS else Path(os.environ["TAGGER_BENCH"]) / name


def measure(name: str, jobs: int) -> Iterator[tuple[str, float]]:
    """Score every change on one set."""
    path = folder(name) / ("labels.csv" if name == PRESS else "train.jsonl")
    dataset = read_dataset(path, topics=None if name == PRESS else (), keep_conflicts=name != PRESS)
    default = resolve_settings(tagger.Settings(), dataset)
    for title, change in CHANGES.items():
        settings = replace(default, **change)
        corpus = build_corpus(dataset, settings)
        if title == JIEBA:
            corpus = cut_by_jieba(corpus, dataset)
        scores = np.nan_to_num(out_of_fold_scores(corpus, settings, jobs=jobs).scores, nan=-1.0)
        targets = corpus.targets[: corpus.examples]
        if settings.exclusive:
            yield title, round(accuracy_score(targets.argmax(axis=1), scores.argmax(axis=1)), 4)
        else:
            yield title, round(average_precision_score(targets, scores, average="macro"), 4)


def measure_halves(place: Path) -> dict[str, float]:
    """Return the points that lengths add to accuracy on whole texts and on halves."""
    dev = read_dataset(place / "dev.jsonl", topics=(), keep_conflicts=True).examples
    texts = {"whole": [e.text for e in dev], "first half": [e.text[: max(1, len(e.text) // 2)] for e in dev]}
    right = {}
    for lengths in (True, False):
        settings = tagger.Settings(lengths=lengths)
        model = tagger.train(place / "train.jsonl", topics=(), settings=settings, keep_conflicts=True, jobs=-1)
        for name, given in texts.items():
            pairs = zip(model.predict(given), dev, strict=True)
            right[name, lengths] = sum(found == example.topics for found, example in pairs)
    return {name: round(100 * (right[name, True] - right[name, False]) / len(dev), 2) for name in texts}


def cut_by_jieba(corpus: Corpus, dataset: Dataset) -> Corpus:
    """Return the corpus with other words; characters and pairs, examples and keywords stay as they are."""
    tokenizer = jieba.Tokenizer()
    for keyword in corpus.dictionary:
        tokenizer.add_word(keyword)

    def cut(text: str) -> list[str]:
        return [word for word in tokenizer.lcut(text, HMM=False) if word.strip()]

    texts = [normalise(example.text) for example in dataset.examples] + list(corpus.dictionary)
    words = CountVectorizer(analyzer=cut).fit_transform(texts)
    counts = corpus.counts
    matrix = csr_matrix((counts.values, counts.columns, counts.indptr), shape=(len(counts), corpus.features))
    characters = [column for column, feature in enumerate(corpus.feature_names) if feature.kind == "characters"]
    both = hstack([matrix[:, characters], words], format="csr")
    rows = Rows(both.indptr.astype(np.int64), both.indices.astype(np.int32), both.data.astype(np.float64))
    return replace(
        corpus,
        counts=rows,
        # Whole as they are for texts left out too: jieba cuts them alike whatever was trained on.
        settings=replace(corpus.settings, words=False),
        is_character=np.concatenate([corpus.is_character[characters], np.zeros(words.shape[1], dtype=bool)]),
    )


def table(results: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Return the lines of the table: the default's scores, and what each change adds to them, in points."""
    names = [name for name in SETS if name in results]
    yield f"| | {' | '.join(names)} | mean |"
    yield "|---" * (len(names) + 2) + "|"
    for title in CHANGES:
        if title == "default":
            cells = [f"{results[name][title]:.4f}" for name in names] + [""]
        else:
            points = [100 * (results[name][title] - results[name]["default"]) for name in names]
            cells = [f"{x:+.2f}" for x in (*points, sum(points) / len(points))]
        yield f"| {title} | {' | '.join(cells)} |"
    if halves := {name: found for name, found in results.get(HALVES, {}).items() if name in names}:
        yield ""
        yield f"| lengths add | {' | '.join(halves)} |"
        yield "|---" * (len(halves) + 1) + "|"
        for part in next(iter(halves.values())):
            yield f"| {part} | {' | '.join(f'{found[part]:+.2f}' for found in halves.values())} |"


if __name__ == "__main__":
    main()
