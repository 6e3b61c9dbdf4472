"""Write a release: a folder that appears whole, or not at all.

Everything is written aside, in a hidden folder next to the target, synced and hashed; one rename makes it visible.
Whatever goes wrong before that, a full disk or a stop in the middle, removes the folder aside and leaves the target
as it was.
"""

import contextlib
import dataclasses
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from arena import exports
from arena.domain import ledger
from arena.domain.battle import BattleRecord
from arena.domain.ids import RaterId, ReleaseId
from arena.errors import InvalidValue, ReleaseFailed
from arena.exports import card, files, pseudonyms, split
from arena.exports.files import FileEntry, TableWriter
from arena.exports.format import Context, Format, LeftOut, Reason, Taken
from arena.exports.manifest import Counts, Head, Manifest, SplitRule
from arena.exports.split import Split

LEFT_OUT = pa.schema([("battle_id", pa.string()), ("vote_id", pa.string()), ("reason", pa.string())])
"""`left_out.parquet`: what has no rows. `vote_id` is null where the whole battle was left out."""
UNFINISHED = ".partial"
"""How the name of the folder aside ends."""
PROGRESS_EVERY = 1000
"""Records between two reports of progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFacts:
    """What a release is made from, beside its records."""

    release_id: ReleaseId
    """Names the folder aside; it enters no file, so that a release built again has the same bytes."""
    selection: Mapping[str, Any]
    """What was asked for, as JSON can spell it."""
    ledger_head: ledger.Line | None
    """Of the same consistent reading as the records."""
    code_version: str
    workspace: str
    rater_secret: bytes
    """Keys the pseudonyms of raters; never written."""
    test_share: float = 0.0
    """Of first prompts, held out for the test split: from 0 to less than 1."""
    seed: int = 0
    """Of the split; the same in every release, so that an item keeps its split."""
    license: str | None = None
    """The hub's name of a licence, such as `cc-by-4.0`."""
    languages: tuple[str, ...] = ()
    """ISO 639 codes, where they are known."""


def write(
    directory: Path,
    format_name: str,
    records: Iterable[BattleRecord],
    facts: ReleaseFacts,
    progress: Callable[[int], None] | None = None,
) -> Manifest:
    """Write `directory`, which must not exist, from records in their stable order.

    `progress` is told how many records were read, now and then; what it raises ends the release. Raises InvalidValue
    for an unknown format, an existing target or a selection without a single row, and ReleaseFailed when the files
    cannot be written.
    """
    form = _format(format_name)
    if not 0 <= facts.test_share < 1:
        raise InvalidValue(f"test_share is {facts.test_share}; it is the held-out share, from 0 to less than 1.")
    if os.path.lexists(directory):
        raise InvalidValue(f"{directory} already exists; name a new folder for the release, or move that one away.")
    aside = directory.with_name(f".{directory.name}.{facts.release_id}{UNFINISHED}")
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        aside.mkdir()
    except OSError as error:
        raise _failed(directory, error) from error
    made = aside
    try:
        manifest = _fill(aside, form, records, facts, progress)
        aside.rename(directory)
        made = directory
        files.sync_folder(directory.parent)
    except BaseException as error:
        shutil.rmtree(made, ignore_errors=True)
        if isinstance(error, OSError):
            raise _failed(directory, error) from error
        raise
    return manifest


def remove_unfinished(folder: Path) -> tuple[Path, ...]:
    """Remove what a killed process left aside in a folder of releases that nobody else is writing to."""
    left = tuple(sorted(folder.glob(f".*{UNFINISHED}")))
    for path in left:
        shutil.rmtree(path)
    return left


def _format(name: str) -> Format:
    form = exports.FORMATS.get(name)
    if form is None:
        raise InvalidValue(f"format is {name!r}; accepted: {', '.join(sorted(exports.FORMATS))}.")
    return form


def _failed(directory: Path, error: OSError) -> ReleaseFailed:
    cause = error.strerror or str(error)
    return ReleaseFailed(
        f"{directory} could not be written ({cause}), and nothing of it was kept; see to the disk and export again."
    )


