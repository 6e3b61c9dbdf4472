"""What single prompts do to a board, and battles that stand for others: as far as whoever asks may see them."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy
import pyarrow
from pyarrow import compute

from arena.domain import selection_values
from arena.domain.battle import BattleRecord
from arena.domain.campaign import Publishing
from arena.domain.ids import ModelName
from arena.domain.principal import Principal
from arena.domain.vote import Winner
from arena.errors import Conflict, DoesNotFit, NotFound
from arena.services import board_fitting
from arena.services.aliases import Aliases
from arena.services.board_settings import BoardSettings
from arena.services.boards import Boards
from arena.services.publication import Publication
from arena.services.ranking import Ranking
from arena.services.remembered import Remembered
from arena.store import battles, shown_prompts
from arena.store.shown_prompts import AskedPrompt, ShownCampaigns
from arena.store.workspace import Workspace
from leaderboards.reading import outcomes
from leaderboards.showing import prompts
from leaderboards.showing.prompts import Cells, PromptRead, PromptsRead, Reading

KEPT = 16
KEPT_PROMPTS = 200_000
MOST = 20_000
"""Prompts that are looked at, those with the most votes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPrompts:
    """Every prompt of a board with enough votes."""

    asked: tuple[AskedPrompt, ...]
    read: PromptsRead
    """In the same order."""

    @property
    def size(self) -> int:
        return len(self.asked) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPrompt:
    """A prompt with what it does to the board."""

    asked: AskedPrompt
    text: str
    read: PromptRead


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptGroup:
    """Prompts of one reading or category, shown or not."""

    value: str
    prompts: int
    votes: int
    share: float | None
    """Of their votes that the higher model won, each prompt by its votes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptsOfBoard:
    """What the prompts of a board do to it."""

    shown: tuple[ShownPrompt, ...]
    """Those with most votes first."""
    readings: tuple[PromptGroup, ...]
    categories: tuple[PromptGroup, ...]
    hidden: int
    """Prompts that are counted, and not shown to whoever asks."""
    by_chance: float
    head: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A battle that is shown, with its votes that count."""

    record: BattleRecord
    votes: Mapping[Winner, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Battles that stand for others."""

    samples: tuple[Sample, ...]
    publish: str
    """`all` where every battle may be seen; else the most that any campaign publishes, `battles` or `nothing`."""


class BoardPrompts:
    """The prompts and battles behind the boards of a workspace."""

    def __init__(self, workspace: Workspace, boards: Boards, aliases: Aliases, publication: Publication) -> None:
        self._workspace = workspace
        self._boards = boards
        self._aliases = aliases
        self._publication = publication
        self._read: Remembered[ReadPrompts] = Remembered(most=KEPT, size=KEPT_PROMPTS, at_once=1)

    async def find(
        self, principal: Principal, name: str, asked: BoardSettings, least: int, words: str, reading: str | None
    ) -> PromptsOfBoard:
        """The prompts with at least so many votes; shown are those of a reading whose text has some words in it."""
        wanted_reading = None if reading is None else selection_values.choice(Reading)("reading", reading)
        if asked.by is not None:
            raise DoesNotFit("Prompts are told of one board; leave by out.")
        found = await self._boards.find(principal, name, asked)
        if found.board.fit is None:
            raise Conflict(f"Nothing can be said of prompts yet: {found.reason or 'ratings are not fitted again'}")
        kept = await self._read.get(
            (found.asked, least), lambda: (found.head, found.votes), lambda: self._made(found, least)
        )
        texts = await asyncio.to_thread(self._texts, principal, kept)
        shown = [
            ShownPrompt(asked=one, text=texts[one.prompt], read=read)
            for one, read in zip(kept.asked, kept.read.prompts, strict=True)
            if one.prompt in texts
        ]
        wanted = [
            one
            for one in shown
            if words.casefold() in one.text.casefold() and wanted_reading in (None, one.read.reading)
        ]
        of_reading = [one.reading.value for one in kept.read.prompts]
        return PromptsOfBoard(
            shown=tuple(sorted(wanted, key=lambda one: (-one.read.votes, one.asked.prompt))),
            readings=tuple(_grouped(of_reading, kept.read.prompts)),
            categories=tuple(_grouped([one.category for one in kept.asked], kept.read.prompts)),
            hidden=len(kept.asked) - len(shown),
            by_chance=kept.read.by_chance,
            head=found.head,
        )

    async def samples(
        self, principal: Principal, name: str, asked: BoardSettings, model: str | None, limit: int
    ) -> Samples:
        """Some battles of a board that a principal may see, of a model where one is named."""
        if asked.each or asked.by not in (None, *board_fitting.CUT_BY):
            raise DoesNotFit(f"Battles are of one board: by is {' or '.join(board_fitting.CUT_BY)}, with its value.")
        found = await self._boards.find(principal, name, asked)
        known = None if model is None else self._aliases.named(principal, model)
        if model is not None and (known is None or known not in {entry.model for entry in found.board.entries}):
            raise NotFound("There is no such model on this board.")
        return await asyncio.to_thread(self._samples, principal, found, known, limit)

    def _made(self, found: Ranking, least: int) -> ReadPrompts:
        table = self._boards.votes_by_prompt(found)
        table = table.filter(compute.is_valid(table["prompt"]))
        totals: Counter[str] = Counter()
        for prompt, votes in zip(table["prompt"].to_pylist(), table["count"].to_pylist(), strict=True):
            totals[prompt] += votes
        often = [prompt for prompt, votes in totals.most_common(MOST) if votes >= least]
        with self._workspace.scanning() as connection:
            asked = shown_prompts.asked(connection, often)
        numbers = pyarrow.array([one.prompt for one in asked], pyarrow.string())
        table = table.filter(compute.is_in(table["prompt"], value_set=numbers))
        return ReadPrompts(asked=tuple(asked), read=prompts.read(found.board, _cells(table, numbers)))

    def _texts(self, principal: Principal, kept: ReadPrompts) -> Mapping[str, str]:
        campaigns = self._publication.campaigns(principal, Publishing.PROMPTS)
        if campaigns == () or not kept.asked:
            return {}
        with self._workspace.scanning() as connection:
            return shown_prompts.texts(connection, kept.asked, campaigns)

    def _samples(self, principal: Principal, found: Ranking, model: str | None, limit: int) -> Samples:
        campaigns = self._publication.campaigns(principal, Publishing.BATTLES)
        if campaigns == ():
            return Samples(samples=(), publish=Publishing.NOTHING)
        asked = found.asked
        cut = board_fitting.narrowed(asked)
        if asked.as_of is not None:
            cut = replace(cut, until=min(cut.until or asked.as_of, asked.as_of))
        with self._workspace.scanning() as connection:
            chosen = shown_prompts.samples(
                connection,
                cut,
                None if campaigns is None else ShownCampaigns(campaigns, self._publication.still_asking()),
                None if model is None else ModelName(model),
                limit,
            )
            records = battles.records(connection, [one.battle_id for one in chosen])
        return Samples(
            samples=tuple(
                Sample(record=records[one.battle_id], votes=one.votes) for one in chosen if one.battle_id in records
            ),
            publish="all" if campaigns is None else Publishing.BATTLES,
        )


def _cells(table: pyarrow.Table, prompt_ids: pyarrow.Array) -> Cells:
    models = sorted({*table["model_a"].to_pylist(), *table["model_b"].to_pylist()})
    names = pyarrow.array(models, pyarrow.string())
    spellings = pyarrow.array(list(outcomes.SPELLINGS), pyarrow.string())
    coded = compute.index_in(table["winner"], value_set=spellings).to_numpy()
    return Cells(
        prompt=compute.index_in(table["prompt"], value_set=prompt_ids).to_numpy().astype(numpy.int64),
        first=compute.index_in(table["model_a"], value_set=names).to_numpy().astype(numpy.int64),
        second=compute.index_in(table["model_b"], value_set=names).to_numpy().astype(numpy.int64),
        outcome=numpy.array(list(outcomes.SPELLINGS.values()))[coded],
        votes=table["count"].to_numpy().astype(numpy.int64),
        models=tuple(models),
    )


def _grouped(values: list[str], read: tuple[PromptRead, ...]) -> list[PromptGroup]:
    """By value, the one with most votes first."""
    of: dict[str, list[PromptRead]] = {}
    for value, one in zip(values, read, strict=True):
        of.setdefault(value, []).append(one)
    groups = []
    for value, some in of.items():
        rated = [(one.share, one.votes) for one in some if one.share is not None]
        weight = sum(votes for _, votes in rated)
        share = sum(share * votes for share, votes in rated) / weight if weight else None
        groups.append(PromptGroup(value=value, prompts=len(some), votes=sum(one.votes for one in some), share=share))
    return sorted(groups, key=lambda one: (-one.votes, one.value))
