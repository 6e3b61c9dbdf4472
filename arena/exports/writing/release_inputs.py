"""What a release is made from, beside its records."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from arena.domain import ledger
from arena.domain.ids import BattleId, ReleaseId, VoteId
from arena.domain.personal import PersonalKind
from arena.domain.removal import RemovalKind
from arena.domain.selection import Selection
from arena.exports.filters.filters import FilterInputs
from arena.exports.personal.names import Recogniser
from arena.exports.proofs.signing import Signer

Lines = Callable[[Sequence[VoteId]], Mapping[VoteId, ledger.Line]]
"""The line of each of these votes in the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedVote:
    """A vote that left: erased, or its consent withdrawn."""

    battle_id: BattleId
    vote_id: VoteId
    removal_id: str | None = None
    """None, as what follows, for a vote that somebody cast after withdrawing: no line of the ledger names it."""
    kind: RemovalKind | None = None
    line: int | None = None
    """Of the removal in the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFacts:
    """Everything that is not a record."""

    release_id: ReleaseId
    """Names the folder aside; it enters no file, so that a release built again has the same bytes."""
    ledger_head: ledger.Line | None
    """Of the same consistent reading as the records."""
    code_version: str
    workspace: str
    rater_secret: bytes
    """Keys the pseudonyms of raters; never written."""
    signer: Signer
    """Signs the release."""
    selection: Selection
    """What was asked for."""
    known: FilterInputs = field(default_factory=FilterInputs)
    """What the selection asks beside the records; of the same reading."""
    lines: Lines | None = None
    """Of the same reading as the records; None for records from outside a ledger: then no vote can be proved."""
    removed: Sequence[RemovedVote] = ()
    """Votes that left before this release, for the holders of earlier ones; sorted by id."""
    seed: int = 0
    """Of the split; the same in every release, so that an item keeps its split."""
    license: str | None = None
    """The hub's name of a licence, such as `cc-by-4.0`."""
    languages: tuple[str, ...] = ()
    """ISO 639 codes, where they are known."""
    names: Recogniser | None = None
    """Finds the names of people, where the selection asks to mask them."""

    @property
    def mask(self) -> tuple[PersonalKind, ...]:
        """Kinds of personal data that are masked in the rows."""
        return tuple(kind for kind in PersonalKind if kind in self.selection.mask)
