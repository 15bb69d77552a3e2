"""Any file of texts or labels → records: one registry of forms for labels and articles.

What a file is, is found by looking into it, and can be overruled by `FileOptions`.
"""

from tagger.formats.opening import STANDARD_INPUT
from tagger.formats.options import FORMS, FileOptions, Form
from tagger.formats.records import Broken, Record, Source
from tagger.formats.source import open_source, read_source

__all__ = [
    "FORMS",
    "STANDARD_INPUT",
    "Broken",
    "FileOptions",
    "Form",
    "Record",
    "Source",
    "open_source",
    "read_source",
]
