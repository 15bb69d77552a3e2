"""Tag ten texts unlike anything in the corpus, and compare with a reader: python scripts/ten_texts.py.

The texts were written when everything else was done, and nothing was changed for them; `labels` is what a reader saw in
each paragraph, the title being the first.
"""

from __future__ import annotations

import json
from pathlib import Path

import tagger

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Print a row for each text, and each paragraph that the tagger and the reader see differently."""
    model = tagger.load()
    with (ROOT / "data" / "ten_texts.jsonl").open(encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    right = total = 0
    print("| text | paragraphs | as the reader | the tagger sees otherwise |")
    print("|---|---|---|---|")
    for record in records:
        article = model.tag(record["text"])
        labels = [set(label) for label in record["labels"]]
        seen = [{tag.topic for tag in paragraph.topics} for paragraph in article.paragraphs]
        same = [one == other for one, other in zip(labels, seen, strict=True)]
        right, total = right + sum(same), total + len(same)
        differing = [
            f"{number}: {spell(found)}, not {spell(true)}"
            for number, (true, found) in enumerate(zip(labels, seen, strict=True), start=1)
            if true != found
        ]
        print(f"| {record['id']} | {len(same)} | {sum(same)} | {'; '.join(differing)} |")
    print(f"\n{right} of {total} paragraphs as the reader")


def spell(topics: set[str]) -> str:
    """Name topics, or say that there are none."""
    return " and ".join(sorted(topics)) or "none"


if __name__ == "__main__":
    main()
