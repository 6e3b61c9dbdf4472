"""`arena check`."""

import asyncio

import typer

from arena import settings as configuration
from arena.cli.options import Config
from arena.domain import wording
from arena.errors import ArenaError, SettingsError
from arena.inference.client import ModelClient
from arena.services import health, roster
from arena.settings import Settings


def check(config: Config) -> None:
    """Find what is wrong with a configuration: keys, values, and whether every model answers."""
    settings = configuration.load(config)
    models = roster.configured(_without_embedded(settings))
    embedded_models = len(settings.models) - len(models)
    if len(settings.models) < 2:
        raise SettingsError(
            f"{config}: {wording.counted(len(settings.models), 'model')} configured, and a battle needs two; "
            "add [[models]]."
        )

    async def probe() -> list[health.Probe]:
        async with ModelClient(settings.deadlines) as client:
            return await health.probe(client, models)

    failed = 0
    for answer in asyncio.run(probe()):
        typer.echo(f"{answer.model}: {answer.problem or 'answers'}")
        failed += answer.problem is not None
    if embedded_models:
        typer.echo(f"{wording.counted(embedded_models, 'model')} on the embedded server, which starts with the arena")
    if failed:
        raise ArenaError(
            f"{config}: {failed} of {wording.counted(len(settings.models), 'model')} "
            f"{'does' if failed == 1 else 'do'} not answer; "
            "start their servers or correct their endpoints."
        )


def _without_embedded(settings: Settings) -> Settings:
    return settings.model_copy(update={"models": tuple(model for model in settings.models if model.servers)})
