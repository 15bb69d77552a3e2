"""Train the shipped model again and measure it five ways: python scripts/train_shipped_model.py.

By five folds of all documents, and again with each paragraph judged by itself; with every fifth genre left out; trained
on the articles written for the project and tested on the given ones; the five given articles alone, each left out in
turn. All of it goes onto the model card. Takes a quarter of an hour; `--show` prints what is there. What it does on
articles that were not made here is measured by scripts/real_articles.py.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import tagger
from tagger import messages
from tagger.dataset import Dataset, read_dataset
from tagger.evaluation import Report, cross_validate, evaluate_tagger
from tagger.model import check_target
from tagger.training import train_dataset

ROOT = Path(__file__).parents[1]
# Features of fewer than six documents are left out, names that one story repeats among them: of 3, 5 and 8, the last
# two were level on real articles, and 6 keeps the folder below 3 MB. The limit of false tags is below the one in twenty
# that is wanted, for real articles have other paragraphs without a topic than those written here. How paragraphs begin
# and end is not counted: two more of the 189 real ones without a topic got one, and nothing else changed there.
SETTINGS = tagger.Settings(
    minimum_documents=6,
    cost=0.5,
    max_false_tag_rate=0.045,
    max_false_paragraph_rate=0.028,
    boundaries=False,
    lengths=False,
    class_weight="balanced",
    count_ratios=True,
)
FOLDS = 5
FOLDER = ROOT / "models" / "police_press"


def main() -> None:
    """Train, measure, save and show."""
    messages.use("en")  # the card's language
    check_target(FOLDER)
    dataset = read_dataset(ROOT / "labels.csv")
    given, authored = part(dataset, lambda e: not genre_of(e)), part(dataset, lambda e: bool(genre_of(e)))
    left_out = set(sorted(set(genres().values()))[::FOLDS])
    some, rest = part(dataset, lambda e: genre_of(e) in left_out), part(dataset, lambda e: genre_of(e) not in left_out)
    whole = cross_validate(dataset, SETTINGS, folds=FOLDS, jobs=-1)
    also = {
        "All documents, each paragraph by itself": cross_validate(dataset, replace(SETTINGS, context=False), jobs=-1),
        "Every fifth genre left out": crossing(rest, some, SETTINGS),
        "Trained on the authored articles, tested on the given": crossing(authored, given, SETTINGS),
        "The five given articles alone": cross_validate(
            given, tagger.Settings(class_weight="balanced", count_ratios=True)
        ),
    }
    quality = whole.quality() | {"also": {name: report.quality() for name, report in also.items()}}
    model = train_dataset(dataset, SETTINGS, jobs=-1).model
    tagger.Tagger(replace(model, quality=quality)).save(FOLDER)
    show()


def show() -> None:
    """Print the headline figures that the shipped model's card has."""
    quality = tagger.load().model.quality or {}
    print("| looked at | average precision | macro-F1 | false tags | calibration error |")
    print("|---|---|---|---|---|")
    for name, found in {f"All documents, {quality['method']}": quality, **quality["also"]}.items():
        precision = found["macro"]["average_precision"]
        print(
            f"| {name} | {precision['value']:.3f} ({precision['low']:.3f}–{precision['high']:.3f}) "
            f"| {found['macro']['f1']['value']:.3f} | {found['false_tag_rate']['value']:.3f} "
            f"| {found['calibration_error']:.3f} |"
        )


@lru_cache(maxsize=1)
def genres() -> dict[str, str]:
    """Return the genre of each authored document."""
    with (ROOT / "seeds" / "authored" / "articles.csv").open(encoding="utf-8-sig", newline="") as file:
        return {f"authored/{row['file']}": row["genre"] for row in csv.DictReader(file)}


def genre_of(example: tagger.Example) -> str:
    """Return the genre of an example's document; the given articles have none."""
    return genres().get(str(example.document), "")


def part(dataset: Dataset, wanted: Callable[[tagger.Example], bool]) -> Dataset:
    """Return the examples that are wanted."""
    return Dataset(dataset.source, tuple(filter(wanted, dataset.examples)), dataset.topics)


def crossing(train: Dataset, test: Dataset, settings: tagger.Settings) -> Report:
    """Train on one part and measure on the other."""
    return evaluate_tagger(train_dataset(train, settings, jobs=-1), test)


if __name__ == "__main__":
    if "--show" in sys.argv[1:]:
        show()
    else:
        main()
