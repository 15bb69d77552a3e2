"""Print how small packed weights make models, and how far probabilities move: python benchmarks/packing.py.

Trains on public sets in TAGGER_BENCH, and on headlines in 100 and more topics (`accuracy/finer.py`), and compares all
weights with those that are stored: bytes of the folder, and the probabilities of up to 2,000 texts of the test split.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from accuracy.finer import FINER, with_finer
from accuracy.sets import read_split

import tagger
from tagger.dataset import read_dataset
from tagger.scoring.weights import SharedWeights
from tagger.training import packing, train_dataset

SETS = (*FINER, "duee_events", "thucnews_titles", "chnsenticorp")
MOST = 2000


def main() -> None:
    """Measure each set and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", choices=SETS, dest="names", help="all where none")
    options = parser.parse_args()
    bench = os.environ.get("TAGGER_BENCH")
    if not bench:
        sys.exit("TAGGER_BENCH names no folder: set it to the one that holds the public sets")
    print("| set | whole | stored | moved, at most | one text in 1,000 | one in 100 | other topics |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        for name in options.names or SETS:
            print(
                f"| {name} | {' | '.join(measure(with_finer(Path(bench), name, Path(place)), Path(place)))} |",
                flush=True,
            )


def measure(folder: Path, place: Path) -> list[str]:
    """Return the cells of a set's row."""
    examples = [tagger.Example(e.text, e.labels, e.document) for e in read_split(folder, "train")]
    usual, packing.LARGE = packing.LARGE, 1 << 40
    whole = train_dataset(read_dataset(examples, topics=(), keep_conflicts=True), tagger.Settings())
    packing.LARGE = usual
    classifier = whole.model.classifier
    table, rows = np.unique(np.asarray(classifier.linear.weights), axis=0, return_inverse=True)
    shared = SharedWeights(rows.ravel().astype(np.int32), table)
    light = packing.lighten(replace(classifier, linear=replace(classifier.linear, weights=shared)))
    stored = tagger.Tagger(replace(whole.model, classifier=light))
    texts = [e.text for e in read_split(folder, "test")][:MOST]
    moved = np.abs(stored.predict_proba(texts) - whole.predict_proba(texts)).max(axis=1)
    other = sum(one != two for one, two in zip(stored.predict(texts), whole.predict(texts), strict=True))
    sizes = [size_of(model, place) for model in (whole, stored)]
    told = [f"{np.quantile(moved, share):.4f}" for share in (1, 0.999, 0.99)]
    return [*(f"{size / 1e6:.1f} MB" for size in sizes), *told, f"{other} of {len(texts)}"]


def size_of(model: tagger.Tagger, place: Path) -> int:
    """Return how many bytes the folder of a model has."""
    model.save(place / "model")
    return sum(path.stat().st_size for path in (place / "model").iterdir())


if __name__ == "__main__":
    main()
