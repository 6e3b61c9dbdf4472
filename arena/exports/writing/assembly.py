"""A release while it is written: its open tables, and the counts so far."""

import contextlib
import dataclasses
import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

from arena.domain import consent, ledger, wording
from arena.domain.battle import BattleRecord
from arena.domain.ids import BattleId, VoteId
from arena.domain.personal import PersonalKind
from arena.domain.plain_battles import PlainBattle, PlainBattles
from arena.domain.selection import Duplicates, Several
from arena.domain.vote import Vote
from arena.errors import InvalidValue
from arena.exports import personal, split
from arena.exports.filters import filters, sifting
from arena.exports.filters.doubles import Doubles
from arena.exports.filters.language_sample import LanguageSample
from arena.exports.filters.sifting import Sieve
from arena.exports.folder import credit, files, id_tables
from arena.exports.folder.manifest import LedgerHead, Manifest, Proofs, ReleaseCounts, ReleaseOrigin, SplitRule
from arena.exports.folder.opening import Opening
from arena.exports.folder.row_order import Placing, UnitRows, VoteBehind
from arena.exports.folder.tables import Lanes, TableWriter
from arena.exports.format import Context, Format, LeftOut, Reason, Taken
from arena.exports.personal import names as recognisers
from arena.exports.proofs import openings
from arena.exports.rows.carried import LeftBehind
from arena.exports.split import Split
from arena.exports.writing import plain_units, pseudonyms
from arena.exports.writing.openings_file import OpeningsFile
from arena.exports.writing.release_inputs import ReleaseFacts
from arena.exports.writing.row_templates import FilledRows, RowTemplate, RowTemplates
from arena.exports.writing.votes_behind import VotesBehind

NOTHING: Counter[PersonalKind] = Counter()
"""What is found where nothing is searched for."""

