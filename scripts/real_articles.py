"""Measure the shipped model on text that was not made here: python scripts/real_articles.py.

`--show` prints what was measured last, `--summary` in three lines.

Whole real articles (in the folder press of the one that TAGGER_SHARED names: articles.jsonl and labels.jsonl, whose
texts are their publishers' and are not part of the project), each labelled paragraph compared with the tagged one that
shares most characters with it: `tag` judges paragraphs in their article, `furnished` in the same article with a date,
a share line and an editor's line around it, `predict` each by itself. Then text that has nothing to do with the topics
(the test splits of three public sets in the folder that TAGGER_BENCH names), text by text and as documents of 300. 95%
intervals by resampling articles. The figures are kept in data/real_articles.json, and lead the model card.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tagger
from tagger import messages
from tagger.evaluation.measures import Ranking, f1_score
from tagger.model import shipped_model

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "data" / "real_articles.json"
HEAD, TAIL = "字体:大 中 小\n2023-05-18 09:41:00\n", "\n分享到:微信 微博\n【编辑:某某】\n"
RESAMPLES = 1000
DOCUMENT = 300
SURE = 0.9
# Of the classes of THUCNews these two hold police news.
NEAR = {"社会", "时政"}
UNRELATED = ("chnsenticorp", "thucnews_titles", "cail2019_divorce")


def main() -> None:
    """Measure and keep, or show what was kept."""
    if not {"--show", "--summary"} & set(sys.argv[1:]):
        messages.use("en")  # the card's language
        shipped = tagger.load()
        press = _press(shipped)
        figures = {"data": shipped.model.provenance.data_hash[:12], **press, **_unrelated(shipped)}
        RESULTS.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        quality = {**(shipped.model.quality or {}), "real": press}
        tagger.Tagger(replace(shipped.model, quality=quality)).save(shipped_model())
    figures = json.loads(RESULTS.read_text(encoding="utf-8"))
    if "--summary" in sys.argv[1:]:
        summarise(figures)
    else:
        show(figures)


def summarise(figures: dict[str, Any]) -> None:
    """Print the figures as README has them."""
    precision, f1 = (figures["tag"][name] for name in ("mean average precision", "macro-F1"))
    articles, alone = figures["tag"]["micro-F1 of articles"], figures["predict"]["macro-F1"]
    print(
        f"On {figures['articles']} real articles that nothing was learnt from, the shipped model has, for topics of"
        f" paragraphs, a mean\naverage precision of {_interval(precision)} and a macro-F1 of {_interval(f1)};"
        f" for topics of articles a\nmicro-F1 of {_interval(articles)}; and for paragraphs by themselves a macro-F1 of"
        f" {_interval(alone)}."
    )


def _interval(value: list[float]) -> str:
    return f"{value[0]:.2f} ({value[1]:.2f}–{value[2]:.2f})"


def show(figures: dict[str, Any]) -> None:
    """Print the figures as the documents have them."""
    print(
        f"{figures['articles']} real articles, {figures['paragraphs']} paragraphs, {figures['plain']} without a topic\n"
    )
    print("| | `tag` | `tag`, furnished | `predict` |\n|---|---|---|---|")
    for name in figures["tag"]:
        cells = [figures[way].get(name) for way in ("tag", "furnished", "predict")]
        print(
            f"| {name} | "
            + " | ".join("" if c is None else f"{c[0]:.3f} ({c[1]:.3f}–{c[2]:.3f})" for c in cells)
            + " |"
        )
    print(
        f"\n{figures['texts']} unrelated texts: {figures['tagged']:.2%} get a topic, "
        f"{figures['sure']:.2%} one of .9 and more;"
    )
    print(
        f"of {figures['documents']} documents of {DOCUMENT} such texts {figures['documents_tagged']:.1%} have a topic."
    )


def _press(model: tagger.Tagger) -> dict[str, Any]:
    folder = Path(os.environ["TAGGER_SHARED"]) / "press"
    labels: dict[str, list[dict[str, Any]]] = {}
    for label in _lines(folder / "labels.jsonl"):
        labels.setdefault(label["id"], []).append(label)
    articles = [article for article in _lines(folder / "articles.jsonl") if article["id"] in labels]
    topics = model.topics
    gold = np.array([[t in label["topics"] for t in topics] for a in articles for label in labels[a["id"]]])
    group = np.array([number for number, a in enumerate(articles) for _ in labels[a["id"]]])
    stretches = [a["text"][x["start"] : x["end"]] for a in articles for x in labels[a["id"]]]
    texts = ["".join(stretch.split()) for stretch in stretches]
    chosen = [set(found) for found in model.predict(texts)]
    alone = model.predict_proba(texts), np.array([[t in found for t in topics] for found in chosen]), None
    ways = {
        "tag": _tag(model, articles, labels),
        "furnished": _tag(model, articles, labels, HEAD, TAIL),
        "predict": alone,
    }
    random = np.random.default_rng(0)
    draws = [
        np.bincount(random.integers(0, len(articles), len(articles)), minlength=len(articles)) for _ in range(RESAMPLES)
    ]
    whole = np.ones(len(articles))

    def figures(way: tuple[Any, Any, Any]) -> dict[str, list[float]]:
        point = _measure(gold, group, topics, way, whole)
        drawn = [_measure(gold, group, topics, way, weights) for weights in draws]
        return {
            k: [round(x, 6) for x in (v, *np.nanpercentile([d[k] for d in drawn], [2.5, 97.5]).tolist())]
            for k, v in point.items()
        }

    sizes = {"articles": len(articles), "paragraphs": len(gold), "plain": int((~gold.any(axis=1)).sum())}
    return {**sizes, **{name: figures(way) for name, way in ways.items()}}


def _tag(
    model: tagger.Tagger, articles: list[dict[str, Any]], labels: dict[str, Any], head: str = "", tail: str = ""
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return probabilities and assigned topics of each labelled stretch, and the topics of articles."""
    probability, assigned, whole = [], [], []
    for given in articles:
        article = model.tag(head + given["text"] + tail)
        whole.append([t in {tag.topic for tag in article.topics} for t in model.topics])
        for label in labels[given["id"]]:
            start, end = label["start"] + len(head), label["end"] + len(head)
            found = max(article.paragraphs, key=lambda p: min(end, p.end) - max(start, p.start))
            probability.append([found.probabilities[t] for t in model.topics])
            assigned.append([t in {tag.topic for tag in found.topics} for t in model.topics])
    return np.array(probability), np.array(assigned), np.array(whole)


