"""The ledger as a file: one line of JSON for each of its lines, and a signed head at the end.

The file holds no text, no rater and no outcome, but commitments, ids of votes, and the chain over them. Whoever keeps a
copy can prove later that nothing was changed, dropped, moved or inserted; the signed head shows that nothing was cut
off. Each line has only one valid spelling, so any changed byte is found.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from arena.domain import ledger, removal
from arena.domain.removal import RemovalKind
from arena.errors import InvalidValue
from arena.exports.folder import id_tables, manifest
from arena.exports.proofs import signing, statements, verification
from arena.exports.proofs.signing import Signer
from arena.exports.proofs.verification import Checked

LINE_BYTES = 10_000
"""No line is longer."""
NAMED_PROBLEMS = 20
"""How many problems are reported one by one: more are not needed to know that the file cannot be trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The content of an exported ledger, and whether it can be trusted."""

    checked: Checked
    lines: int
    head: ledger.Line | None


def text(lines: Iterable[ledger.Line], signer: Signer) -> Iterator[bytes]:
    """The file, line by line."""
    head = None
    for head in lines:
        yield _written(head)
    yield ledger.canonical(signer.sign(statements.exported_ledger(head)).to_dict()) + b"\n"


def check(path: Path, key: str | None = None) -> Chain:
    """Check an exported ledger; `key` is the public key of who should have signed it.

    Raises `InvalidValue` when there is no such file.
    """
    problems: list[str] = []
    before: ledger.Line | None = None
    signed = None
    try:
        with path.open("rb") as file:
            for number, content in enumerate(iter(lambda: file.readline(LINE_BYTES), b""), start=1):
                if signed is not None:
                    problems.append(f"Line {number} comes after the signed head.")
                    break
                document = _spelt(content)
                line = _line(document)
                if line is None:
                    signed = signing.read(document)
                if line is None and signed is None:
                    problems.append(f"Line {number} is not what was written.")
                elif line is not None:
                    if content != _written(ledger.follow(before, line.subject, line.commitment)):
                        problems.append(f"Line {number} does not follow from the one before it.")
                    before = line
                if len(problems) >= NAMED_PROBLEMS:
                    break
    except OSError as error:
        raise InvalidValue(f"{path} cannot be read ({error.strerror}); name an exported ledger.") from error
    if signed is None:
        problems.append("The signed head at the end is missing: the file was cut off.")
    else:
        problems += verification.signer(signed, key)
        if signed.statement != statements.exported_ledger(before):
            problems.append("The signed head is not that of the last line.")
    valid = signed.key if signed is not None and signed.valid() else None
    checked = Checked(problems=tuple(problems), signer=valid, proven=valid is not None and valid == key)
    return Chain(checked=checked, lines=before.sequence if before else 0, head=before)


SPEAKERS = ("the release", "the receipt")


class Mention(NamedTuple):
    """What some other document says of a line of the ledger."""

    sequence: int
    subject: str | None
    """None where the document gives only the hash of the line."""
    told: str
    """The commitment of the line, or its hash where there is no subject."""
    by: str
    """Which document it is: one of `SPEAKERS`."""


def of_release(directory: Path) -> Iterator[Mention]:
    """Every line that a release mentions: the head, the lines of its votes, and those of the removals before it."""
    head = manifest.read(directory)["ledger_head"]
    if head is not None:
        yield Mention(head["sequence"], None, head["hash"], "the release")
    for item in id_tables.items(directory):
        if item.line is not None and item.commitment is not None:
            yield Mention(item.line, item.vote_id, item.commitment, "the release")
    removals: dict[tuple[int, str, str], list[str]] = defaultdict(list)
    for row in id_tables.read(directory, id_tables.REMOVED):
        if row.get("line") is not None:
            removals[row["line"], row["removal_id"], row["kind"]].append(row["vote_id"])
    for (line, removal_id, kind), votes in removals.items():
        yield Mention(line, removal_id, removal.commitment(removal_id, RemovalKind(kind), votes), "the release")


def missing(path: Path, mentioned: Iterable[Mention]) -> Iterator[str]:
    """How a checked ledger differs from what was mentioned."""
    left, last = set(mentioned), 0
    with path.open("rb") as file:
        for content in file:
            line = _line(_spelt(content))
            if line is not None:
                last = line.sequence
                for by in SPEAKERS:
                    left.discard(Mention(last, line.subject, line.commitment, by))
                    left.discard(Mention(last, None, line.hash, by))
    for mention in sorted(left, key=lambda one: one.sequence):
        if mention.sequence > last:
            yield (
                f"The ledger ends with line {last}, and {mention.by} speaks of line {mention.sequence}: get a later "
                "ledger."
            )
            return
        named = "" if mention.subject is None else f" for {mention.subject}"
        yield f"Line {mention.sequence} of the ledger is not the one {mention.by} speaks of{named}."


def other_signer(checked: Checked, signer: str | None) -> Iterator[str]:
    """A problem where two documents that belong together were signed by different keys."""
    if checked.signer is not None and signer is not None and checked.signer != signer:
        yield f"The ledger is signed by {checked.signer}, and the other by {signer}: they are of two makers."


def _written(line: ledger.Line) -> bytes:
    return ledger.canonical(asdict(line)) + b"\n"


def _spelt(content: bytes) -> Any:
    """The JSON of a line; None where the line is not in its one valid spelling."""
    try:
        document = json.loads(content)
        return document if ledger.canonical(document) + b"\n" == content else None
    except (ValueError, RecursionError):
        return None


def _line(document: Any) -> ledger.Line | None:
    match document:
        case {
            "sequence": int(sequence),
            "subject": str(subject),
            "commitment": str(commitment),
            "previous": str(previous),
            "hash": str(digest),
        } if len(document) == 5:
            return ledger.Line(
                sequence=sequence, subject=subject, commitment=commitment, previous=previous, hash=digest
            )
    return None
