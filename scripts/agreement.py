"""Print how well independent readers of the articles agreed: python scripts/agreement.py.

First two readings of every paragraph, topic by topic; then what two more readers made of the paragraphs that a tagger
judged most unlike their labels, and of as many as a third of them taken at random from the same articles.
"""

from __future__ import annotations

import csv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Compare the readings in data/readings.csv and data/rereadings.csv."""
    rows = read("readings.csv")
    first, second = (topics(rows, name) for name in ("first", "second"))
    print(f"{len(rows)} paragraphs\n")
    print("| topic | first | second | both | agreement | kappa |")
    print("|---|---|---|---|---|---|")
    for topic in sorted(set().union(*first, *second)):
        a = [topic in names for names in first]
        b = [topic in names for names in second]
        agreement, kappa = agree(a, b)
        both = sum(x and y for x, y in zip(a, b, strict=True))
        print(f"| {topic} | {sum(a)} | {sum(b)} | {both} | {agreement:.3f} | {kappa:.3f} |")

    header = (
        "read again",
        "paragraphs",
        "third as labelled",
        "fourth as labelled",
        "both alike",
        "alike, not as labelled",
    )
    print(f"\n| {' | '.join(header)} |\n|{'---|' * len(header)}")
    for chosen in ("hard", "control"):
        rows = [row for row in read("rereadings.csv") if row["chosen"] == chosen]
        before, third, fourth = (topics(rows, name) for name in ("before", "third", "fourth"))
        same = [x == y for x, y in zip(third, fourth, strict=True)]
        changed = sum(alike and x != y for alike, x, y in zip(same, before, third, strict=True))
        as_labelled = [sum(x == y for x, y in zip(before, reading, strict=True)) for reading in (third, fourth)]
        print(f"| {chosen} | {len(rows)} | {as_labelled[0]} | {as_labelled[1]} | {sum(same)} | {changed} |")


def read(name: str) -> list[dict[str, str]]:
    """Read a table of data/."""
    with (ROOT / "data" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def topics(rows: list[dict[str, str]], column: str) -> list[set[str]]:
    """Return the topics that a reader saw in each paragraph."""
    return [set(row[column].split("|")) - {""} for row in rows]


def agree(a: list[bool], b: list[bool]) -> tuple[float, float]:
    """Return the share of equal judgements and Cohen's kappa (Cohen 1960), which discounts those equal by chance."""
    observed = sum(x == y for x, y in zip(a, b, strict=True)) / len(a)
    share_a, share_b = sum(a) / len(a), sum(b) / len(b)
    chance = share_a * share_b + (1 - share_a) * (1 - share_b)
    return observed, (observed - chance) / (1 - chance)


if __name__ == "__main__":
    main()
