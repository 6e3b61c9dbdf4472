"""Work that one process at a time does, and the jobs of all of them, as rows of the workspace's schema.

A row says who has taken a work. It counts for as long as that process gives signs (`shared_transactions`), so that the
work of one that was killed is anybody's 30 s later, and of one that ended at once. A process that stood still for
longer may do its work once more beside another's; whatever it writes is decided by the writer as everything is, which
asks for this row where a release is recorded (docs/decisions/0083-work-is-of-one-process-until-it-is-written.md).
"""

import json
from collections.abc import Sequence

from arena.store.other_processes import NotedJob
from arena.store.postgres import shared_transactions
from arena.store.postgres.asking import Asking

KEPT = 64
"""Jobs of a kind that are over and kept: those that ended last."""
LIVES = (
    "SELECT * FROM processes WHERE processes.process_id = {0}.process_id AND (expires_at > clock_timestamp() OR {1})"
)
TAKE = (
    "INSERT INTO works (work, process_id, done) VALUES (?, ?, -1) ON CONFLICT (work) DO UPDATE "
    "SET process_id = excluded.process_id WHERE works.process_id = excluded.process_id "
    f"OR NOT EXISTS ({LIVES.format('works', 'CAST(? AS BOOLEAN)')}) RETURNING work"
)
NOTE = (
    "INSERT INTO jobs (kind, job_id, process_id, document) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (job_id) DO UPDATE SET document = excluded.document"
)
TELL = (
    "INSERT INTO job_sentences (job_id, before, sentences) VALUES (?, ?, ?) "
    "ON CONFLICT (job_id, before) DO UPDATE SET sentences = excluded.sentences"
)
END = "INSERT INTO job_ends (job_id, ended_at) VALUES (?, clock_timestamp()) ON CONFLICT (job_id) DO NOTHING"
FORGET = (  # and what these say; another job's sentences may be there before its row
    "WITH forgotten AS (DELETE FROM jobs WHERE job_id IN (SELECT jobs.job_id FROM jobs LEFT JOIN job_ends "
    "ON job_ends.job_id = jobs.job_id WHERE kind = ? "
    "AND (ended_at IS NOT NULL OR process_id NOT IN (SELECT process_id FROM processes)) "
    f"ORDER BY ended_at DESC NULLS LAST, jobs.job_id DESC OFFSET {KEPT}) RETURNING job_id), "
    "silent AS (DELETE FROM job_sentences WHERE job_id IN (SELECT job_id FROM forgotten)) "
    "DELETE FROM job_ends WHERE job_id IN (SELECT job_id FROM forgotten)"
)
"""A job that is not over is one of a process that left, or of which nothing is known since a day."""
NOTED = f"SELECT document, EXISTS ({LIVES.format('jobs', 'false')}) FROM jobs WHERE kind = ?"


class SharedWork:
    """The rows, asked on a session of their own. For any thread."""

    shared = True

    def __init__(self, url: str, schema_name: str, identity: str, process: str) -> None:
        self._process = process
        self._asking = Asking(
            url, schema_name, identity, lambda session: shared_transactions.give_sign(session, process)
        )
        self._asked = self._asking.asked

    def take(self, work: str) -> bool:
        """A database that was away for long comes back with signs that ran out: then nobody is taken for gone before
        all had time to give one."""

        def asking(age: float) -> list[object]:
            return [work, self._process, age < 2 * shared_transactions.RENEWAL_SECONDS]

        return bool(self._asked(TAKE, asking, alone=True))

    def free(self, work: str) -> None:
        self._asked(
            "UPDATE works SET process_id = '' WHERE work = ? AND process_id = ? RETURNING work", [work, self._process]
        )

    def done(self, work: str) -> int:
        found = self._asked("SELECT done FROM works WHERE work = ?", [work])
        return int(found[0][0]) if found else -1

    def finish(self, work: str, done: int) -> None:
        self._asked("UPDATE works SET done = greatest(done, ?) WHERE work = ? RETURNING work", [done, work])

    def note(
        self, kind: str, job_id: str, document: str, told: Sequence[str] = (), before: int = 0, *, over: bool = False
    ) -> None:
        if told:  # first: who reads the job then finds all that its document counts
            self._asked(f"{TELL} RETURNING job_id", [job_id, before, json.dumps(told)])
        self._asked(f"{NOTE} RETURNING job_id", [kind, job_id, self._process, document])
        if over:
            self._asked(f"{END} RETURNING job_id", [job_id])
            self._asked(f"{FORGET} RETURNING job_id", [kind])

    def noted(self, kind: str) -> Sequence[NotedJob]:
        found = self._asked(f"{NOTED} ORDER BY job_id", [kind])
        return [NotedJob(document=document, alive=alive) for document, alive in found]

    def find(self, kind: str, job_id: str) -> NotedJob | None:
        found = self._asked(f"{NOTED} AND job_id = ?", [kind, job_id])
        if not found:
            return None
        parts = self._asked("SELECT before, sentences FROM job_sentences WHERE job_id = ? ORDER BY before", [job_id])
        told: list[str] = []
        for before, sentences in parts:
            told[before:] = json.loads(sentences)
        return NotedJob(document=found[0][0], alive=found[0][1], told=told)

    def ask_to_stop(self, job_id: str) -> None:
        self._asked("UPDATE jobs SET stopping = true WHERE job_id = ? RETURNING job_id", [job_id])

    def asked_to_stop(self, job_id: str) -> bool:
        return bool(self._asked("SELECT job_id FROM jobs WHERE job_id = ? AND stopping", [job_id]))

    def close(self) -> None:
        """What this process has is anybody's at once."""
        self._asking.say_last("DELETE FROM processes WHERE process_id = ?", [self._process])
