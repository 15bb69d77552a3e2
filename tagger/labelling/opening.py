"""A pool, a label file and its journal → what there is to label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tagger.curation.pool import paragraphs_of
from tagger.dataset import LabelOptions
from tagger.dataset.labels import read_labels
from tagger.dataset.topics import read_topics
from tagger.dataset.unlabelled import read_pool
from tagger.errors import DataError, Problem
from tagger.labelling.journal import Journal, Mode
from tagger.labelling.saving import Saver
from tagger.labelling.session import Session
from tagger.messages import _, joined
from tagger.records import Example, Topic

__all__ = ["Labelling", "open_labelling"]

_TOPICS_FILE = "topics.toml"


class Labelling:
    """Texts to label, what is labelled already, and where decisions go.

    Attributes:
        pool: the texts to label.
        labelled: the rows of the label file that are not of its journal.
        topics: what texts may have.
        journal: the decisions.
    """

    def __init__(
        self,
        pool: Sequence[Example],
        labelled: Sequence[Example],
        topics: Sequence[Topic],
        journal: Journal,
        saver: Saver,
    ) -> None:
        self.pool, self.labelled, self.topics = tuple(pool), tuple(labelled), tuple(topics)
        self.journal, self._saver = journal, saver

    @property
    def mode(self) -> Mode | None:
        """How many topics a text has; None until it is chosen."""
        return self.journal.mode

    def choose(self, mode: Mode) -> None:
        """Choose how many topics a text has."""
        self.journal.choose(mode)

    def session(self, *, blind: bool) -> Session:
        """Return what asks."""
        return Session(self.pool, self.topics, self.journal, self._saver, labelled=self.labelled, blind=blind)

    def sentences(self) -> Iterator[str]:
        """Yield how much there is, in words."""
        titles = joined(topic.title for topic in self.topics)
        yield _("{number} texts to label; topics: {topics}", number=len(self.pool), topics=titles)
        if self.labelled or self.journal.decisions:
            yield _(
                "{rows} rows are labelled already, and {decisions} here before",
                rows=len(self.labelled),
                decisions=len(self.journal.decisions),
            )


@contextmanager
def open_labelling(
    pool: str | Path,
    labels: str | Path,
    *,
    topics: str | Path | None = None,
    options: LabelOptions | None = None,
    split: bool | None = None,
) -> Iterator[Labelling]:
    """Read a pool and what is labelled, and hold the journal until the end.

    Articles are split into paragraphs or not, as `split` says; None splits them where what is labelled are paragraphs
    (`tagger.curation.pool`). Topics are those of `topics`, of a topics.toml beside the label file, or those that occur
    in it.

    Raises:
        DataError: when something cannot be read, or no topic is known.
        RunError: when the journal cannot be written, or another process has it.
    """
    options = options or LabelOptions()
    path = Path(labels)
    texts = read_pool(pool, options)
    if not texts:
        raise DataError(str(pool), Problem(_("has no text to label: write texts into it, or name another file")))
    journal = Journal(f"{path}.journal")
    try:
        saver = Saver(path, journal, options)
        labelled = _labelled(path, journal, saver, options)
        known = _topics(path, topics, labelled)
        if not known:
            raise DataError(str(labels), Problem(_("no topic is known: write a topics.toml, and name it by --topics")))
        parts = None if split is False else paragraphs_of(texts, () if split else labelled, str(pool))
        yield Labelling(texts if parts is None else parts, labelled, known, journal, saver)
    finally:
        journal.close()


def _labelled(path: Path, journal: Journal, saver: Saver, options: LabelOptions) -> tuple[Example, ...]:
    """Return the rows that are the user's own, not those that were added for decisions of the journal."""
    data = saver.own_part()
    if not data.strip(b"\xef\xbb\xbf\r\n"):
        return ()
    decided = {decision.text for decision in journal.decisions.values() if decision.n > saver.settled}
    return tuple(e for e in read_labels(str(path), options, data=data).examples if e.text not in decided)


def _topics(path: Path, topics: str | Path | None, labelled: Sequence[Example]) -> tuple[Topic, ...]:
    beside = path.with_name(_TOPICS_FILE)
    if topics is None and beside.is_file():
        topics = beside
    if topics is not None:
        return tuple(read_topics(topics))
    return tuple(Topic(name, name) for name in sorted({name for example in labelled for name in example.topics}))
