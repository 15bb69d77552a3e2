"""Print the price of training on the public sets in TAGGER_BENCH, in processor time: python benchmarks/training.py.

Needs pip install '.[bench]'. Beside ours, with its evaluation and without, stands scikit-learn's LinearSVC once on
jieba's words and characters (single ones and pairs), its features counted in the same time. Each is trained in a
process of its own, on one core; reading the file is left out. What both get right on `test.jsonl` is printed too, and
the most memory that each process had. The sets of many topics are headlines in clusters (`accuracy/finer.py`).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from accuracy.finer import FINER, with_finer
from accuracy.scores import judge
from accuracy.sets import read_split
from speed.sets import is_exclusive

SETS = (
    *("thucnews_titles", "thucnews_titles_12800", "chnsenticorp", "duee_events", "chip_ctc", "cail2019_divorce"),
    *FINER,
)


def main() -> None:
    """Measure each set and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", choices=SETS, dest="names", help="all where none")
    options = parser.parse_args()
    bench = os.environ.get("TAGGER_BENCH")
    if not bench:
        sys.exit("TAGGER_BENCH names no folder: set it to the one that holds the public sets")
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    print("| set | LinearSVC | tagger | with its evaluation | LinearSVC, micro / macro-F1 | tagger | memory, MB |")
    print("|---|---|---|---|---|---|---|")
    place = tempfile.TemporaryDirectory()
    for name in options.names or SETS:
        folder = with_finer(Path(bench), name, Path(place.name))
        rival, plain, measured = (alone(work, folder) for work in (train_rival, train_ours, train_and_evaluate))
        first = rival["seconds"]
        prices = [f"{found:.1f} s, {found / first:.1f} ×" for found in (plain["seconds"], measured["seconds"])]
        scores = [f"{found['micro'][0]:.4f} / {found['macro'][0]:.4f}" for found in (rival, plain)]
        memory = " / ".join(str(found["megabytes"]) for found in (rival, plain, measured))
        print(f"| {name} | {first:.1f} s | {' | '.join([*prices, *scores, memory])} |", flush=True)
    place.cleanup()


def alone(work: Any, folder: Path) -> dict[str, Any]:
    """Do some work in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        found: dict[str, Any] = process.submit(work, folder).result()
        return found | {"megabytes": process.submit(peak_megabytes).result()}


def peak_megabytes() -> int:
    """Return the most memory that this process has had, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) >> 10


def train_ours(folder: Path) -> dict[str, Any]:
    """Train ours and judge it on the test split."""
    import tagger  # noqa: PLC0415 - only where it is needed, as every import below
    from tagger.training import train_dataset  # noqa: PLC0415

    start = time.process_time()
    model = train_dataset(_dataset(folder), tagger.Settings())
    seconds = time.process_time() - start
    test = read_split(folder, "test")
    return judge([e.labels for e in test], model.predict([e.text for e in test])) | {"seconds": seconds}


def train_and_evaluate(folder: Path) -> dict[str, Any]:
    """Train ours and measure it on its own training split, as `tagger train` does."""
    import tagger  # noqa: PLC0415
    from tagger.evaluation import train_and_measure  # noqa: PLC0415

    start = time.process_time()
    train_and_measure(_dataset(folder), tagger.Settings())
    return {"seconds": time.process_time() - start}


def train_rival(folder: Path) -> dict[str, Any]:
    """Train LinearSVC on words and characters, with its defaults, and judge it on the test split."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.multiclass import OneVsRestClassifier  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline, make_union  # noqa: PLC0415
    from sklearn.preprocessing import MultiLabelBinarizer  # noqa: PLC0415
    from sklearn.svm import LinearSVC  # noqa: PLC0415
    from speed.jieba_words import cut  # noqa: PLC0415

    cut("加载词典")
    train, test = read_split(folder, "train"), read_split(folder, "test")
    features = make_union(
        TfidfVectorizer(tokenizer=cut, token_pattern=None, sublinear_tf=True),
        TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True),
    )
    texts, labels = [e.text for e in train], [e.labels for e in train]
    start = time.process_time()
    if is_exclusive(train):
        machine = make_pipeline(features, LinearSVC(random_state=0)).fit(texts, [names[0] for names in labels])
    else:
        binarizer = MultiLabelBinarizer()
        machine = make_pipeline(features, OneVsRestClassifier(LinearSVC(random_state=0)))
        machine.fit(texts, binarizer.fit_transform(labels))
    seconds = time.process_time() - start
    found = machine.predict([e.text for e in test])
    predicted = [(str(name),) for name in found] if is_exclusive(train) else binarizer.inverse_transform(found)
    return judge([e.labels for e in test], predicted) | {"seconds": seconds}


def _dataset(folder: Path) -> Any:
    import tagger  # noqa: PLC0415
    from tagger.dataset import read_dataset  # noqa: PLC0415

    examples = [tagger.Example(e.text, e.labels, e.document) for e in read_split(folder, "train")]
    return read_dataset(examples, topics=(), keep_conflicts=True)


if __name__ == "__main__":
    main()
