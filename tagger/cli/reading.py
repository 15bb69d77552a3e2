"""What was read from labels, and how topics will be given, in sentences on standard error."""

from __future__ import annotations

from tagger.cli.printing import echo
from tagger.dataset import Dataset
from tagger.messages import Message, _
from tagger.settings import Settings

__all__ = ["describe_mode", "print_reading"]


def print_reading(dataset: Dataset) -> None:
    """Print what was read: the file, its columns, topics, what was passed over, notes and warnings."""
    if dataset.reading is not None:
        for sentence in dataset.reading.sentences():
            echo(sentence, err=True)


def describe_mode(dataset: Dataset, settings: Settings) -> Message:
    """Return how many topics a text will get, and what decided it; the settings must be resolved."""
    if not dataset.examples:
        return _("nothing is learnt from keywords alone: a text gets the topics whose keywords stand in it, whole")
    numbers = {len(example.topics) for example in dataset.examples}
    if settings.exclusive:
        if not settings.always_assign:
            return _("a text gets one topic, or none where none is sure")
        return _("every text gets exactly one topic, because every example has exactly one")
    if settings.always_assign:
        return _("every text gets one topic or several, because every example has")
    if 0 in numbers:
        return _("a text may have no topic, one or several, because some examples have none")
    return _("a text may have no topic, one or several")