CommittedLine = ledger.Line | PlainBattle
"""Says `sequence` and `commitment` of a line of the ledger."""


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
        self._behind = VotesBehind(tables[id_tables.ITEMS], openings_file)
        self._placing = {
            part: Placing(table, form.apart, functools.partial(self._behind.placed, part.value))
            for part, table in splits.items()
        }
        self._tables = tables
        self._openings = openings_file
        self._originals: dict[BattleId, BattleRecord] = {}
        """The battles of this page, as they were voted on."""
        self._openers: Mapping[VoteId, ledger.Opener] = {}
        self._sieve = Sieve(facts.selection, facts.known, facts.seed)
        asked = facts.selection.to_mapping()
        name = pseudonyms.keyed(facts.name_key, asked, facts.ledger_head)
        self._context = Context(pseudonym=name)
        self._templates = RowTemplates(form, self._context)
        self._mask = facts.mask
        self._reasons: Counter[Reason] = Counter()
        self._found: Counter[PersonalKind] = Counter()
        self._models: set[str] = set()
        self._doubles = Doubles(first_only=facts.selection.duplicates is Duplicates.FIRST)
        self._left_behind = LeftBehind(form.carries)
        self._languages = LanguageSample()
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
        sifted = [(record, self._sieve.sift(record)) for record in records]
        self._originals = {record.battle.battle_id: record for record in records}
        votes = [vote.vote_id for _, one in sifted if one.record is not None for vote in one.record.votes]
        if self._facts.openers is not None:
            self._openers = self._facts.openers(votes)
        lines: Mapping[VoteId, CommittedLine] = {}
        if self._facts.lines is not None:
            lines = self._facts.lines(votes)
        for record, one in sifted:
            for vote_id, reason in one.left:
                self._note_left_out(record.battle.battle_id, vote_id, reason)
            if one.record is not None:
                part = split.split_of(record.battle, test_share=selection.test_share, seed=seed, position=one.position)
                self._add(one.record, part, lines)

    def add_plain(self, battles: PlainBattles) -> None:
        """The same of battles that come as columns, of a release that takes them so (`plain.suffice`)."""
        of_group = {
            group: self._of_group(battles.firsts[group], count) for group, count in Counter(battles.groups).items()
        }
        start = 0
        for converted, run in itertools.groupby(battles.groups, key=lambda group: of_group[group] is None):
            end = start + sum(1 for _ in run)
            if converted:
                self._add_each(battles.cut(start, end))
            else:
                self._fill(battles.cut(start, end), of_group)
            start = end

    def _add_each(self, battles: PlainBattles) -> None:
        """Write the rows of plain battles that each have to be converted."""
        for battle in battles:
            record = battle.record(battles.firsts[battle.group])
            self._originals = {battle.battle_id: record}
            self._openers = {battle.vote_id: battle.opener}
            self._add(record, self._part(battle.prompt), {battle.vote_id: battle})

    def _of_group(self, first: BattleRecord, count: int) -> RowTemplate | LeftOut | Reason | None:
        """What becomes of a group of so many plain battles, which is counted here: rows to fill in, none as the format
        or a filter says, or None: each has to be converted."""
        sifted = self._sieve.sift(first, count)
        if sifted.record is None:
            ((_, reason),) = sifted.left
            return reason
        found = self._templates.of_group(first)
        if found is not None:
            self._battles += count
            self._votes += count
        if isinstance(found, RowTemplate):
            self._taken += count
            self._left_behind.add(first, first.votes, count)
            self._own = True
        return found

    def _fill(self, battles: PlainBattles, of_group: Mapping[BattleId, RowTemplate | LeftOut | Reason | None]) -> None:
        """Write the rows of plain battles that have a template, and note the others as left out."""
        found = [of_group[group] for group in battles.groups]
        templates = [one for one in found if isinstance(one, RowTemplate)]
        if len(templates) < len(found):
            for battle_id, vote_id, one in zip(battles.battle_ids, battles.column("vote_id"), found, strict=True):
                if isinstance(one, LeftOut):
                    self._leave_out(battle_id, one)
                elif isinstance(one, Reason):
                    self._note_left_out(battle_id, vote_id, one)
            battles = battles.among([isinstance(one, RowTemplate) for one in found])
        units = plain_units.filled(battles, templates, opened=self._facts.openers is not None)
        self._doubles.wrote(line for unit in units for line in unit.lines)
        self._models.update(battles.column("model_a"), battles.column("model_b"))
        self._languages.add(len(units), lambda place: battles.at(place).record(battles.firsts[battles.groups[place]]))
        if self._facts.selection.test_share <= 0:
            for unit in units:
                self._placing[Split.TRAIN].add(unit)
            return
        for prompt, unit in zip(battles.column("prompt"), units, strict=True):
            self._placing[self._part(prompt)].add(unit)

    def _part(self, prompt: str) -> Split:
        return split.at(split.place_of(split.plain(prompt), self._facts.seed), self._facts.selection.test_share)

    def _add(self, record: BattleRecord, part: Split, lines: Mapping[VoteId, CommittedLine]) -> None:
        """Write the rows of a battle that is selected."""
        self._battles += 1
        self._votes += len(record.votes)
        shown, found = self._masked(record)
        taken = self._taken
        for judged in sifting.judged(shown, self._facts.selection.several):
            self._convert(judged, part, lines)
        if self._taken > taken:
            if found:
                self._found.update(found)
            self._languages.add(1, lambda _: record)

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
        head, tree = facts.ledger_head, self._behind.tree
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
            raters=len(self._behind.weights),
            proofs=None if facts.lines is None else Proofs(leaves=tree.leaves, root=tree.root()),
            opened=self._openings.counts,
            removed=len({removed.vote_id for removed in facts.removed}),
            private=self._private,
            consent=(consent.VERSION,) if self._own else (),
            origin=self._origin(),
            masked=self._masking(),
            credit=credit.credit_of(
                {self._context.pseudonym(rater): weight for rater, weight in self._behind.weights.items()}
            ),
            policy=facts.policy,
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

    def _convert(self, record: BattleRecord, part: Split, lines: Mapping[VoteId, CommittedLine]) -> None:
        if record is self._originals[record.battle.battle_id]:
            filled = self._templates.filled(record)
            if filled is not None:
                self._enter(record, record.votes, filled.lines, functools.partial(self._opened, filled), part, lines)
                return
        for outcome in self._form.convert(record, self._context):
            if isinstance(outcome, Taken):
                self._take(record, outcome, part, lines)
            elif self._facts.selection.several is Several.EACH:
                self._leave_out(record.battle.battle_id, dataclasses.replace(outcome, vote_id=record.votes[0].vote_id))
            else:
                self._leave_out(record.battle.battle_id, outcome)

    def _take(self, record: BattleRecord, taken: Taken, part: Split, lines: Mapping[VoteId, CommittedLine]) -> None:
        try:
            written = [files.json_line(row) for row in taken.rows]
        except files.NotUnicodeError:
            self._leave_out(record.battle.battle_id, LeftOut(reason=Reason.NOT_UNICODE, vote_id=taken.vote_id))
            return
        votes = [vote for vote in record.votes if taken.vote_id in (None, vote.vote_id)]
        self._enter(record, votes, written, functools.partial(self._read_back, taken), part, lines, taken.vote_id)

    def _enter(
        self,
        record: BattleRecord,
        votes: Sequence[Vote],
        written: Sequence[bytes],
        opened: Callable[[BattleRecord, Sequence[Vote]], dict[VoteId, Opening]],
        part: Split,
        lines: Mapping[VoteId, CommittedLine],
        vote_id: VoteId | None = None,
    ) -> None:
        """Write rows, and count what is behind them. `vote_id` is the vote, where the unit is one."""
        if not self._doubles.new(written):
            self._leave_out(record.battle.battle_id, LeftOut(reason=Reason.DOUBLE_ROW, vote_id=vote_id))
            return
        self._taken += 1
        self._left_behind.add(record, votes)
        self._models.update((record.battle.model_a, record.battle.model_b))
        if self._facts.known.private:
            published = filters.published(record, self._facts.known.private)
            self._private += sum(vote not in published for vote in votes)
        self._own = self._own or record.origin is None
        self._imported = self._imported or record.origin is not None
        told = {} if self._facts.openers is None else opened(record, votes)
        behind = []
        for vote in votes:
            line = None if self._facts.lines is None else lines[vote.vote_id]
            sequence, commitment = (None, None) if line is None else (line.sequence, line.commitment)
            opening = told.get(vote.vote_id)
            behind.append(VoteBehind(vote.vote_id, vote.battle_id, vote.rater_id, sequence, commitment, opening))
        self._placing[part].add(UnitRows(written, behind))

    def _opened(self, filled: FilledRows, record: BattleRecord, votes: Sequence[Vote]) -> dict[VoteId, Opening]:
        """What is opened of the vote on a battle whose rows were filled in."""
        (vote,) = votes
        opener = self._openers.get(vote.vote_id)
        if not openings.opens(opener):
            return {}
        return {vote.vote_id: openings.of_vote(filled.told, record, vote, opener)}

    def _read_back(self, taken: Taken, record: BattleRecord, votes: Sequence[Vote]) -> dict[VoteId, Opening]:
        """What is opened of the votes behind rows that a format made."""
        original = self._originals[record.battle.battle_id]
        return openings.of_unit(self._form.carries, original, votes, taken.rows, self._openers)

    def _leave_out(self, battle_id: BattleId, left_out: LeftOut) -> None:
        self._note_left_out(battle_id, left_out.vote_id, left_out.reason)
        self._reasons[left_out.reason] += 1

    def _note_left_out(self, battle_id: BattleId, vote_id: VoteId | None, reason: Reason) -> None:
        row = {"battle_id": battle_id, "vote_id": vote_id, "reason": reason}
        self._tables[id_tables.LEFT_OUT].add(files.json_line(row))


def _named(counts: Counter[Reason]) -> dict[str, int]:
    return {reason.value: count for reason, count in sorted(counts.items())}
