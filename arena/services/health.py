"""Whether the arena can take battles, and what it counts."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from arena.domain import wording
from arena.domain.battle import Answers, VoidCause
from arena.domain.durations import Durations
from arena.domain.ids import ModelName
from arena.domain.model import Model
from arena.errors import ModelError, Overloaded, TooFewModels
from arena.inference.client import ModelClient
from arena.services.battling import Battling
from arena.services.roster import Roster
from arena.store import tally
from arena.store.workspace import Workspace

FRESH_SECONDS = 5.0
"""How long the answer of a probe is kept before the model is asked again."""
MODELS_NEEDED = 2
"""A battle needs two models that answer."""
LEAST_BYTES = 16 * 1024 * 1024
"""Free room on the disk without which the arena is not ready: enough for some batches of votes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Whether one model answers; `problem` says why not."""

    model: ModelName
    problem: str | None


async def probe(client: ModelClient, models: Sequence[Model]) -> list[Probe]:
    """Ask every model's server, all at once."""

    async def one(model: Model) -> Probe:
        try:
            await client.probe(model)
        except ModelError as error:
            return Probe(model=model.name, problem=str(error))
        return Probe(model=model.name, problem=None)

    return list(await asyncio.gather(*(one(model) for model in models)))


class Health:
    """What a monitor asks. Probes of the models are asked at most once in `FRESH_SECONDS`."""

    def __init__(
        self, workspace: Workspace, battling: Battling, client: ModelClient, roster: Roster, answers: Answers
    ) -> None:
        """`answers` of the campaign: stored ones need no model that can be asked."""
        self._workspace = workspace
        self._battling = battling
        self._client = client
        self._roster = roster
        self._answers = answers
        self._probes: list[Probe] = []
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def answering(self) -> int:
        """How many models answer; battles need two."""
        async with self._lock:
            if time.monotonic() - self._asked_at > FRESH_SECONDS:
                self._probes = await probe(self._client, list(self._roster.models.values()))
                self._asked_at = time.monotonic()
            return sum(answer.problem is None for answer in self._probes)

    def refuse_unready(self, answering: int) -> None:
        """Raise what keeps battles from being opened and voted on, if anything does."""
        if self._workspace.stopped is not None:
            raise self._workspace.stopped
        free = self._workspace.free_bytes
        if free < LEAST_BYTES:
            raise Overloaded(
                f"The disk with the arena's data is full: {free / 2**20:.0f} MB are free, and it needs "
                f"{LEAST_BYTES // 2**20}. Free space there; it goes on by itself."
            )
        if self._battling.writing.stopping:
            raise Overloaded("The arena is stopping. Ask again when it has started.")
        if self._answers is Answers.STORED:
            return
        if len(self._roster.models) < MODELS_NEEDED:
            raise Overloaded(str(TooFewModels(len(self._roster.models))))
        if answering < MODELS_NEEDED:
            raise Overloaded(
                f"{wording.counted(answering, 'model')} can be asked, and a battle needs two. `arena check` says which "
                "do not answer; start them."
            )

    def durations(self) -> dict[str, tuple[str, Durations]]:
        """Histograms by metric name, each with its meaning."""
        return {
            "arena_first_text_seconds": (
                "From opening a battle to the first text shown, on both sides at once.",
                self._battling.writing.meters.first_text,
            ),
            "arena_tick_lateness_seconds": ("By how much text was shown late.", self._battling.writing.meters.lateness),
            "arena_commit_seconds": ("Of one transaction of the writer.", self._workspace.commits),
        }

    async def voids(self) -> dict[VoidCause, int]:
        """Void battles by cause."""

        def read() -> dict[VoidCause, int]:
            with self._workspace.reading() as connection:
                return tally.voids_by_cause(connection)

        return await asyncio.to_thread(read)

    async def figures(self) -> dict[str, tuple[str, float]]:
        """Counts by metric name, each with its meaning. None is by model: that would tell who is in a battle."""

        def read() -> dict[str, int]:
            with self._workspace.reading() as connection:
                return tally.totals(connection)

        totals = await asyncio.to_thread(read)
        stopped = self._workspace.stopped is not None
        return {
            "arena_votes": ("Votes recorded.", totals["votes"]),
            "arena_battles": ("Battles opened.", totals["battles"]),
            "arena_battles_void": ("Battles that are void.", totals["voids"]),
            "arena_battles_live": ("Battles being written now.", self._battling.writing.live_count),
            "arena_store_stopped": ("1 after an I/O error, when nothing is written any more.", float(stopped)),
            "arena_writer_waiting": ("Commands that wait for the writer.", self._workspace.waiting),
            "arena_disk_free_bytes": ("Room on the disk of the workspace.", self._workspace.free_bytes),
            "arena_models": ("Models that take part.", len(self._roster.models)),
        }
