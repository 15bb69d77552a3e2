"""Compare the evaluation of `tagger train` with training again for each fold: python benchmarks/cross_fitting.py.

`tagger train` judges each fold by the scores that its calibration was fitted to, with a calibration and thresholds
fitted on the other folds. Were something of a fold to leak into what judges it, its figures would be higher than those
of taggers that were trained anew, with everything, on the other folds alone. Needs the public sets in TAGGER_BENCH.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from accuracy.sets import read_split

import tagger
from tagger.dataset import read_dataset
from tagger.evaluation import Report, cross_validate, train_and_measure

SETS = ("chnsenticorp", "cail2019_divorce", "thucnews_titles_12800", "chip_ctc", "duee_events")


def main() -> None:
    """Measure the training split of each set both ways and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", choices=SETS, dest="names", help="all where none")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    options = parser.parse_args()
    bench = os.environ.get("TAGGER_BENCH")
    if not bench:
        sys.exit("TAGGER_BENCH names no folder: set it to the one that holds the public sets")
    print("| training split | micro-F1, macro-F1, exact match | training again for each fold |")
    print("|---|---|---|")
    for name in options.names or SETS:
        examples = [tagger.Example(e.text, e.labels, e.document) for e in read_split(Path(bench) / name, "train")]
        dataset = read_dataset(examples, topics=(), keep_conflicts=True)
        model, measured = train_and_measure(dataset, tagger.Settings(), jobs=options.jobs)
        if measured is None:
            sys.exit(f"{name}: has fewer than two documents")
        again = cross_validate(dataset, tagger.Settings(), folds=model.settings.folds, jobs=options.jobs)
        print(f"| {name} | {_figures(measured)} | {_figures(again)} |", flush=True)


def _figures(report: Report) -> str:
    return ", ".join(f"{one.value:.4f}" for one in (report.micro.f1, report.macro.f1, report.exact_match))


if __name__ == "__main__":
    main()
