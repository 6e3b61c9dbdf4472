"""What a release is made from, besides its records."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from arena.domain import ledger
from arena.domain.ids import BattleId, ReleaseId, VoteId
from arena.domain.name_key import NameKey
from arena.domain.personal import PersonalKind
from arena.domain.removal import RemovalKind
from arena.domain.selection import Selection
from arena.exports.filters.filters import FilterInputs
from arena.exports.personal.names import Recogniser
from arena.exports.proofs.signing import Signer

Lines = Callable[[Sequence[VoteId]], Mapping[VoteId, ledger.Line]]
"""The line of each of these votes in the ledger."""

Openers = Callable[[Sequence[VoteId]], Mapping[VoteId, ledger.Opener]]
"""What opens the commitment to each of these votes, with its version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedVote:
    """A vote that left: erased, or its consent withdrawn."""

    battle_id: BattleId
    vote_id: VoteId
    removal_id: str | None = None
    """None, like the next two fields, for a vote that was cast after its rater withdrew: no ledger line names it."""
    kind: RemovalKind | None = None
    line: int | None = None
    """The removal's line in the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFacts:
    """Everything a release is made from, besides its records."""

    release_id: ReleaseId
    """Names the hidden folder. It is written to no file, so that a release built again has the same bytes."""
    ledger_head: ledger.Line | None
    """Read in the same transaction as the records."""
    code_version: str
    workspace: str
    name_key: NameKey
    """The key of the pseudonyms of raters; never written."""
    signer: Signer
    """Signs the release."""
    selection: Selection
    """The selection that was asked for."""
    known: FilterInputs = field(default_factory=FilterInputs)
    """What the filters need besides the records; read in the same transaction."""
    lines: Lines | None = None
    """Read in the same transaction as the records. None for records without a ledger: then no vote can be proved."""
    openers: Openers | None = None
    """Of the same reading; None where no vote is to be opened."""
    removed: Sequence[RemovedVote] = ()
    """Votes that left before this release, for the holders of earlier ones; sorted by id."""
    seed: int = 0
    """The seed of the split: the same in every release, so that an item keeps its split."""
    policy: str | None = None
    """Version of the policy by which votes are held for what audits found; None before any audit."""
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
