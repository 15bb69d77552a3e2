"""tagger show: what a model folder holds, for people."""

from __future__ import annotations

from dataclasses import asdict

import click

from tagger.cli.group import as_json_option, wants_page
from tagger.cli.printing import echo, print_json
from tagger.cli.sections import Command
from tagger.messages import _
from tagger.model import model_hash, shipped_model
from tagger.model.card import render_card, strongest_features
from tagger.tagger import load

__all__ = ["show"]


@click.command(cls=Command, epilog="Example: tagger show models/mine")
@click.argument("folder", metavar="[DIR]", required=False)
@as_json_option
def show(folder: str | None, *, as_json: bool) -> None:
    """Show a model's topics, thresholds, measured quality and strongest features; without DIR, of the shipped model."""
    path = shipped_model() if folder is None else folder
    digest = model_hash(path)
    tagger = load(path, digest=digest)
    model = tagger.model
    if wants_page(as_json=as_json):
        from tagger.cli.model_pages import print_model  # noqa: PLC0415 - rich takes a while

        print_model(model, digest)
        return
    if not as_json:
        echo(render_card(model), nl=False)
        quoted = f"`{digest}`"
        said = _("hash of the model: SHA-256 {digest}", digest=quoted)
        echo(f"- {said}")
        return
    features = {
        topic.name: [
            {"kind": feature.kind, "feature": feature.text, "strength": strength} for feature, strength in strongest
        ]
        for topic, strongest in zip(model.topics, strongest_features(model, top=50), strict=True)
    }
    print_json(
        {
            "digest": digest,
            "topics": [asdict(topic) for topic in model.topics],
            "thresholds": tagger.thresholds,
            "settings": asdict(model.settings),
            "provenance": asdict(model.provenance),
            "quality": model.quality,
            "strongest_features": features,
        }
    )