def _fill(
    folder: Path,
    form: Format,
    records: Iterable[BattleRecord],
    facts: ReleaseFacts,
    progress: Callable[[int], None] | None,
) -> Manifest:
    """Write every file of the release into an empty folder."""
    data = folder / "data"
    data.mkdir()
    with contextlib.ExitStack() as stack:
        writing = _Writing(
            form=form,
            facts=facts,
            splits={part: stack.enter_context(TableWriter(data, part.value, form.schema)) for part in Split},
            left_out=stack.enter_context(TableWriter(folder, "left_out", LEFT_OUT, json_lines=False)),
        )
        for number, record in enumerate(records, start=1):
            writing.add(record)
            if progress is not None and number % PROGRESS_EVERY == 0:
                progress(number)
        if progress is not None:
            progress(writing.battles)
        writing.refuse_nothing()
    manifest = writing.manifest()
    wanted = [files.write_text(folder, name, text) for name, text in form.files(manifest.counts.rows).items()]
    manifest = dataclasses.replace(manifest, files=_by_path([*manifest.files, *wanted]))
    readme = files.write_text(folder, "README.md", card.text(manifest, form))
    manifest = dataclasses.replace(manifest, files=_by_path([*manifest.files, readme]))
    files.write_text(folder, "manifest.json", manifest.to_json())
    files.sync_folder(data)
    files.sync_folder(folder)
    return manifest


def _by_path(entries: Iterable[FileEntry]) -> tuple[FileEntry, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.path))


class _Writing:
    """A release in the making: its open files and what was counted so far."""

    def __init__(
        self, *, form: Format, facts: ReleaseFacts, splits: Mapping[Split, TableWriter], left_out: TableWriter
    ) -> None:
        self._form = form
        self._facts = facts
        self._splits = splits
        self._left_out = left_out
        self._context = Context(
            pseudonym=pseudonyms.keyed(facts.rater_secret, facts.workspace, facts.selection, facts.ledger_head)
        )
        self.battles = 0
        self._votes = 0
        self._taken = 0
        self._reasons: Counter[Reason] = Counter()
        self._models: set[str] = set()
        self._raters: set[RaterId] = set()

    def add(self, record: BattleRecord) -> None:
        """Write what the format makes of one record."""
        self.battles += 1
        self._votes += len(record.votes)
        part = split.of(record.battle, test_share=self._facts.test_share, seed=self._facts.seed)
        for outcome in self._form.convert(record, self._context):
            if isinstance(outcome, LeftOut):
                self._leave_out(record, outcome)
            else:
                self._take(record, outcome, self._splits[part])

    def refuse_nothing(self) -> None:
        """Raise when there is no row at all: no trainer can use that."""
        if self._taken:
            return
        found = ", ".join(f"{reason.value} {count}" for reason, count in sorted(self._reasons.items()))
        raise InvalidValue(
            f"Nothing to export as {self._form.name}: {self.battles} battles are selected and none makes a row"
            f"{f' (left out: {found})' if found else ''}. Collect votes first, or select more."
        )

    def manifest(self) -> Manifest:
        """The manifest so far, without the files that are still to be written."""
        facts = self._facts
        head = facts.ledger_head
        tables = [
            dataclasses.replace(entry, path=f"data/{entry.path}")
            for table in self._splits.values()
            for entry in table.entries()
        ]
        return Manifest(
            format=self._form.name,
            workspace=facts.workspace,
            selection=dict(facts.selection),
            split=SplitRule(seed=facts.seed, test_share=facts.test_share),
            ledger_head=None if head is None else Head(sequence=head.sequence, hash=head.hash),
            code_version=facts.code_version,
            license=facts.license,
            languages=facts.languages,
            counts=Counts(
                battles=self.battles,
                votes=self._votes,
                unit=self._form.unit,
                units=self._taken + self._reasons.total(),
                taken=self._taken,
                left_out={reason.value: count for reason, count in sorted(self._reasons.items())},
                rows={part.value: table.rows for part, table in self._splits.items()},
            ),
            models=tuple(sorted(self._models)),
            raters=len(self._raters),
            command=self._form.command,
            files=_by_path([*tables, *self._left_out.entries()]),
        )

    def _take(self, record: BattleRecord, taken: Taken, table: TableWriter) -> None:
        try:
            lines = [files.json_line(row) for row in taken.rows]
        except files.NotUnicodeError:
            self._leave_out(record, LeftOut(reason=Reason.NOT_UNICODE, vote_id=taken.vote_id))
            return
        for row, line in zip(taken.rows, lines, strict=True):
            table.add(row, line)
        self._taken += 1
        self._models.update((record.battle.model_a, record.battle.model_b))
        self._raters.update(vote.rater_id for vote in record.votes)

    def _leave_out(self, record: BattleRecord, left_out: LeftOut) -> None:
        row = {"battle_id": record.battle.battle_id, "vote_id": left_out.vote_id, "reason": left_out.reason.value}
        self._left_out.add(row, files.json_line(row))
        self._reasons[left_out.reason] += 1
