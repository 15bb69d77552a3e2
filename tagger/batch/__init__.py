"""JSON lines in → JSON lines out: each record keeps its fields and its order and gains its topics.

`tag_records` and `tag_lines` are the core: plain data in, plain data out, without any file or process. `tag_files` runs
the same over files: streaming, parallel, resumable; `tag_batches` over Arrow record batches, for clusters. A `Sink` of
one's own shows what was tagged as it comes.
"""

from tagger.batch.arrow import tag_batches
from tagger.batch.chunks import Chunk, Compression, Done
from tagger.batch.counts import Checkpoint, Counts, Progress, Summary
from tagger.batch.lines import Blank, Rejected, Tagged, tag_lines
from tagger.batch.options import ALL, RunOptions
from tagger.batch.record import Fields, article_fields, gained_columns, tag_records
from tagger.batch.run import Stop, tag_files
from tagger.batch.sinks import RunHeader, Sink, Stream, list_rejects, tell_rejects
from tagger.batch.workers import STOP_SIGNALS
from tagger.batch.written import REJECTS
from tagger.formats import STANDARD_INPUT

__all__ = [
    "ALL",
    "REJECTS",
    "STANDARD_INPUT",
    "STOP_SIGNALS",
    "Blank",
    "Checkpoint",
    "Chunk",
    "Compression",
    "Counts",
    "Done",
    "Fields",
    "Progress",
    "Rejected",
    "RunHeader",
    "RunOptions",
    "Sink",
    "Stop",
    "Stream",
    "Summary",
    "Tagged",
    "article_fields",
    "gained_columns",
    "list_rejects",
    "tag_batches",
    "tag_files",
    "tag_lines",
    "tag_records",
    "tell_rejects",
]
