"""Write what the shipped model says of fixed texts, after it was trained again: python scripts/pin_probabilities.py.

tests/cases/pinned.jsonl has the ten texts of data/ten_texts.jsonl with the probabilities of each article, of its
paragraphs as `tag` judges them, and of the same by themselves. A test compares to 1e-6, on whatever NumPy there is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tagger

ROOT = Path(__file__).parents[1]
PINNED = ROOT / "tests" / "cases" / "pinned.jsonl"
# Two more than are compared.
DIGITS = 8


def main() -> None:
    """Tag the texts and write a line for each."""
    model = tagger.load()
    with (ROOT / "data" / "ten_texts.jsonl").open(encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    lines = [json.dumps(pin(model, text), ensure_ascii=False) for text in texts]
    PINNED.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(f"{PINNED.relative_to(ROOT)}: {len(lines)} texts")


def pin(model: tagger.Tagger, text: str) -> dict[str, Any]:
    """Return a text with its probabilities, rounded."""
    article = model.tag(text)
    alone = model.predict_proba([paragraph.text for paragraph in article.paragraphs]).tolist()
    return {
        "text": text,
        "article": rounded(article.probabilities),
        "paragraphs": [rounded(paragraph.probabilities) for paragraph in article.paragraphs],
        "alone": [rounded(dict(zip(model.topics, values, strict=True))) for values in alone],
    }


def rounded(probabilities: Mapping[str, float]) -> dict[str, float]:
    """Round probabilities to the digits that are kept."""
    return {topic: round(value, DIGITS) for topic, value in probabilities.items()}


if __name__ == "__main__":
    main()
