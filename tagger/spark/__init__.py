"""The same tagging on a Spark DataFrame.

`tag` gives the DataFrame with typed columns, `tag_files` does it from folder to folder, as `python -m tagger.spark`.
`schema` and `tag_batches` serve those who call `mapInArrow` or `mapInPandas` themselves. Nothing of Spark is imported
before it is used.
"""

from tagger.batch import tag_batches
from tagger.spark.files import FileOptions, FileSummary, tag_files
from tagger.spark.frames import schema, tag

__all__ = ["FileOptions", "FileSummary", "schema", "tag", "tag_batches", "tag_files"]
