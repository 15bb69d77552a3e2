"""What can be asked, as OpenAPI 3.1."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from tagger.batch.record import RECORD, Column, Fields, gained_columns
from tagger.tagger import Tagger
from tagger.web.options import ServeOptions

__all__ = ["describe"]

_TYPES = {"string": "string", "int": "integer", "double": "number", "boolean": "boolean"}


def describe(tagger: Tagger, options: ServeOptions) -> dict[str, Any]:
    """Return the description of a server that answers with this tagger."""
    text = {"type": "string", "description": "an article; its paragraphs are found by looking"}
    wanted = {
        "paragraphs": {"type": "boolean", "default": False, "description": "answer with the paragraphs too"},
        "explain": {
            "type": "integer",
            "minimum": 0,
            "maximum": 50,
            "default": 0,
            "description": "answer with so many features that decided most for each topic",
        },
        "evidence": {
            "type": "boolean",
            "default": False,
            "description": "answer with the paragraphs, and the stretches of each that decided, as a reader sees them",
        },
    }
    one = _object({"text": text, **wanted}, required=["text"])
    many = _object(
        {"texts": {"type": "array", "items": text, "maxItems": options.max_texts}, **wanted}, required=["texts"]
    )
    refused = {
        "description": "in words what is wrong and what to do",
        "content": _json(_object({"error": {"type": "string"}}, required=["error"])),
    }
    articles = _object({"articles": {"type": "array", "items": _article()}}, required=["articles"])
    tag = {
        "summary": "Tag an article, or several",
        "requestBody": {"required": True, "content": _json({"oneOf": [one, many]})},
        "responses": {
            "200": {
                "description": "the topics of the article, or of each in the order they were given",
                "content": _json({"oneOf": [_article(), articles]}),
            },
            **dict.fromkeys(("400", "401", "403", "413", "415", "503"), refused),
        },
    }
    health = {
        "summary": "Whether the server lives, and with which model",
        "security": [],
        "responses": {"200": {"description": "it does", "content": _json({"type": "object"})}},
    }
    described: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "tagger serve",
            "version": version("tagger-zh"),
            "description": "Topics: " + ", ".join(f"{name} {title}" for name, title in tagger.titles.items()),
        },
        "paths": {"/tag": {"post": tag}, "/health": {"get": health}},
    }
    if options.token is not None:
        described |= {
            "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
            "security": [{"token": []}],
        }
    return described


def _article() -> dict[str, Any]:
    """Return the schema of what an article gains, as `tagger.batch` says it."""
    about = {field.name: field.about for field in RECORD}
    columns = gained_columns(Fields(paragraphs=True, explain=1))
    properties = {name: _schema(column) | {"description": about[name]} for name, column in columns.items()}
    return _object(properties, required=["topics", "titles", "probabilities"])


def _schema(column: Column) -> dict[str, Any]:
    if isinstance(column, list):
        return {"type": "array", "items": _schema(column[0])}
    if isinstance(column, dict):
        return _object({name: _schema(inner) for name, inner in column.items()})
    if column.startswith("map<"):
        return {"type": "object", "additionalProperties": {"type": "number"}}
    return {"type": _TYPES[column]}


def _object(properties: dict[str, Any], *, required: list[str] | None = None) -> dict[str, Any]:
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
