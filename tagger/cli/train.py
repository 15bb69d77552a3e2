"""tagger train: labels → a model folder."""

from __future__ import annotations

from typing import Any

import click

from tagger.cli.group import as_json_option, print_json
from tagger.settings import Settings

__all__ = ["train"]


@click.command(
    epilog="Example: tagger train labels.csv -o models/mine",
)
@click.argument("labels")
@click.option("-o", "--output", required=True, metavar="DIR", help="Model folder to write; a model in it is replaced.")
@click.option("--topics", metavar="FILE", help="Titles and keywords; topics.toml beside LABELS when left out.")
@click.option("--encoding", help="Encoding of LABELS, where it is not UTF-8, UTF-16 or GB18030.")
@click.option(
    "--exclusive/--multi-label", default=None, help="Exactly one topic each, or any number; found in the data."
)
@click.option("--cost", type=float, default=Settings.cost, show_default=True, help="C of the support vector machine.")
@click.option("--seed", type=int, default=Settings.seed, show_default=True, help="Seed of the solver and the folds.")
@click.option("--evaluate/--no-evaluate", default=True, help="Measure by leaving documents out, for the model card.")
@as_json_option
def train(
    labels: str,
    output: str,
    *,
    topics: str | None,
    encoding: str | None,
    evaluate: bool,
    as_json: bool,
    **choices: Any,
) -> None:
    """Train a tagger from LABELS and save it as a model folder.

    LABELS is CSV (columns text and topics, and document where paragraphs belong together) or JSON lines.
    """
    from tagger.dataset import read_dataset  # noqa: PLC0415 - scikit-learn takes a second, which tagging need not wait
    from tagger.evaluation import cross_validate  # noqa: PLC0415
    from tagger.training import train_dataset  # noqa: PLC0415

    settings = Settings(**choices)
    dataset = read_dataset(labels, topics=topics, encoding=encoding)
    click.echo(f"{labels}: {len(dataset.examples)} examples of {len(dataset.documents())} documents", err=True)
    tagger = train_dataset(dataset, settings)
    report = None
    if evaluate and len(dataset.documents()) > 1:
        report = cross_validate(dataset, settings)
        tagger = tagger.with_quality(report.to_dict())
    tagger.save(output)
    if as_json:
        print_json({"model": output, "quality": tagger.model.quality, "thresholds": tagger.thresholds})
        return
    if report is not None:
        click.echo(f"{report.method}:", err=True)
        for name, scores in [*report.topics.items(), ("mean", report.mean)]:
            measures = "  ".join(
                f"{measure.replace('_', ' ')} {'–' if value is None else f'{value:.3f}'}"
                for measure, value in vars(scores).items()
            )
            click.echo(f"  {name:<20} {measures}", err=True)
    click.echo(f"{output}: saved; try: tagger tag --model {output} FILE", err=True)
