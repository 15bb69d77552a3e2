"""What readers of JSON, TOML and archives find wrong, in the reader's language; what they say seldom stays as it is."""

from __future__ import annotations

import json
import re
import tomllib

from tagger.errors import reason
from tagger.messages import N_, _

__all__ = ["explain_damage", "explain_json", "explain_json_line", "explain_toml"]

# orjson's, and those of Python's json, for a file that was not cut into lines.
_JSON = {
    "invalid escaped sequence in string": N_("invalid escaped sequence in string"),
    "invalid literal, expected 'false'": N_("invalid literal, expected 'false'"),
    "invalid literal, expected 'null'": N_("invalid literal, expected 'null'"),
    "invalid literal, expected 'true'": N_("invalid literal, expected 'true'"),
    "no digit after decimal point": N_("no digit after decimal point"),
    "no digit after exponent sign": N_("no digit after exponent sign"),
    "no digit after sign": N_("no digit after sign"),
    "number with leading zero is not allowed": N_("number with leading zero is not allowed"),
    "str is not valid UTF-8: surrogates not allowed": N_("str is not valid UTF-8: surrogates not allowed"),
    "trailing comma is not allowed": N_("trailing comma is not allowed"),
    "unexpected character, expected ',' or ']'": N_("unexpected character, expected ',' or ']'"),
    "unexpected character, expected ',' or '}'": N_("unexpected character, expected ',' or '}}'"),
    "unexpected character, expected ':' after key": N_("unexpected character, expected ':' after key"),
    "unexpected character, expected a JSON value": N_("unexpected character, expected a JSON value"),
    "unexpected character, expected a string key": N_("unexpected character, expected a string key"),
    "unexpected content after document": N_("unexpected content after document"),
    "unexpected control character in string": N_("unexpected control character in string"),
    "unexpected end of data": N_("unexpected end of data"),
    "Expecting ',' delimiter": N_("Expecting ',' delimiter"),
    "Expecting ':' delimiter": N_("Expecting ':' delimiter"),
    "Expecting property name enclosed in double quotes": N_("Expecting property name enclosed in double quotes"),
    "Expecting value": N_("Expecting value"),
    "Illegal trailing comma before end of array": N_("Illegal trailing comma before end of array"),
    "Illegal trailing comma before end of object": N_("Illegal trailing comma before end of object"),
    "Invalid \\escape": N_("Invalid \\escape"),
    "Invalid \\uXXXX escape": N_("Invalid \\uXXXX escape"),
    "Invalid control character at": N_("Invalid control character at"),
    "Unterminated string starting at": N_("Unterminated string starting at"),
}
_TOML = {
    "Cannot overwrite a value": N_("Cannot overwrite a value"),
    "Expected '=' after a key in a key/value pair": N_("Expected '=' after a key in a key/value pair"),
    "Expected ']' at the end of a table declaration": N_("Expected ']' at the end of a table declaration"),
    "Expected ']]' at the end of an array declaration": N_("Expected ']]' at the end of an array declaration"),
    "Expected newline or end of document after a statement": N_(
        "Expected newline or end of document after a statement"
    ),
    "Illegal character '\\n'": N_("Illegal character '\\n'"),
    "Invalid initial character for a key part": N_("Invalid initial character for a key part"),
    "Invalid statement": N_("Invalid statement"),
    "Invalid value": N_("Invalid value"),
    "Unclosed array": N_("Unclosed array"),
    "Unclosed inline table": N_("Unclosed inline table"),
    "Unescaped '\\' in a string": N_("Unescaped '\\' in a string"),
    "Unterminated string": N_("Unterminated string"),
}
_DAMAGE = {
    "Cannot detect file format": N_("Cannot detect file format"),
    "File is not a zip file": N_("File is not a zip file"),
    "Compressed file ended before the end-of-stream marker was reached": N_(
        "Compressed file ended before the end-of-stream marker was reached"
    ),
    "Corrupt input data": N_("Corrupt input data"),
    "Invalid data stream": N_("Invalid data stream"),
    "Parquet magic bytes not found in footer. Either the file is corrupted or this is not a parquet file.": N_(
        "Parquet magic bytes not found in footer. Either the file is corrupted or this is not a parquet file."
    ),
}
_SECRET = re.compile(r"File (.*) is encrypted, password required for extraction")
_CHECKSUM = re.compile(r"CRC check failed (\S+) != (\S+)")
_TWICE = re.compile(r"Cannot declare \('(.*)',\) twice")
_TOML_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


def explain_json(error: json.JSONDecodeError) -> str:
    """Return what is wrong, without its place."""
    return _(_JSON[error.msg]) if error.msg in _JSON else error.msg


def explain_json_line(error: json.JSONDecodeError) -> str:
    """Return what is wrong with JSON on one line, and where."""
    return _(
        "{fault}: line 1 column {column} (char {place})", fault=explain_json(error), column=error.colno, place=error.pos
    )


def explain_toml(error: tomllib.TOMLDecodeError) -> str:
    """Return what is wrong, and where."""
    found = _TOML_PLACE.fullmatch(str(error))
    if found is None:
        return str(error)
    fault, line, column = found.groups()
    if twice := _TWICE.fullmatch(fault):
        fault = _("Cannot declare ('{name}',) twice", name=twice[1])
    elif fault in _TOML:
        fault = _(_TOML[fault])
    if line is None:
        return _("{fault} (at end of document)", fault=fault)
    return _("{fault} (at line {line}, column {column})", fault=fault, line=line, column=column)


def explain_damage(error: Exception) -> str:
    """Return what is wrong with a file or an archive that cannot be read."""
    if isinstance(error, OSError) and error.strerror:
        return reason(error)
    said = str(error)
    if said in _DAMAGE:
        return _(_DAMAGE[said])
    if secret := _SECRET.fullmatch(said):
        return _("File {file} is encrypted, password required for extraction", file=secret[1])
    if checksum := _CHECKSUM.fullmatch(said):
        return _("CRC check failed {found} != {wanted}", found=checksum[1], wanted=checksum[2])
    return said
