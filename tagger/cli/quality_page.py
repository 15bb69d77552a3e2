"""The page about a trained model's quality: where it is written, and how to get it where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tagger.cli.printing import echo
from tagger.errors import TaggerError
from tagger.messages import Message, _

if TYPE_CHECKING:
    from tagger.dataset import Dataset
    from tagger.evaluation import Report

__all__ = ["QualityPage"]


class QualityPage:
    """A page that is written beside a model, unless it is left out, is not possible, or is named elsewhere."""

    def __init__(self, named: str | None, *, left_out: bool, output: str, evaluate: bool, read: Sequence[str]) -> None:
        """Check, before anything is trained, that the page can be written, and over none of the files that are `read`.

        Raises:
            DataError: when it cannot be.
            RunError: when one is named and Jinja2 is not installed.
        """
        _check_use(named, left_out=left_out, output=output, evaluate=evaluate)
        self._named = named is not None
        self._failure: TaggerError | None = None
        self._said = None if left_out or self._named else _how(evaluate=evaluate)
        by_itself = None if left_out or self._said is not None else _beside(output)
        self._path = by_itself if named is None else named
        # Beside a folder that is made when the model is saved there is nothing yet to be looked at.
        if self._path is not None and (self._named or Path(self._path).parent.is_dir()):
            from tagger.pages import check_page  # noqa: PLC0415 - an extra

            check_page(self._path, read)

    def write(self, report: Report | None, dataset: Dataset, language: str) -> None:
        """Write the page, once the model is saved; what came of it, `say` says, once all else is said."""
        if self._path is None:
            return
        if report is None:
            self._said = _("{file}: not written, as fewer than two documents tell nothing of quality", file=self._path)
            return
        from tagger.pages.evaluation import write_evaluation  # noqa: PLC0415 - an extra

        texts = [example.text for example in dataset.examples]
        try:
            write_evaluation(report, self._path, language=language, texts=texts)
        except TaggerError as error:
            self._failure = error
        else:
            self._said = _("{file}: a page about its quality", file=self._path)

    def say(self) -> None:
        """Say where the page was written, or why not, or how to get one.

        Raises:
            TaggerError: when one that was named could not be written; of another that is a warning.
        """
        if self._failure is not None and self._named:
            raise self._failure
        if self._failure is not None:
            echo(_("Warning: {warning}", warning=self._failure), err=True)
        elif self._said is not None:
            echo(self._said, err=True)


def _check_use(named: str | None, *, left_out: bool, output: str, evaluate: bool) -> None:
    if named is None:
        return
    if left_out:
        raise click.UsageError(_("--html names a page, and --no-html leaves it out: give one of them"))
    if not evaluate:
        raise click.UsageError(_("--html is a page about the quality: leave out --no-evaluate"))
    if Path(named).resolve().parent == Path(output).resolve():
        raise click.UsageError(_("a model folder holds nothing but the model: name a page beside it"))


def _how(*, evaluate: bool) -> Message | None:
    """Return how to get a page that is not written by itself; None where it is."""
    if not evaluate:
        return _("a page about its quality comes without --no-evaluate")
    if find_spec("jinja2") is None:
        return _("a page about its quality needs Jinja2: pip install 'tagger-zh[pages]'")
    return None


def _beside(output: str) -> str:
    """Return the page that belongs to a folder. It holds texts, so it is not in what one may give away as a whole."""
    folder = Path(output)
    if folder.name in {"", ".."}:
        folder = folder.resolve()
    return str(folder.with_name(f"{folder.name}.evaluation.html"))
