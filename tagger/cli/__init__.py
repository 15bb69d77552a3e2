"""The command line: parse, call the library, print; the only room that prints or exits.

Results go to standard output, everything else to standard error. Exit codes: 0 good, 1 bad data, 2 bad usage.
"""

from tagger.cli.group import main

__all__ = ["main"]
