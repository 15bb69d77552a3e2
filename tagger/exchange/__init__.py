"""Labelled texts ↔ the files of labelling tools, with what a model guessed."""

from tagger.exchange.converting import Converted, convert_labels
from tagger.exchange.entries import Entries, Entry, read_entries
from tagger.exchange.forms import TARGETS, Target

__all__ = ["TARGETS", "Converted", "Entries", "Entry", "Target", "convert_labels", "read_entries"]
