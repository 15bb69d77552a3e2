"""Entries → tasks that Label Studio imports, and the configuration with which it shows their topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

import orjson

from tagger.exchange.entries import Entry

__all__ = ["CONFIG_FILE", "is_ours", "write_config", "write_tasks"]

CONFIG_FILE = "label_config.xml"
_FROM, _TO = "topics", "text"
_KEYS = "1234567890"
_OURS = "<!-- written by tagger convert -->"


def write_tasks(entries: Sequence[Entry]) -> bytes:
    """Return a list of tasks: people's topics are annotations, a model's guess is a prediction with score and version.

    A text that nobody has labelled has no annotation, one with none of the topics an empty one.
    """
    tasks = [orjson.dumps(_task(entry)) for entry in entries]
    return b"[\n" + b",\n".join(tasks) + b"\n]\n"


def write_config(topics: Mapping[str, str]) -> bytes:
    """Return the labelling configuration for topics, each with its title as a hint; the first ten have number keys.

    Label Studio shows predictions only where `name` and `toName` here are those in the tasks.
    """
    lines = ["<View>", f"  {_OURS}", f'  <Text name="{_TO}" value="$text"/>']
    lines.append(f'  <Choices name="{_FROM}" toName="{_TO}" choice="multiple" showInline="true">')
    for number, (name, title) in enumerate(topics.items()):
        key = f' hotkey="{_KEYS[number]}"' if number < len(_KEYS) else ""
        hint = f" hint={quoteattr(title)}" if title != name else ""
        lines.append(f"    <Choice value={quoteattr(name)}{hint}{key}/>")
    return "\n".join([*lines, "  </Choices>", "</View>", ""]).encode()


def is_ours(config: bytes) -> bool:
    """Return whether a configuration is one that `write_config` wrote."""
    return _OURS.encode() in config


def _task(entry: Entry) -> dict[str, Any]:
    data = {"text": entry.text, "document": entry.document, "paragraph": entry.paragraph}
    task: dict[str, Any] = {
        "data": {name: value for name, value in data.items() if value is not None},
        "annotations": [] if entry.topics is None else [{"result": _result(entry.topics)}],
    }
    if entry.suggestion is not None:
        about = {"model_version": entry.model_version or None, "score": entry.probability}
        prediction = {name: value for name, value in about.items() if value is not None}
        task["predictions"] = [prediction | {"result": _result(entry.suggestion)}]
    return task


def _result(topics: Sequence[str]) -> list[dict[str, Any]]:
    if not topics:
        return []
    return [{"from_name": _FROM, "to_name": _TO, "type": "choices", "value": {"choices": list(topics)}}]
