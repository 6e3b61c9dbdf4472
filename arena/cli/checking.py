"""`arena check`."""

import asyncio

import typer

from arena import settings as configuration
from arena.cli.options import Config
from arena.cli.remote import Remote
from arena.domain import wording
from arena.errors import ArenaError, SettingsError
from arena.inference.client import ModelClient
from arena.server import running
from arena.services import roster, trying
from arena.services.trying import TryOut
from arena.settings import Settings


def check(config: Config) -> None:
    """Find what is wrong with a configuration: keys, values, and what each model answers to one real question."""
    settings = configuration.load(config)
    models = roster.configured(_without_embedded(settings))
    embedded_models = len(settings.models) - len(models)
    if len(settings.models) < 2:
        raise SettingsError(
            f"{config}: {wording.counted(len(settings.models), 'model')} configured, and a battle needs two; "
            "add [[models]]."
        )

    async def ask() -> list[TryOut]:
        async with ModelClient(settings.deadlines) as client:
            return await trying.each(client, models)

    failed = 0
    for tried in asyncio.run(ask()):
        typer.echo(f"{tried.model}: {tried.problem or _seen(tried)}")
        for note in tried.notes:
            typer.echo(f"  {note}")
        failed += not tried.answers
    arena = running.find(settings.data_dir)
    if arena is not None:
        answered = Remote(url=arena.url, token="").call("GET", "/healthz")
        typer.echo(f"process {answered['process']} answers at {arena.url}, on {settings.data_dir}")
    if embedded_models:
        typer.echo(f"{wording.counted(embedded_models, 'model')} on the embedded server, which starts with the arena")
    if failed:
        raise ArenaError(
            f"{config}: {failed} of {wording.counted(len(settings.models), 'model')} "
            f"{'does' if failed == 1 else 'do'} not answer; "
            "start their servers or correct their endpoints."
        )


def _seen(tried: TryOut) -> str:
    """That it answers, and how."""
    given = tried.response
    if given is None or given.first_token_seconds is None:
        return "answers"
    told = [f"first text after {given.first_token_seconds:.1f} s"]
    if tried.tokens_per_second is not None:
        told.append(f"{tried.tokens_per_second:,.0f} tokens/s")
    if given.completion_tokens is not None:
        told.append(f"{wording.counted(given.completion_tokens, 'token')}, ended with {given.finish_reason}")
    return f"answers ({', '.join(told)})"


def _without_embedded(settings: Settings) -> Settings:
    return settings.model_copy(update={"models": tuple(model for model in settings.models if model.servers)})
