"""A ranking: the board of a workspace after some votes, or why there is none, and each form of its document."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import leaderboards
from arena.domain.ids import ModelName
from arena.domain.standing import HeldFor
from arena.domain.vote import Counting
from arena.services import board_command
from arena.services.board_settings import PLAIN, BoardSettings
from leaderboards.showing import documents

TOLD = (HeldFor.FINDING, HeldFor.PROBATION, HeldFor.SUSPENDED, HeldFor.LEAK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The boards of a workspace after some votes."""

    board: leaderboards.Board
    """The common board; without a common scale every rating in it is null."""
    boards: tuple[leaderboards.Board, ...]
    """The boards that were fitted: the common one, or one for each group of models that shares no vote with the others,
    or none yet."""
    reason: str | None
    """Why there is no common board; None when there is one."""
    void_rates: Mapping[ModelName, float]
    """Share of each model's battles that are void because it did not answer."""
    head: str | None
    """Hash of the ledger line the counts go up to."""
    asked: BoardSettings = PLAIN
    why: Mapping[HeldFor, int]
    """Votes that are kept and held, by reason: fitted only where all are."""
    policy: str | None = None
    """Version of the policy by which votes are held for findings; None before any audit."""
    workspace: str | None = None
    """None: votes that no command ranks, such as those of one rater."""
    _texts: dict[str, str] = dataclasses.field(default_factory=dict, repr=False, compare=False)
    """Each form of the document once it was written, because it is asked for again and again."""

    @property
    def votes(self) -> int:
        """Votes that were fitted."""
        return self.board.votes

    @property
    def counting(self) -> Counting:
        """Which votes were fitted."""
        return self.asked.counting

    @property
    def held(self) -> int:
        """Votes that are held."""
        return sum(self.why.values())

    @property
    def size(self) -> int:
        """About how many numbers it keeps."""
        return sum(4 * len(board) ** 2 for board in (self.board, *self.boards)) + 1

    def document(self) -> dict[str, Any]:
        """The `leaderboard/1` document, with the reason, the void rates, and how to get the same numbers."""
        return {
            **self.board.to_dict(),
            "reason": self.reason,
            "void_rates": dict(self.void_rates),
            "ledger_head": self.head,
            "counting": {
                "votes": self.counting.value,
                "counted": self.votes if self.counting is Counting.COUNTED else self.votes - self.held,
                "held": self.held,
                "why": {reason.value: self.why.get(reason, 0) for reason in TOLD},
                "policy": self.policy,
            },
            "as_of": as_of(self.asked),
            "settings": board_command.settings(self.asked),
            "command": self.command,
        }

    @property
    def command(self) -> str | None:
        """The line of a shell that gives the same numbers."""
        return None if self.workspace is None else board_command.line(self.asked, self.workspace, self.head)

    def to_json(self) -> str:
        """The document as JSON text."""
        text = self._texts.get("json")
        if text is None:
            text = self._texts["json"] = written(self.document())
        return text

    def to_csv(self) -> str:
        """One line a model."""
        return self.board.to_csv()

    def to_markdown(self) -> str:
        """A Markdown table, below the reason when there is no common board."""
        reason = f"{documents.escaped(self.reason)}\n\n" if self.reason else ""
        return reason + self.board.to_markdown()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rankings:
    """The rankings by a column, a window of time or island; as text, for that many boards are too much to keep."""

    values: Mapping[str, int]
    """How many votes each value has, in the order of the values."""
    json: str
    csv: str
    markdown: str

    @property
    def size(self) -> int:
        """About how many numbers take as much memory."""
        return (len(self.json) + len(self.csv) + len(self.markdown)) // 8 + 1

    def to_json(self) -> str:
        """A `leaderboard/1` document for each value."""
        return self.json

    def to_csv(self) -> str:
        """One line a value and model."""
        return self.csv

    def to_markdown(self) -> str:
        """A heading and a table a value."""
        return self.markdown


def together(
    by: str, rankings: Mapping[str, Ranking], asked: BoardSettings, head: str | None, workspace: str
) -> Rankings:
    """One document of the rankings by value."""
    boards = leaderboards.Boards(
        by=by,
        boards={value: ranking.board for value, ranking in rankings.items() if ranking.reason is None},
        refused={value: ranking.reason for value, ranking in rankings.items() if ranking.reason is not None},
    )
    document = {
        "schema": "leaderboards/1",
        "by": by,
        "boards": [
            {"value": value, "reason": ranking.reason, "board": ranking.document()}
            for value, ranking in rankings.items()
        ],
        "ledger_head": head,
        "as_of": as_of(asked),
        "settings": board_command.settings(asked),
        "command": board_command.line(asked, workspace, head),
    }
    return Rankings(
        values={value: ranking.votes for value, ranking in rankings.items()},
        json=written(document),
        csv=boards.to_csv(),
        markdown=boards.to_markdown(),
    )


def as_of(asked: BoardSettings) -> str | None:
    """The moment of the batch that a board stands for; None where it is as it is now."""
    return None if asked.as_of is None else asked.as_of.isoformat()


def written(document: dict[str, Any]) -> str:
    """A document as text."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
