"""Templates and data → one HTML file that fetches nothing and runs nothing but its own script.

Whatever comes from files is text: in the page itself Jinja2 escapes it, and what the script shows is JSON without one
<, which the script puts into the page as text alone. A content security policy holds both to that: it allows the page's
own style and script, by their hashes, and no other, and no request to anywhere.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import Any

import orjson

from tagger.errors import RunError
from tagger.messages import _

__all__ = ["embed_json", "need_templates", "render_page"]


def render_page(template: str, *, style: str, script: str, **values: Any) -> str:
    """Render a template with a style and a script of `templates/`, by name.

    Raises:
        RunError: when Jinja2 is not installed.
    """
    markup = need_templates().Markup
    sources = {"style": _read(style), "script": _read(script)}
    policy = "; ".join(
        [
            "default-src 'none'",
            "img-src data:",  # the empty icon, without which a browser asks the server for one
            "base-uri 'none'",
            "form-action 'none'",
            *(f"{kind}-src 'sha256-{_digest(source)}'" for kind, source in sources.items()),
        ]
    )
    whole = {name: markup(source) for name, source in sources.items()}
    text: str = _environment().get_template(template).render(policy=policy, **whole, **values)
    return text


def embed_json(value: Any) -> Any:
    """Return data as JSON that can stand in a script element: no < of it begins or ends anything."""
    data = value if isinstance(value, bytes) else orjson.dumps(value)
    return need_templates().Markup(data.replace(b"<", rb"\u003c").decode("utf-8"))


def need_templates() -> Any:
    """Return Jinja2's markup module.

    Raises:
        RunError: when Jinja2 is not installed.
    """
    try:
        import jinja2  # noqa: F401, PLC0415 - an extra, and only for pages
        import markupsafe  # noqa: PLC0415 - comes with it
    except ImportError as error:
        raise RunError(_("pages need Jinja2: pip install 'tagger-zh[pages]'")) from error
    return markupsafe


@lru_cache(maxsize=1)
def _environment() -> Any:
    import jinja2  # noqa: PLC0415 - an extra, and only for pages

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_read),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fill"] = lambda words, **values: words.format_map(values)
    environment.filters["count"] = lambda number: f"{number:,}"
    environment.filters["json"] = embed_json
    return environment


def _read(name: str) -> str:
    return files("tagger.pages").joinpath("templates", name).read_text(encoding="utf-8")


def _digest(source: str) -> str:
    return base64.b64encode(hashlib.sha256(source.encode("utf-8")).digest()).decode("ascii")
