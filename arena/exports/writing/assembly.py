"""A release while it is written: its open tables, and the counts so far."""

import contextlib
import dataclasses
import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

from arena.domain import consent, ledger, wording
from arena.domain.battle import BattleRecord
from arena.domain.ids import BattleId, RaterId, VoteId
from arena.domain.personal import PersonalKind
from arena.domain.selection import Duplicates, Several
from arena.errors import InvalidValue
from arena.exports import personal, split
from arena.exports.filters import filters, sifting
from arena.exports.filters.doubles import Doubles
from arena.exports.filters.language_sample import LanguageSample
from arena.exports.filters.sifting import Sieve
from arena.exports.folder import credit, files, id_tables
from arena.exports.folder.manifest import LedgerHead, Manifest, Proofs, ReleaseCounts, ReleaseOrigin, SplitRule
from arena.exports.folder.row_order import Placing, RowPlace, UnitRows
from arena.exports.folder.tables import Lanes, TableWriter
from arena.exports.format import Context, Format, LeftOut, Reason, Taken
from arena.exports.personal import names as recognisers
from arena.exports.proofs import merkle, openings
from arena.exports.rows.carried import LeftBehind
from arena.exports.split import Split
from arena.exports.writing import pseudonyms
from arena.exports.writing.openings_file import OpeningsFile
from arena.exports.writing.release_inputs import ReleaseFacts

NOTHING: Counter[PersonalKind] = Counter()
"""What is found where nothing is searched for."""