def _measure(
    gold: NDArray[np.bool_], group: NDArray[np.int64], topics: tuple[str, ...], way: tuple[Any, Any, Any], draw: Any
) -> dict[str, float]:
    probability, assigned, whole = way
    weights = draw[group].astype(float)
    each = f1_score(weights @ (gold & assigned), weights @ assigned, weights @ gold)
    ranked = [Ranking(probability[:, k], gold[:, k]).average_precision(weights) for k in range(len(topics))]
    plain = ~gold.any(axis=1)
    found = {"macro-F1": float(np.nanmean(each)), "mean average precision": float(np.nanmean(ranked))}
    found |= {f"F1 {topic}": float(f1) for topic, f1 in zip(topics, each, strict=True)}
    found["wrongly tagged, of those without a topic"] = float(
        weights @ (plain & assigned.any(axis=1)) / (weights @ plain)
    )
    if whole is not None:
        truth = np.array([gold[group == number].any(axis=0) for number in range(len(whole))])
        right = draw @ (truth & whole)
        found["micro-F1 of articles"] = float(2 * right.sum() / ((draw @ truth).sum() + (draw @ whole).sum()))
    return found


def _unrelated(model: tagger.Tagger) -> dict[str, Any]:
    texts = list(_unrelated_texts(Path(os.environ["TAGGER_BENCH"])))
    probability = model.predict_proba(texts)
    tagged = np.array([bool(topics) for topics in model.predict(texts)])
    order = np.random.default_rng(0).permutation(len(texts))
    starts = range(0, len(texts) - DOCUMENT + 1, DOCUMENT)
    documents = ["\n\n".join(" ".join(texts[n].split()) + "。" for n in order[s : s + DOCUMENT]) for s in starts]
    found = [bool(article.topics) for article in model.tag_many(documents)]
    return {
        "texts": len(texts),
        "tagged": float(tagged.mean()),
        "sure": float((probability >= SURE).any(axis=1).mean()),
        "documents": len(documents),
        "documents_tagged": float(np.mean(found)),
    }


def _unrelated_texts(bench: Path) -> Iterator[str]:
    for name in UNRELATED:
        for line in _lines(bench / name / "test.jsonl"):
            if name != "thucnews_titles" or not NEAR & set(line["labels"]):
                yield line["text"]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


if __name__ == "__main__":
    main()
