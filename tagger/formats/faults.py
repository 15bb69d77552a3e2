"""What readers of JSON, TOML and archives find wrong, in the reader's language; what they say seldom stays as it is."""

from __future__ import annotations

import json
import re
import tomllib

from tagger.errors import reason
from tagger.messages import N_, _, recognised

__all__ = ["explain_damage", "explain_json", "explain_json_line", "explain_toml"]

# orjson's, and those of Python's json, for a file that was not cut into lines.
_JSON = {
    "depth limit exceeded": N_("depth limit exceeded"),
    "no low surrogate in string": N_("no low surrogate in string"),
    "number is infinity when parsed as double": N_("number is infinity when parsed as double"),
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
    "Escaped character is not a Unicode scalar value": N_("Escaped character is not a Unicode scalar value"),
    "Expected '=' after a key in a key/value pair": N_("Expected '=' after a key in a key/value pair"),
    "Expected ']' at the end of a table declaration": N_("Expected ']' at the end of a table declaration"),
    "Expected ']]' at the end of an array declaration": N_("Expected ']]' at the end of an array declaration"),
    "Expected newline or end of document after a statement": N_(
        "Expected newline or end of document after a statement"
    ),
    "Illegal character '\\n'": N_("Illegal character '\\n'"),
    "Invalid initial character for a key part": N_("Invalid initial character for a key part"),
    "Invalid hex value": N_("Invalid hex value"),
    "Invalid statement": N_("Invalid statement"),
    "Invalid value": N_("Invalid value"),
    "Unclosed array": N_("Unclosed array"),
    "Unclosed inline table": N_("Unclosed inline table"),
    "Unescaped '\\' in a string": N_("Unescaped '\\' in a string"),
    "Unterminated string": N_("Unterminated string"),
}
# Those of TOML, and of archives, workbooks and tables, that have values.
_TOML_ALSO = (
    N_("Cannot declare ('{name}',) twice"),
    N_("Cannot declare {names} twice"),
    N_("Cannot mutate immutable namespace {names}"),
    N_("Duplicate inline table key {name}"),
    N_("Illegal character {sign}"),
)
_DAMAGE = (
    N_("Cannot detect file format"),
    N_("File is not a zip file"),
    N_("Compressed file ended before the end-of-stream marker was reached"),
    N_("Corrupt input data"),
    N_("Invalid data stream"),
    N_("Parquet magic bytes not found in footer. Either the file is corrupted or this is not a parquet file."),
    N_("File {file} is encrypted, password required for extraction"),
    N_("CRC check failed {found} != {wanted}"),
    N_("Bad CRC-32 for file {file}"),
    N_("Bad magic number for central directory"),
    N_("Bad magic number for file header"),
    N_("That compression method is not supported"),
    N_("Unknown compression method"),
    N_("Not a gzipped file ({found})"),
    N_("Error {number} while decompressing data: {detail}"),
    N_("Unable to decompress Zstandard data: {detail}"),
    N_("Not an Arrow file"),
    N_("File is too small: {size}"),
    N_("Invalid flatbuffers message."),
    N_("Couldn't deserialize thrift: {detail}"),
    N_("Parquet file size is {size} bytes, smaller than the minimum file footer ({least} bytes)"),
    N_("'utf-8' codec can't decode byte {byte} in position {place}: {detail}"),
    N_("syntax error: tag not closed: `>` not found before end of input"),
)
# What libraries that uncompress add to that.
_DETAILS = {
    "invalid start byte": N_("invalid start byte"),
    "invalid continuation byte": N_("invalid continuation byte"),
    "incorrect data check": N_("incorrect data check"),
    "incorrect header check": N_("incorrect header check"),
    "invalid bit length repeat": N_("invalid bit length repeat"),
    "invalid block type": N_("invalid block type"),
    "invalid code lengths set": N_("invalid code lengths set"),
    "invalid distance code": N_("invalid distance code"),
    "invalid distance too far back": N_("invalid distance too far back"),
    "invalid literal/lengths set": N_("invalid literal/lengths set"),
    "invalid stored block lengths": N_("invalid stored block lengths"),
    "Data corruption detected": N_("Data corruption detected"),
    "Restored data doesn't match checksum": N_("Restored data doesn't match checksum"),
    "Unknown frame descriptor": N_("Unknown frame descriptor"),
    "Unsupported frame parameter": N_("Unsupported frame parameter"),
    "No more data to read.": N_("No more data to read."),
}
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
    fault = _(_TOML[fault]) if fault in _TOML else recognised(fault, _TOML_ALSO) or fault
    if line is None:
        return _("{fault} (at end of document)", fault=fault)
    return _("{fault} (at line {line}, column {column})", fault=fault, line=line, column=column)


def explain_damage(error: Exception) -> str:
    """Return what is wrong with a file or an archive that cannot be read."""
    if isinstance(error, OSError) and error.strerror:
        return reason(error)
    said = str(error).strip()
    found = recognised(said, _DAMAGE)
    if found is None:
        return said
    values = {name: _(_DETAILS[value]) if value in _DETAILS else value for name, value in found.values.items()}
    return _(found.template, **values)
