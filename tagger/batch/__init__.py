"""JSON lines in → JSON lines out: each record keeps its fields and its place and gains its topics.

`tag_records` and `tag_lines` are the core: plain data in, plain data out, no file and no process known. `tag_files`
runs the same over files: streaming, parallel, resumable; `tag_batches` over Arrow record batches, for clusters.
"""

from tagger.batch.arrow import tag_batches
from tagger.batch.counts import Counts, Progress, Summary
from tagger.batch.lines import Blank, Rejected, Tagged, tag_lines
from tagger.batch.options import RunOptions
from tagger.batch.record import Fields, article_fields, gained_columns, tag_records
from tagger.batch.run import Stop, tag_files
from tagger.batch.sinks import Stream

__all__ = [
    "Blank",
    "Counts",
    "Fields",
    "Progress",
    "Rejected",
    "RunOptions",
    "Stop",
    "Stream",
    "Summary",
    "Tagged",
    "article_fields",
    "gained_columns",
    "tag_batches",
    "tag_files",
    "tag_lines",
    "tag_records",
]
