"""The body of a request → texts and what is wanted of them → the answer, which is the library's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from tagger.batch import Fields, tag_records
from tagger.evidence import find_evidence
from tagger.messages import _, joined
from tagger.tagger import Tagger
from tagger.web.guard import RefusedError
from tagger.web.options import ServeOptions

__all__ = ["Asked", "answer", "read_asked"]

# More features than that of each topic are no explanation.
_MOST_FEATURES = 50


@dataclass(frozen=True)
class Asked:
    """What a request asks for.

    Attributes:
        texts: the articles.
        one: whether they were given as one text, so that the answer is one record.
        paragraphs: whether the paragraphs are wanted too.
        explain: how many features of each topic are wanted.
        evidence: whether the stretches of each paragraph that decided are wanted.
    """

    texts: tuple[str, ...]
    one: bool
    paragraphs: bool = False
    explain: int = 0
    evidence: bool = False


def read_asked(body: bytes, options: ServeOptions) -> Asked:
    """Read the body of a request.

    Raises:
        RefusedError: saying what is wrong with it.
    """
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RefusedError(400, _('is no JSON ({reason}): send {{"text": "…"}}', reason=str(error))) from error
    if not isinstance(found, dict) or ("text" in found) == ("texts" in found):
        raise RefusedError(400, _('must be an object with "text", or with "texts"'))
    one = "text" in found
    texts = [found.pop("text")] if one else found.pop("texts")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise RefusedError(400, _('"text" must be a string, and "texts" a list of strings'))
    if len(texts) > options.max_texts:
        raise RefusedError(
            413,
            _(
                "has {number} texts, and {most} are allowed: send fewer at a time",
                number=len(texts),
                most=options.max_texts,
            ),
        )
    asked = {
        "paragraphs": _flag(found, "paragraphs"),
        "evidence": _flag(found, "evidence"),
        "explain": found.pop("explain", 0),
    }
    if type(asked["explain"]) is not int or not 0 <= asked["explain"] <= _MOST_FEATURES:
        raise RefusedError(400, _('"explain" must be a number of features from 0 to {most}', most=_MOST_FEATURES))
    if found:
        known = joined(('"text"', '"texts"', '"paragraphs"', '"explain"', '"evidence"'))
        raise RefusedError(
            400,
            _("has {name!r:.60}, which is not known: there are {known}", name=next(iter(found)), known=known),
        )
    return Asked(tuple(texts), one, **asked)


def _flag(found: dict[str, Any], name: str) -> bool:
    value = found.pop(name, False)
    if not isinstance(value, bool):
        raise RefusedError(400, _('"{name}" must be true or false', name=name))
    return value


def answer(asked: Asked, tagger: Tagger) -> bytes:
    """Return the answer as JSON: what batch tagging adds to a record, or {"articles": [that of each text]}."""
    fields = Fields(paragraphs=asked.paragraphs or asked.evidence, explain=asked.explain)
    articles = [*tag_records([{"text": text} for text in asked.texts], tagger=tagger, fields=fields)]
    if asked.evidence:
        for article in articles:
            paragraphs = article["paragraphs"]
            for paragraph, stretches in zip(paragraphs, _stretches(paragraphs, tagger), strict=True):
                paragraph["evidence"] = stretches
    return orjson.dumps(articles[0] if asked.one else {"articles": articles})


def _stretches(paragraphs: list[dict[str, Any]], tagger: Tagger) -> Iterator[list[dict[str, Any]]]:
    """Yield the stretches of each paragraph that decided for its topics, at offsets into the paragraph's text."""
    texts, topics = ([paragraph[name] for paragraph in paragraphs] for name in ("text", "topics"))
    for found in find_evidence(tagger.model, texts, topics):
        yield [
            {"topic": evidence.topic, "start": stretch.start, "end": stretch.end, "value": round(stretch.value, 6)}
            for evidence in found
            for stretch in evidence.stretches
        ]
