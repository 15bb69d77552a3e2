"""The public object: text → article; probabilities; explanations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagger.errors import SettingsError
from tagger.messages import _, joined
from tagger.model import Model, load_model, save_model, shipped_model
from tagger.notebook import show_table
from tagger.records import Article, Explanation, Paragraph, Topic
from tagger.scoring.linear import rank
from tagger.settings import Settings, parse_objective
from tagger.tagging import check_text, check_texts, classify_texts, explain_text, in_batches, tag_articles
from tagger.text import require_opencc, split_paragraphs

__all__ = ["Tagger", "load"]

# Just below the largest block that glibc's threshold follows.
_BLOCK = 31 << 20


def load(folder: str | Path | None = None, *, digest: str | None = None, simplify: bool = False) -> Tagger:
    """Load the tagger that ships with the package, or one from a model folder.

    `digest` is the hash that the model must have, as `tagger show` tells it; None takes any. With `simplify` the tagger
    reads traditional characters as simplified ones (`Tagger.simplifying`).

    >>> load().topics
    ('admin_service', 'anti_fraud', 'law_enforcement', 'team_building')

    Raises:
        ModelError: when the folder is not a model, is a damaged one, or another than `digest` says.
        RunError: when OpenCC is not installed, which `simplify` needs.
    """
    tagger = Tagger(load_model(shipped_model() if folder is None else folder, digest=digest))
    return tagger.simplifying() if simplify else tagger


class Tagger:
    """Assigns topics to paragraphs, and to articles the topics of their paragraphs.

    Made by `tagger.load` or `tagger.train`. It does not change, can be used from several threads, and can be pickled
    to another process.
    """

    def __init__(self, model: Model) -> None:
        _keep_freed_memory()
        self._model = model

    def __repr__(self) -> str:
        return f"Tagger(topics={self.topics!r}, features={len(self._model.classifier.linear.idf)})"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the topics, their thresholds, and how good they were where it was measured."""
        quality = self._model.quality
        rows = []
        for topic in self._model.topics:
            f1 = None if quality is None else quality["topics"][topic.name]["f1"]["value"]
            measured = "–" if f1 is None else f"{f1:.2f}"
            rows.append((topic.title, topic.name, f"{self.thresholds[topic.name]:.3f}", measured, topic.description))
        columns = ("title", "topic", "threshold", "F1", "description")
        return show_table(f"Tagger of {len(rows)} topics", columns, rows)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics, in the order of the columns of `predict_proba`."""
        return self._model.topic_names

    @property
    def titles(self) -> dict[str, str]:
        """What people read for each topic."""
        return {topic.name: topic.title for topic in self._model.topics}

    @property
    def settings(self) -> Settings:
        """How the tagger was trained and how it decides."""
        return self._model.settings

    @property
    def thresholds(self) -> dict[str, float]:
        """The probability from which each topic is assigned to a text by itself, as `predict` does.

        Paragraphs judged among others have thresholds of their own: `model.classifier.paragraph_thresholds`.
        """
        return dict(zip(self.topics, self._model.classifier.thresholds.tolist(), strict=True))

    @property
    def model(self) -> Model:
        """The data this tagger consists of, for looking inside."""
        return self._model

    def tag(self, text: str) -> Article:
        """Tag one article: split it into paragraphs and assign topics to each, and theirs to the whole.

        Paragraphs are judged by those around them too, where the model has learnt to (`tagger.scoring.context`).
        Furniture of the page, such as dates and editors, gets no topic. An article has a topic where paragraphs have
        it, more of them or surer ones than chance gives in so long a text (`tagger.scoring.articles`); its probability
        is that of the surest paragraph. In exclusive models it has the topic with the highest mean probability,
        paragraphs weighing by their length. Text without any paragraph has no topics.

        Raises:
            TypeError: when it is not a str.
        """
        return next(self.tag_many([text]))

    def tag_many(self, texts: Iterable[str]) -> Iterator[Article]:
        """Tag articles as they come, in order; faster than one at a time, and memory holds a few of them only.

        Raises:
            TypeError: when one of them is not a str.
        """
        for batch in in_batches(check_texts(texts), len(self.topics)):
            yield from tag_articles(self._model, [self.split(text) for text in batch])

    def split(self, text: str) -> tuple[Paragraph, ...]:
        """Split an article into its paragraphs, as `tag` does."""
        return split_paragraphs(text, simplify=self.settings.simplify)

    def predict(self, texts: Iterable[str]) -> list[tuple[str, ...]]:
        """Assign topics to each text, taken as one paragraph; the most probable first.

        Raises:
            TypeError: when one of them is not a str.
        """
        topics = self.topics
        found: list[tuple[str, ...]] = []
        # Of many topics all probabilities would take more memory than all texts.
        for batch in in_batches(check_texts(texts), len(topics)):
            columns, ends = rank(*classify_texts(self._model, batch))
            names = [topics[column] for column in columns.tolist()]
            found.extend(tuple(names[start:end]) for start, end in pairwise([0, *ends.tolist()]))
        return found

    def predict_proba(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Return the probability of every topic for each text, taken as one paragraph: shape (texts, topics).

        A text without a single known feature gets each topic's share in the training data, and no topic by it.

        Raises:
            TypeError: when one of them is not a str.
        """
        return classify_texts(self._model, check_texts(texts))[0]

    def explain(self, text: str) -> tuple[Explanation, ...]:
        """Return why a text, taken as one paragraph, has the score of each topic; the most probable topic first.

        The contributions of a topic and its bias add up to its score.

        Raises:
            TypeError: when it is not a str.
        """
        return explain_text(self._model, check_text(text))

    def save(self, folder: str | Path) -> None:
        """Save to a model folder; a model that is there is replaced, anything else is left alone.

        Raises:
            ModelError: when the folder holds something that is not a model, or cannot be written.
        """
        save_model(self._model, folder)

    def simplifying(self) -> Tagger:
        """Return this tagger, reading traditional characters as simplified ones; nothing is trained.

        Paragraphs, offsets and explanations stay those of the text as given. Saved, the model keeps to it.

        Raises:
            RunError: when OpenCC is not installed: pip install 'tagger-zh[traditional]'.
        """
        require_opencc()
        return Tagger(replace(self._model, settings=replace(self.settings, simplify=True)))

    def with_thresholds(self, objective: str | Mapping[str, float]) -> Tagger:
        """Return this tagger with thresholds for another objective, or with some set by hand; nothing is trained.

        `objective` is "f1", "precision=0.95", "recall=0.9", a probability such as "0.5", or a threshold for some topics
        by name or title. Where every training example had a topic, "f1" always assigns the best one; any other
        objective abstains where no topic reaches its threshold. The card of the model, when saved, says what to expect.

        Raises:
            SettingsError: when it is not an objective, or names an unknown topic.
        """
        model, classifier = self._model, self._model.classifier
        if isinstance(objective, Mapping):
            columns = {topic.title: number for number, topic in enumerate(model.topics)}
            columns |= {name: number for number, name in enumerate(self.topics)}
            if unknown := sorted(set(objective) - set(columns)):
                known = joined(map(_known, model.topics))
                raise SettingsError(_("unknown topic {topic!r}: known are {known}", topic=unknown[0], known=known))
            chosen = {columns[name]: parse_objective(str(float(value))) for name, value in objective.items()}
            return Tagger(replace(model, classifier=classifier.with_thresholds(chosen)))
        parsed = parse_objective(objective)
        always = parsed.measure == "f1" and model.provenance.fewest_topics > 0
        return Tagger(
            replace(
                model,
                settings=replace(model.settings, threshold=objective, always_assign=always),
                classifier=classifier.with_objective(parsed, always_assign=always),
            )
        )


def _known(topic: Topic) -> str:
    if topic.title == topic.name:
        return topic.name
    return _("{title} ({name})", title=topic.title, name=topic.name)


@lru_cache(maxsize=1)
def _keep_freed_memory() -> None:
    """Free a large block, once in a process, so that arrays' memory is kept from one batch to the next.

    A batch of text makes some fifty arrays of a few megabytes and frees them. glibc returns freed blocks of that size
    to the kernel, which then maps and clears every page again for the next batch: 5,900 page faults for half a megabyte
    of text, and a third of the time. It learns to keep them once a larger block was freed (mallopt(3),
    M_MMAP_THRESHOLD: the threshold follows the largest block freed up to 32 MiB; M_TRIM_THRESHOLD is twice that). The
    block's pages are never touched, so that it takes no memory. With other C libraries this does nothing.
    """
    np.empty(_BLOCK, dtype=np.uint8)
