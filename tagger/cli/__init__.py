"""The command line: parse, call the library, print; the only room that prints or exits.

Results go to standard output, everything else to standard error. Exit codes: 0 good, 1 bad data, 2 bad usage.
"""

from tagger.cli.evaluate import evaluate
from tagger.cli.explain import explain
from tagger.cli.group import main
from tagger.cli.show import show
from tagger.cli.tag import tag
from tagger.cli.train import train

__all__ = ["main"]

for command in (tag, train, evaluate, explain, show):
    main.add_command(command)
