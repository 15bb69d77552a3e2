"""bytes → text → paragraphs, and text → normalised text, one by one or many in one array."""

from tagger.text.codes import BOUNDARY, CODE_POINTS, SPACE, Codes, encode
from tagger.text.decoding import check_text, decode, read_text
from tagger.text.furniture import is_furniture
from tagger.text.normalisation import normalise, normalise_with_offsets
from tagger.text.paragraphs import split_paragraphs
from tagger.text.traditional import LOOKS_TRADITIONAL, looks_traditional, require_opencc, simplify

__all__ = [
    "BOUNDARY",
    "CODE_POINTS",
    "LOOKS_TRADITIONAL",
    "SPACE",
    "Codes",
    "check_text",
    "decode",
    "encode",
    "is_furniture",
    "looks_traditional",
    "normalise",
    "normalise_with_offsets",
    "read_text",
    "require_opencc",
    "simplify",
    "split_paragraphs",
]
