"""Print accuracy on the public sets in the folder that TAGGER_BENCH names: python benchmarks/accuracy.py.

For each set a tagger is trained on `train.jsonl` with default settings, nothing chosen by looking at `test.jsonl`, and
measured once on `test.jsonl`, beside plain scikit-learn (LinearSVC on the same features, a topic assigned where its
score is above 0, or the best one) trained in the same run, and beside figures published for the same split. Besides:
the calibration error of out-of-fold probabilities on `train.jsonl`, and what precision=0.95 delivers on `test.jsonl`.

Results go to benchmarks/results/accuracy.json too. Options: --set NAME (repeatable), --jobs N,
--skip-out-of-fold, --show.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

import tagger
from tagger.dataset import Dataset, read_dataset, read_held_out
from tagger.evaluation import Report, cross_validate, evaluate_tagger
from tagger.features import count, extract, tfidf
from tagger.training import build_corpus, train_dataset

RESULTS = Path(__file__).parent / "results" / "accuracy.json"
# As their authors published them, on exactly these splits.
PUBLISHED = {
    "thucnews_titles_12800": "TextCNN .8398, adversarial .8461 (derekdqc/adversarialTextCNN)",
    "duee_events": "BERT micro .9458, macro .9370, exact .8985 (percent4/keras_bert_multi_label_cls)",
    "chnsenticorp": "BERT .950, RoBERTa-wwm-ext-large .958 (ymcui/Chinese-BERT-wwm)",
    "thucnews_titles": "trained on four times as much: TextCNN .9122, fastText .9223, BERT .9483 (649453932)",
}


def main() -> None:
    """Run every set, print a table and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", action="append", choices=[*PUBLISHED], dest="names")
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--skip-out-of-fold", action="store_true")
    parser.add_argument("--show", action="store_true", help="print the stored results again, and run nothing")
    options = parser.parse_args()
    if options.show:
        print(*table(json.loads(RESULTS.read_text(encoding="utf-8"))["sets"]), sep="\n")
        return
    folder = os.environ.get("TAGGER_BENCH")
    if not folder:
        sys.exit("TAGGER_BENCH names no folder: set it to the one that holds the public sets")
    results: dict[str, Any] = {"versions": versions(), "sets": {}}
    for name in options.names or PUBLISHED:
        print(name, file=sys.stderr, flush=True)
        results["sets"][name] = run(Path(folder) / name, options)
    print(*table(results["sets"]), sep="\n")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def run(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Train, measure on the test split, and compare."""
    train = read_dataset(folder / "train.jsonl", topics=(), keep_conflicts=True)
    test = read_held_out(folder / "test.jsonl", topics=train.topics)
    start = time.perf_counter()
    model = train_dataset(train, tagger.Settings())
    seconds = time.perf_counter() - start
    careful = evaluate_tagger(model.with_thresholds("precision=0.95"), test)
    out_of_fold = None
    if not options.skip_out_of_fold:
        out_of_fold = round(cross_validate(train, tagger.Settings(), jobs=options.jobs).calibration_error, 4)
    return {
        "ours": figures(evaluate_tagger(model, test)) | {"seconds": round(seconds, 1)},
        "plain": plain(train, test),
        "out_of_fold_ece": out_of_fold,
        "kept": careful.micro.precision.value and round(careful.micro.precision.value, 4),
        "share": careful.micro.recall.value and round(careful.micro.recall.value, 4),
    }


def plain(train: Dataset, test: Dataset) -> dict[str, Any]:
    """Give what LinearSVC makes of the same features as people use it: C=1, no calibration, no thresholds."""
    settings = tagger.Settings(exclusive=all(len(e.topics) == 1 for e in train.examples))
    start = time.perf_counter()
    corpus = build_corpus(train, settings)
    idf = np.log((1 + len(corpus.counts)) / (1 + np.bincount(corpus.counts.columns, minlength=corpus.features))) + 1
    names = [topic.name for topic in train.topics]
    x = matrix(tfidf(corpus.counts, idf), corpus.features)
    counts = count(extract([example.text for example in test.examples], corpus.vocabulary))
    x_test = matrix(tfidf(counts, idf), corpus.features)
    target = np.array([[name in example.topics for name in names] for example in test.examples])
    if settings.exclusive:
        machine = LinearSVC(random_state=0).fit(x, corpus.targets.argmax(axis=1))
        assigned = np.eye(len(names), dtype=bool)[machine.predict(x_test)]
    else:
        machines = [LinearSVC(random_state=0, max_iter=20_000).fit(x, column) for column in corpus.targets.T]
        assigned = np.stack([machine.decision_function(x_test) > 0 for machine in machines], axis=1)
    true = (assigned & target).sum(axis=0)
    both = assigned.sum(axis=0) + target.sum(axis=0)
    present = both > 0
    return {
        "micro": round(float(2 * true.sum() / both.sum()), 4),
        "macro": round(float((2 * true[present] / both[present]).mean()), 4),
        "exact": round(float((assigned == target).all(axis=1).mean()), 4),
        "seconds": round(time.perf_counter() - start, 1),
    }


def matrix(rows_: Any, features: int) -> csr_matrix:
    """Give rows as scikit-learn takes them."""
    return csr_matrix((rows_.values, rows_.columns, rows_.indptr), shape=(len(rows_), features))


def figures(report: Report) -> dict[str, Any]:
    """Take the headline figures of a report, with the bounds of their intervals."""

    def triple(estimate: Any) -> list[float]:
        return [round(x, 4) for x in (estimate.value, estimate.low, estimate.high)]

    return {
        "micro": triple(report.micro.f1),
        "macro": triple(report.macro.f1),
        "exact": triple(report.exact_match),
        "ece": round(report.calibration_error, 4),
    }


def table(sets: dict[str, Any]) -> Iterator[str]:
    """Give the lines of both tables."""
    yield "| set | method | micro-F1 | macro-F1 | exact | trained in |"
    yield "|---|---|---|---|---|---|"
    for name, result in sets.items():
        yield from rows(name, result)
    yield ""
    yield "| set | ECE out of fold | ECE on test | precision=0.95 delivers | topics kept |"
    yield "|---|---|---|---|---|"
    for name, result in sets.items():
        cells = (name, result["out_of_fold_ece"], result["ours"]["ece"], result["kept"], result["share"])
        yield f"| {' | '.join(map(str, cells))} |"


def rows(name: str, result: dict[str, Any]) -> Iterator[str]:
    """Give the table's lines for one set."""
    ours, theirs = result["ours"], result["plain"]
    cells = [
        f"{value:.4f} ({low:.3f}–{high:.3f})" for value, low, high in (ours[m] for m in ("micro", "macro", "exact"))
    ]
    yield f"| {name} | tagger, default | {' | '.join(cells)} | {ours['seconds']} s |"
    yield (
        f"| {name} | LinearSVC, same features | {theirs['micro']:.4f} | {theirs['macro']:.4f} | {theirs['exact']:.4f} "
        f"| {theirs['seconds']} s |"
    )
    yield f"| {name} | published: {PUBLISHED[name]} | | | | |"


def versions() -> dict[str, str]:
    """Name what the figures depend on."""
    packages = ("tagger-zh", "numpy", "scikit-learn", "scipy", "rjieba")
    return {"python": platform.python_version()} | {package: version(package) for package in packages}


if __name__ == "__main__":
    main()
