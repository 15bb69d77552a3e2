"""Collect what Tagger says into its catalogue, and compile that.

Messages are the texts in `_(…)`, `_n(…)` and `N_(…)`, the help of every command and option, and what click itself says.
Translations of files named behind it, FILE.po…, are taken over. Prints what has no translation yet; then the exit code
is 1.
"""

from __future__ import annotations

import ast
import inspect
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "tagger" / "locale" / "zh" / "LC_MESSAGES"
# Function → how many texts it has.
TEXTS = {"_": 1, "_n": 2, "N_": 1}
# The modules of click whose messages a user of commands can meet.
CLICK = ("core", "decorators", "exceptions", "formatting", "parser", "types")
# What click 8.1 words otherwise, and what click has in a variable.
CLICK_TOO = ("No such option: {name}", "{value!r} is not a valid boolean.", "required")
_HEADER = rb"""msgid ""
msgstr ""
"Language: zh\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=1; plural=0;\n"

"""
Id = str | tuple[str, ...]


def collect() -> Catalog:
    """Return all messages without translations, in the order of the modules."""
    found = Catalog(locale="zh", fuzzy=False, header_comment="")
    for path in sorted((ROOT / "tagger").rglob("*.py")):
        for message in said_in(path):
            found.add(message, None, [(str(path.relative_to(ROOT)), 0)])
    for text, where in dict(help_texts()).items():
        found.add(text, None, [(where, 0)])
    for message in click_messages():
        found.add(message, None, [("click", 0)])
    for entry in found:
        assert isinstance(entry, Message)  # noqa: S101 - Babel declares less
        # Lines move with every change; files do not.
        entry.locations = [(file, 0) for file in dict.fromkeys(file for file, _ in entry.locations)]
    return found


def said_in(path: Path) -> Iterator[Id]:
    """Yield the messages of a module.

    Babel itself finds none in a call within another, nor in an f-string before Python 3.12.
    """
    calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        number = TEXTS.get(call.func.id, 0) if isinstance(call.func, ast.Name) else 0
        texts = [str(part.value) for part in call.args[:number] if isinstance(part, ast.Constant)]
        if texts:
            yield texts[0] if len(texts) == 1 else tuple(texts)


def help_texts() -> Iterator[tuple[str, str]]:
    """Yield the help of every command and option, with the command that has it."""
    from tagger.cli import main  # noqa: PLC0415 - commands are made in English
    from tagger.spark.__main__ import main as spark  # noqa: PLC0415 - likewise

    context = click.Context(main)
    commands: list[tuple[str, click.Command | None]] = [("tagger", main), ("tagger.spark", spark)]
    commands += [(name, main.get_command(context, name)) for name in main.list_commands(context)]
    for name, command in commands:
        assert command is not None  # noqa: S101 - it was listed
        texts = [command.help, command.epilog]
        texts += [getattr(parameter, "help", None) for parameter in command.params]
        yield from ((inspect.cleandoc(text), name) for text in texts if text)


def click_messages() -> Iterator[Id]:
    """Yield what click says itself."""
    for name in CLICK:
        folder = Path(str(import_module(f"click.{name}").__file__))
        methods = [(folder.name, "python"), ("**", "ignore")]
        for _, _, message, _, _ in extract_from_dir(
            str(folder.parent), method_map=methods, keywords={"_": None, "ngettext": (1, 2)}
        ):
            yield message
    yield from CLICK_TOO


def updated(new: Catalog, *old: Catalog) -> Catalog:
    """Return the new messages with the translations that older catalogues have, the last of them first."""
    for message in new:
        for catalogue in reversed(old):
            known = catalogue.get(message.id) if message.id else None
            if known is not None and isinstance(known.id, str) != isinstance(message.id, str):
                raise SystemExit(
                    f"{message.id!r} is there once with a plural and once without: say one of them otherwise"
                )
            if known is not None and known.string and all(known.string):
                message.string = known.string
                break
    return new


def read(path: Path) -> Catalog:
    """Return a catalogue from its file; an empty one where there is none."""
    return read_po(io.BytesIO(path.read_bytes()), locale="zh") if path.exists() else Catalog(locale="zh")


def written(catalogue: Catalog) -> bytes:
    """Return the text of a catalogue's file, the same for the same messages."""
    buffer = io.BytesIO(_HEADER)
    buffer.seek(0, io.SEEK_END)
    write_po(buffer, catalogue, width=120, omit_header=True, include_lineno=False)
    return buffer.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """Return a catalogue as gettext reads it."""
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)  # no moment in the bytes
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def main() -> None:
    """Write the catalogue and its compiled form."""
    po = FOLDER / "tagger.po"
    catalogue = updated(collect(), read(po), *(read(Path(name)) for name in sys.argv[1:]))
    po.write_bytes(written(catalogue))
    catalogue = read(po)
    (FOLDER / "tagger.mo").write_bytes(compiled(catalogue))
    missing = [message for message in catalogue if message.id and not (message.string and all(message.string))]
    for message in missing:
        print(f"{', '.join(file for file, _ in message.locations)}: {message.id!r}")
    print(f"{len(catalogue)} messages, {len(missing)} without a translation")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
