"""What a server is started with; plain data, which its worker processes get as JSON in an environment variable."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

from tagger.errors import SettingsError
from tagger.messages import VARIABLE, _, current

__all__ = ["ServeOptions"]

_VARIABLE = "TAGGER_SERVE"


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """How a server answers.

    Attributes:
        model: the model folder; None is the shipped model.
        token: what a request must bring as `Authorization: Bearer TOKEN`; None where anyone on this machine may ask.
        hosts: the names under which the server may be asked for, without a port; empty takes any.
        max_bytes: the most bytes of a request.
        max_texts: the most texts of a request.
        seconds: how long a request may take, from its first byte to the answer.
        at_once: how many requests a worker tags at the same time; others wait, as long as they may take.
        language: of the page, "zh" or "en".

    Raises:
        SettingsError: when a number is outside its range.
    """

    model: str | None = None
    token: str | None = None
    hosts: tuple[str, ...] = ()
    max_bytes: int = 2_000_000
    max_texts: int = 1000
    seconds: float = 30.0
    at_once: int = 2
    language: str = "zh"

    def __post_init__(self) -> None:
        for name in ("max_bytes", "max_texts", "seconds", "at_once"):
            if getattr(self, name) <= 0:
                raise SettingsError(
                    _("{name} is {number!r}: it must be more than 0", name=name, number=getattr(self, name))
                )

    def hand_on(self) -> None:
        """Put the options where this process and its children find them."""
        os.environ[_VARIABLE] = json.dumps(asdict(self))
        os.environ[VARIABLE] = current()  # workers say in the language of this process what is wrong with a request

    @classmethod
    def handed_on(cls) -> ServeOptions:
        """Return the options that were handed on."""
        found = json.loads(os.environ[_VARIABLE])
        return cls(**found | {"hosts": tuple(found["hosts"])})
