"""Compare what decisions maximise where each text has one topic: python benchmarks/deciding.py.

A tagger gives the most probable topic, which gets the most texts right (accuracy). Decisions for macro-F1 would favour
rare topics: each probability divided by a power of its topic's share (logit adjustment: Menon et al., Long-tail
learning via logit adjustment, ICLR 2021), the power chosen where its macro-F1 is highest. Out-of-fold scores of the
training split alone: calibrated, and the power chosen, on one half of the texts, and judged on the other, ten times.
Two uneven sets: chip_ctc as it is, and thucnews_titles with 3,000 titles of the first topic to 47 of the last. Needs
the public sets in TAGGER_BENCH.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from accuracy.sets import read_split
from numpy.typing import NDArray

import tagger
from tagger.dataset import read_dataset
from tagger.training import build_corpus, out_of_fold_scores, resolve_settings
from tagger.training.classifier import decide
from tagger.training.mixing import NOT_LEARNT

SETS = ("chip_ctc", "thucnews_titles")
MOST, STEEPNESS = 3000, 1.8
POWERS = np.arange(0, 1.51, 0.1)
TIMES = 5


def main() -> None:
    """Judge both ways on each set and print a table."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    bench = os.environ.get("TAGGER_BENCH")
    if not bench:
        sys.exit("TAGGER_BENCH names no folder: set it to the one that holds the public sets")
    print("| training split | texts | the most probable: accuracy, macro-F1 | for macro-F1 | powers |")
    print("|---|---|---|---|---|")
    for name in SETS:
        examples = [tagger.Example(e.text, e.labels, e.document) for e in read_split(Path(bench) / name, "train")]
        examples = examples if name == "chip_ctc" else uneven(examples)
        judged = [*judge(examples)]
        plain, favoured = (np.mean([way[which] for way in judged], axis=0) for which in (0, 1))
        powers = [way[2] for way in judged]
        print(
            f"| {name} | {len(examples)} | {plain[0]:.4f}, {plain[1]:.4f} | {favoured[0]:.4f}, {favoured[1]:.4f} "
            f"| {min(powers):.1f} to {max(powers):.1f} |",
            flush=True,
        )


def uneven(examples: list[tagger.Example]) -> list[tagger.Example]:
    """Return a draw of which each topic has fewer than the one before."""
    random = np.random.default_rng(0)
    drawn: list[tagger.Example] = []
    for place, topic in enumerate(sorted({example.topics for example in examples}), start=1):
        mine = [example for example in examples if example.topics == topic]
        size = int(min(len(mine), MOST) / place**STEEPNESS)
        drawn += [mine[number] for number in random.permutation(len(mine))[:size]]
    return drawn


def judge(
    examples: list[tagger.Example],
) -> Iterator[tuple[tuple[float, float], tuple[float, float], float]]:
    """Yield for each half the figures of both ways, and the power that the other half chose."""
    dataset = read_dataset(examples, topics=(), keep_conflicts=True)
    settings = resolve_settings(tagger.Settings(), dataset)
    corpus = build_corpus(dataset, settings)
    held_out = out_of_fold_scores(corpus, settings)
    true = corpus.targets[: corpus.examples].argmax(axis=1)
    random = np.random.default_rng(0)
    for _ in range(TIMES):
        order = random.permutation(corpus.examples)
        halves = np.sort(order[::2]), np.sort(order[1::2])
        for known, judged in (halves, halves[::-1]):
            mixture, decided = decide(corpus, settings, held_out, known)
            scores = np.where(np.isfinite(held_out.scores), held_out.scores, NOT_LEARNT)
            mixed = scores if mixture is None else mixture.of_scores(scores)
            odds = decided.calibration.log_odds(mixed, held_out.known)
            share = np.log(decided.calibration.prior)
            reached = [figures((odds[known] - p * share).argmax(axis=1), true[known])[1] for p in POWERS]
            power = float(POWERS[int(np.argmax(reached))])
            ways = [figures((odds[judged] - p * share).argmax(axis=1), true[judged]) for p in (0.0, power)]
            yield ways[0], ways[1], power


def figures(chosen: NDArray[np.int64], true: NDArray[np.int64]) -> tuple[float, float]:
    """Return accuracy, and macro-F1 of the topics that occur."""
    right = np.bincount(true[chosen == true], minlength=true.max() + 1)
    given, there = np.bincount(chosen, minlength=len(right)), np.bincount(true, minlength=len(right))
    f1 = 2 * right / np.maximum(given[: len(right)] + there, 1)
    return float((chosen == true).mean()), float(f1[there > 0].mean())


if __name__ == "__main__":
    main()
