"""Print how well two independent readers of the seeds agreed, topic by topic: python benchmarks/agreement.py."""

from __future__ import annotations

import csv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Compare the two readings in docs/readings.csv."""
    with (ROOT / "docs" / "readings.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    first = [set(row["first"].split("|")) - {""} for row in rows]
    second = [set(row["second"].split("|")) - {""} for row in rows]
    print(f"{len(rows)} paragraphs\n")
    print("| topic | first | second | both | agreement | kappa |")
    print("|---|---|---|---|---|---|")
    for topic in sorted(set().union(*first, *second)):
        a = [topic in names for names in first]
        b = [topic in names for names in second]
        agreement, kappa = agree(a, b)
        both = sum(x and y for x, y in zip(a, b, strict=True))
        print(f"| {topic} | {sum(a)} | {sum(b)} | {both} | {agreement:.3f} | {kappa:.3f} |")


def agree(a: list[bool], b: list[bool]) -> tuple[float, float]:
    """Give the share of equal judgements and Cohen's kappa (Cohen 1960), which discounts those equal by chance."""
    observed = sum(x == y for x, y in zip(a, b, strict=True)) / len(a)
    share_a, share_b = sum(a) / len(a), sum(b) / len(b)
    chance = share_a * share_b + (1 - share_a) * (1 - share_b)
    return observed, (observed - chance) / (1 - chance)


if __name__ == "__main__":
    main()
