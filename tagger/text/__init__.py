"""bytes → text → paragraphs, and text → normalised text."""

from tagger.text.decoding import decode, read_text
from tagger.text.normalisation import normalise, normalise_with_offsets
from tagger.text.paragraphs import split_paragraphs

__all__ = ["decode", "normalise", "normalise_with_offsets", "read_text", "split_paragraphs"]
