"""`arena generate`: answers of models to the prompts of a set, into a folder of parts."""

import asyncio
import contextlib
import enum
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from arena import settings as configuration
from arena.cli import local, remote, serving
from arena.cli.options import Config, DataDir, Workspace
from arena.cli.progress import Progress
from arena.cli.remote import Remote
from arena.domain import parts as contents
from arena.domain import wording
from arena.domain.battle import Message
from arena.domain.model import Model
from arena.errors import ArenaError, InvalidValue
from arena.inference.client import ModelClient
from arena.inference.retries import Patience
from arena.services import answer_parts, clock, generating, generating_on_ray, paths, prompt_sets, roster
from arena.services.generating import BulkRun, CountsByModel, Manner, Prompts
from arena.services.media_folder import MediaFolder
from arena.settings import Settings


class Engine(enum.StrEnum):
    """What carries the questions to the models."""

    LOCAL = "local"
    RAY = "ray"


def generate(
    set_name: Annotated[str, typer.Option("--set", help="The prompt set whose prompts are asked.")],
    models: Annotated[str, typer.Option(help="Names of models in the configuration, with commas.")],
    out: Annotated[Path, typer.Option(help="A folder: new, or one that an earlier run left unfinished.")],
    config: Config,
    samples: Annotated[int, typer.Option(help="Answers of each model to each prompt.", min=1, max=10_000)] = 1,
    concurrency: Annotated[int, typer.Option(help="Questions on their way to each model.", min=1, max=4096)] = 32,
    engine: Annotated[
        Engine, typer.Option(help="This process, or Ray Data over a cluster, with the extra ray.")
    ] = Engine.LOCAL,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Let models answer the prompts of a set; started again, only what no finished part holds is asked."""
    settings = configuration.load(config, data_dir=data_dir)
    prompts = _prompts(settings, workspace, set_name)
    with _asked(settings, models, config) as asked, answer_parts.filling(out) as parts:
        work = generating.missing(prompts, asked, samples, parts)
        counts = generating.begun(work)
        wanted = sum(count.wanted for count in counts.values())
        _say(f"{wording.counted(wanted, 'answer')} to make, {len(parts.held):,} in {out} already.")
        manner = Manner(
            concurrency=concurrency,
            patience=Patience(),
            now=clock.now,
            chance=random.Random(),  # noqa: S311 - spreads pauses
            load=MediaFolder(paths.media_path(settings.data_dir, workspace)).load,
        )
        with Progress("answers") as far:
            run = BulkRun(
                models=asked,
                work=work,
                parts=parts,
                manner=manner,
                counts=counts,
                tell=lambda: far.say(*_told(counts)),
            )
            (_on_ray if engine is Engine.RAY else _generate)(settings, run)
    left = _sum_up(counts)
    if left:
        raise ArenaError(f"{wording.counted(left, 'answer')} of {wanted:,} left to ask; start the same command again.")


@contextlib.contextmanager
def _asked(settings: Settings, names: str, config: Path) -> Iterator[list[Model]]:
    """The models of these names, with the embedded server running where one needs it."""
    known = {model.name: model for model in settings.models}
    chosen = list(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    unknown = [name for name in chosen if name not in known]
    if unknown or not chosen:
        raise InvalidValue(
            f"{config} has no model {', '.join(unknown) or 'of an empty name'}; it has {', '.join(known) or 'none'}."
        )
    few = settings.model_copy(update={"models": tuple(known[name] for name in chosen)})
    with serving.with_embedded(few, _say) as served:
        yield roster.configured(served)


def _generate(settings: Settings, run: BulkRun) -> None:
    """Ask until all is asked or somebody stops it: Ctrl-C and SIGTERM end it in good order."""

    async def ask() -> None:
        manner = run.manner
        async with ModelClient(settings.deadlines, connections=manner.concurrency, load=manner.load) as client:
            for model in run.models:
                client.key(model)
            await generating.generate(client, run)

    async def until_stopped() -> None:
        running, loop = asyncio.create_task(ask()), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, running.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await running

    asyncio.run(until_stopped())


def _on_ray(settings: Settings, run: BulkRun) -> None:
    """The same by Ray Data."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    with contextlib.suppress(KeyboardInterrupt):
        generating_on_ray.generate(settings.deadlines, run)


def _prompts(settings: Settings, workspace: str, set_name: str) -> Prompts:
    """The prompts of a set, from the arena that runs or from the file; which is free again before models are asked."""
    if running := remote.find(settings.data_dir, workspace):
        return _remote_prompts(running, set_name)
    local.refuse_database(settings.data_dir, settings.database)
    with local.workspace(settings.data_dir, workspace) as opened:
        return prompt_sets.messages(opened, set_name)


def _remote_prompts(running: Remote, set_name: str) -> Prompts:
    return {
        prompt["prompt_id"]: tuple(
            Message(role=one["role"], content=contents.from_json(one["content"])) for one in prompt["messages"]
        )
        for prompt in running.every(f"/api/v1/prompt-sets/{set_name}/prompts", "prompts")
    }


def _told(counts: CountsByModel) -> tuple[int, str]:
    """How many answers there are, and how fast each model writes."""
    now = time.monotonic()
    speeds = "; ".join(
        f"{name} {count.tokens_a_second(now):,.0f} tokens/s"
        for name, count in counts.items()
        if count.answered + len(count.unanswered) < count.wanted
    )
    return sum(count.answered for count in counts.values()), f": {speeds}" if speeds else ""


def _sum_up(counts: CountsByModel) -> int:
    """Say what each model did, and name what it did not answer. Returns how many answers there are in all."""
    for name, count in counts.items():
        speed = count.tokens / max(count.seconds, 0.001)
        _say(
            f"{name}: {count.answered:,} of {wording.counted(count.wanted, 'answer')}, "
            f"{count.tokens:,} tokens in {count.seconds:.1f} s, {speed:,.1f} tokens/s."
        )
        for one in count.unanswered:
            if one.asked:
                _say(f"Not answered: {one.key.prompt_id}, sample {one.key.sample}, by {name}. {one.reason}")
        given_up = [one for one in count.unanswered if not one.asked]
        if given_up:
            _say(f"Not asked: {wording.counted(len(given_up), 'further question')} to {name}. {given_up[0].reason}")
    return sum(count.wanted - count.answered for count in counts.values())


def _say(sentence: str) -> None:
    typer.echo(sentence, err=True)