class Assembly:
    """Turns records into rows and counts everything that is left out. Made by `opened`."""

    def __init__(
        self,
        form: Format,
        facts: ReleaseFacts,
        splits: Mapping[Split, TableWriter],
        tables: Mapping[str, TableWriter],
        openings_file: OpeningsFile,
    ) -> None:
        self._form = form
        self._facts = facts
        self._splits = splits
        self._placing = {
            part: Placing(table, form.apart, functools.partial(self._placed, part.value))
            for part, table in splits.items()
        }
        self._tables = tables
        self._items = tables[id_tables.ITEMS]
        self._openings = openings_file
        self._originals: dict[BattleId, BattleRecord] = {}
        """The battles of this page, as they were voted on."""
        self._openers: Mapping[VoteId, ledger.Opener] = {}
        self._sieve = Sieve(facts.selection, facts.known, facts.seed)
        asked = facts.selection.to_mapping()
        name = pseudonyms.keyed(facts.rater_secret, facts.workspace, asked, facts.ledger_head)
        self._context = Context(pseudonym=name)
        self._mask = facts.mask
        self._reasons: Counter[Reason] = Counter()
        self._found: Counter[PersonalKind] = Counter()
        self._models: set[str] = set()
        self._weights: Counter[RaterId] = Counter()
        self._doubles = Doubles(first_only=facts.selection.duplicates is Duplicates.FIRST)
        self._left_behind = LeftBehind(form.carries)
        self._languages = LanguageSample()
        self._tree = merkle.Tree()
        self._private = 0
        self._own = False
        self._imported = False
        self._battles = 0
        self._votes = 0
        self._taken = 0
        for removed in facts.removed:
            tables[id_tables.REMOVED].add(files.json_line(dataclasses.asdict(removed)))

    @classmethod
    @contextlib.contextmanager
    def opened(cls, folder: Path, form: Format, facts: ReleaseFacts) -> Iterator[Self]:
        """Open every table of the release. They are durable when the block ends without an error."""
        with contextlib.ExitStack() as stack:
            lanes = stack.enter_context(Lanes())
            data = {
                part: stack.enter_context(
                    TableWriter(folder / "data", part.value, form.schema, lanes, lines=True, spare=True)
                )
                for part in Split
            }
            tables = {
                name: stack.enter_context(TableWriter(folder, name, schema, lanes, lines=True))
                for name, schema in id_tables.SCHEMAS.items()
            }
            yield cls(form, facts, data, tables, stack.enter_context(OpeningsFile.opened(folder)))

    def add(self, records: Sequence[BattleRecord]) -> None:
        """Apply the selection to some records, and write the rows that the format makes of the rest."""
        selection, seed = self._facts.selection, self._facts.seed
        selected = []
        for record in records:
            sifted = self._sieve.sift(record)
            for vote_id, reason in sifted.left:
                self._note_left_out(record, vote_id, reason)
            if sifted.record is not None:
                part = split.split_of(
                    record.battle, test_share=selection.test_share, seed=seed, position=sifted.position
                )
                selected.append((sifted.record, part))
        self._originals = {record.battle.battle_id: record for record in records}
        if self._facts.openers is not None:
            self._openers = self._facts.openers([vote.vote_id for record, _ in selected for vote in record.votes])
        lines: Mapping[VoteId, ledger.Line] = {}
        if self._facts.lines is not None:
            lines = self._facts.lines([vote.vote_id for record, _ in selected for vote in record.votes])
        for record, part in selected:
            self._battles += 1
            self._votes += len(record.votes)
            shown, found = self._masked(record)
            taken = self._taken
            for judged in sifting.judged(shown, selection.several):
                self._convert(judged, part, lines)
            if self._taken > taken:
                self._found.update(found)
                self._languages.add(record)

    @property
    def battles(self) -> int:
        """How many battles were read so far, selected or not."""
        return self._sieve.battles

    def finish(self) -> None:
        """Write the rows that are still held. Raises when there is no row at all, which no trainer can use."""
        for placing in self._placing.values():
            placing.finish()
        if self._taken:
            return
        reasons = self._sieve.left_battles + self._reasons
        found = ", ".join(f"{reason.value} {count}" for reason, count in sorted(reasons.items()))
        battles = f"{wording.counted(self._battles, 'battle')} {'is' if self._battles == 1 else 'are'}"
        raise InvalidValue(
            f"Nothing to export as {self._form.name}: {battles} selected and none makes a row"
            f"{f' (left out: {found})' if found else ''}. Collect votes first, or select more."
        )

    def manifest(self) -> Manifest:
        """The manifest so far, without the files that are still to be written."""
        facts = self._facts
        head = facts.ledger_head
        data = [
            dataclasses.replace(entry, path=f"data/{entry.path}")
            for table in self._splits.values()
            for entry in table.entries()
        ]
        ids = [entry for table in self._tables.values() for entry in table.entries()] + self._openings.entries()
        languages, looked_at = facts.languages, 0
        if not languages:
            found, looked_at = self._languages.found(facts.known.language)
            languages = tuple(found)
        return Manifest(
            format=self._form.name,
            workspace=facts.workspace,
            selection=facts.selection.to_mapping(),
            split=SplitRule.of(facts.selection, facts.seed),
            ledger_head=None if head is None else LedgerHead(sequence=head.sequence, hash=head.hash),
            code_version=facts.code_version,
            license=facts.license,
            languages=languages,
            languages_found_in=looked_at if languages else 0,
            counts=ReleaseCounts(
                counted={"battles": self._sieve.battles, "votes": self._sieve.votes},
                not_selected={"battles": _named(self._sieve.left_battles), "votes": _named(self._sieve.left_votes)},
                battles=self._battles,
                votes=self._votes,
                unit=sifting.unit(self._form, facts.selection.several),
                units=self._taken + self._reasons.total(),
                taken=self._taken,
                left_out=_named(self._reasons),
                rows={part.value: table.rows for part, table in self._splits.items()},
                double_rows=self._doubles.count,
            ),
            not_carried=self._left_behind.counts(),
            models=tuple(sorted(self._models)),
            raters=len(self._weights),
            proofs=None if facts.lines is None else Proofs(leaves=self._tree.leaves, root=self._tree.root()),
            opened=self._openings.counts,
            removed=len({removed.vote_id for removed in facts.removed}),
            private=self._private,
            consent=(consent.VERSION,) if self._own else (),
            origin=self._origin(),
            masked=self._masking(),
            credit=credit.credit_of(
                {self._context.pseudonym(rater): weight for rater, weight in self._weights.items()}
            ),
            command=self._form.command,
            files=(*data, *ids),
        )

    def _masked(self, record: BattleRecord) -> tuple[BattleRecord, Counter[PersonalKind]]:
        """A record with its personal data masked. Its split was decided before (docs/decisions/0009)."""
        if not self._mask:
            return record, NOTHING
        return personal.masked_record(record, self._mask, self._facts.names)

    def _origin(self) -> ReleaseOrigin:
        if self._own and self._imported:
            return ReleaseOrigin.MIXED
        return ReleaseOrigin.IMPORTED if self._imported else ReleaseOrigin.ARENA

    def _masking(self) -> personal.Masked | None:
        if not self._facts.mask:
            return None
        names = self._facts.names if PersonalKind.NAME in self._facts.mask else None
        return personal.Masked(
            kinds=self._facts.mask,
            found={kind: self._found[kind] for kind in self._facts.mask},
            names=None if names is None else recognisers.path(names),
        )

    def _convert(self, record: BattleRecord, part: Split, lines: Mapping[VoteId, ledger.Line]) -> None:
        for outcome in self._form.convert(record, self._context):
            if isinstance(outcome, Taken):
                self._take(record, outcome, part, lines)
            elif self._facts.selection.several is Several.EACH:
                self._leave_out(record, dataclasses.replace(outcome, vote_id=record.votes[0].vote_id))
            else:
                self._leave_out(record, outcome)

    def _take(self, record: BattleRecord, taken: Taken, part: Split, lines: Mapping[VoteId, ledger.Line]) -> None:
        try:
            written = [files.json_line(row) for row in taken.rows]
        except files.NotUnicodeError:
            self._leave_out(record, LeftOut(reason=Reason.NOT_UNICODE, vote_id=taken.vote_id))
            return
        if not self._doubles.new(written):
            self._leave_out(record, LeftOut(reason=Reason.DOUBLE_ROW, vote_id=taken.vote_id))
            return
        votes = [vote for vote in record.votes if taken.vote_id in (None, vote.vote_id)]
        behind = [(vote, None if self._facts.lines is None else lines[vote.vote_id]) for vote in votes]
        self._taken += 1
        self._left_behind.add(record, votes)
        self._models.update((record.battle.model_a, record.battle.model_b))
        if self._facts.known.private:
            published = filters.published(record, self._facts.known.private)
            self._private += sum(vote not in published for vote in votes)
        self._own = self._own or record.origin is None
        self._imported = self._imported or record.origin is not None
        original, opened = self._originals[record.battle.battle_id], {}
        if self._facts.openers is not None:
            opened = openings.of_unit(self._form.carries, original, votes, taken.rows, self._openers)
        self._placing[part].add(UnitRows(lines=written, votes=behind, openings=opened))

    def _placed(self, part: str, unit: UnitRows, place: RowPlace) -> None:
        """Note votes that are in the release: in the table of items, for their raters, and as leaves of the tree."""
        for vote, line in unit.votes:
            item = {
                "split": part,
                "row": place.row,
                "rows": len(unit.lines),
                "step": place.step,
                "battle_id": vote.battle_id,
                "vote_id": vote.vote_id,
                "line": None if line is None else line.sequence,
                "commitment": None if line is None else line.commitment,
            }
            self._items.add(files.json_line(item))
            if vote.vote_id in unit.openings:
                self._openings.add(self._tree.leaves, unit.openings[vote.vote_id])
            self._weights[vote.rater_id] += 1
            if line is not None:
                self._tree.add(line.commitment)

    def _leave_out(self, record: BattleRecord, left_out: LeftOut) -> None:
        self._note_left_out(record, left_out.vote_id, left_out.reason)
        self._reasons[left_out.reason] += 1

    def _note_left_out(self, record: BattleRecord, vote_id: VoteId | None, reason: Reason) -> None:
        row = {"battle_id": record.battle.battle_id, "vote_id": vote_id, "reason": reason}
        self._tables[id_tables.LEFT_OUT].add(files.json_line(row))


def _named(counts: Counter[Reason]) -> dict[str, int]:
    return {reason.value: count for reason, count in sorted(counts.items())}
