"""What is doubtful in labels, ranked, with how sure and why; for people to decide, who write it into their file.

>>> from tagger.curation import check
>>> labels = [("周末有雨,气温下降", "天气"), ("周末有雨,气温下降!", "体育"), ("球队赢了比赛", "体育")]
>>> [(finding.kind, finding.line) for finding in check(labels).findings if finding.line]
[('conflict', 1), ('conflict', 2), ('rare topic', 1), ('rare topic', 2)]
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tagger.curation.applying import Applied, Changed, RefusedRow, apply_findings
    from tagger.curation.checking import Check, Confusion, Expectation, check
    from tagger.curation.evidence import Evidence
    from tagger.curation.findings import KINDS, Finding
    from tagger.curation.proposing import propose_keywords
    from tagger.curation.sheet import write_findings
    from tagger.curation.suggesting import suggest

_ROOMS = {
    "Applied": "applying",
    "Changed": "applying",
    "RefusedRow": "applying",
    "apply_findings": "applying",
    "KINDS": "findings",
    "Check": "checking",
    "Confusion": "checking",
    "Evidence": "evidence",
    "Expectation": "checking",
    "Finding": "findings",
    "check": "checking",
    "propose_keywords": "proposing",
    "suggest": "suggesting",
    "write_findings": "sheet",
}

__all__ = [
    "KINDS",
    "Applied",
    "Changed",
    "Check",
    "Confusion",
    "Evidence",
    "Expectation",
    "Finding",
    "RefusedRow",
    "apply_findings",
    "check",
    "propose_keywords",
    "suggest",
    "write_findings",
]


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for: deciding about findings never loads what found them."""
    if name in _ROOMS:
        return getattr(import_module(f"tagger.curation.{_ROOMS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
