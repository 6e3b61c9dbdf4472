"""Prompts and stored answers that a transaction adds to sets: all of a command, or nothing of it."""

from datetime import datetime
from typing import ClassVar

from arena import errors
from arena.domain.prompt_set import StoredAnswer, StoredPrompt
from arena.store import prompt_sets, rows, stored_answers
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.models import NewModels
from arena.store.writing.writer_cache import WriterCache


class NewPrompts:
    """Prompts on top of those that are stored. Sets are few and written seldom, so the tables are asked."""

    takes: ClassVar[tuple[type, ...]] = (commands.AddPrompts,)

    def __init__(self, looking: Connection, known: WriterCache) -> None:
        self._looking = looking
        self._known = known
        self._added: dict[str, dict[str, tuple[int, StoredPrompt]]] = {}
        self._times: dict[str, datetime] = {}

    def decide(self, command: commands.AddPrompts) -> int:
        """How many of the prompts are new."""
        asked = sorted({prompt.prompt_id for prompt in command.prompts})
        stored = prompt_sets.digests(self._looking, command.set_name, asked)
        added = self._added.get(command.set_name, {})
        before = prompt_sets.size(self._looking, command.set_name) + len(added)
        stored.update({prompt_id: prompt.digest for prompt_id, (_, prompt) in added.items()})
        fresh: dict[str, tuple[int, StoredPrompt]] = {}
        for prompt in command.prompts:
            known = stored.get(prompt.prompt_id)
            if known is None:
                fresh[prompt.prompt_id] = (before + len(fresh) + 1, prompt)
                stored[prompt.prompt_id] = prompt.digest
            elif known != prompt.digest:
                raise errors.InvalidValue(
                    f"Prompt {prompt.prompt_id!r} of set {command.set_name} is here with another content, so it was "
                    "not entered; give what changed a new prompt_id, or import it into a set of another name."
                )
        if fresh:
            self._added.setdefault(command.set_name, {}).update(fresh)
            self._times[command.set_name] = command.added_at
        return len(fresh)

    def holds(self, set_name: str, prompt_ids: set[str]) -> set[str]:
        """Those of these prompts that a set has after what was accepted so far."""
        listed, ids = rows.among("prompt_id", sorted(prompt_ids))
        found = rows.fetched(
            self._looking, f"SELECT prompt_id FROM prompts WHERE set_name = ? AND {listed}", [set_name, *ids]
        )
        return {row[0] for row in found} | prompt_ids & self._added.get(set_name, {}).keys()

    @property
    def empty(self) -> bool:
        return not self._added

    def write(self, connection: Connection) -> None:
        for name, added in self._added.items():
            prompt_sets.append(connection, name, added.values(), self._times[name])

    def remember(self) -> None:
        for name in self._added:
            self._known.marks.change(f"set {name}")


class NewAnswers:
    """Stored answers on top of those that are there."""

    takes: ClassVar[tuple[type, ...]] = (commands.AddAnswers,)

    def __init__(self, looking: Connection, known: WriterCache, models: NewModels, prompts: NewPrompts) -> None:
        self._looking = looking
        self._known = known
        self._models = models
        self._prompts = prompts
        self._added: dict[str, dict[tuple[str, str, int], StoredAnswer]] = {}
        self._times: dict[str, datetime] = {}

    def decide(self, command: commands.AddAnswers) -> int:
        """How many of the answers are new."""
        if not command.answers:
            return 0
        asked = {answer.prompt_id for answer in command.answers}
        if unknown := sorted(asked - self._prompts.holds(command.set_name, asked)):
            raise errors.InvalidValue(f"Set {command.set_name} has no prompt {unknown[0]!r}; import the prompts first.")
        added = self._added.get(command.set_name, {})
        stored = stored_answers.digests(self._looking, command.set_name, sorted(asked))
        stored.update({key: answer.digest for key, answer in added.items()})
        fresh: dict[tuple[str, str, int], StoredAnswer] = {}
        for answer in command.answers:
            known = stored.get(answer.key)
            if known is None:
                fresh[answer.key] = answer
                stored[answer.key] = answer.digest
            elif known != answer.digest:
                raise errors.InvalidValue(
                    f"Answer {answer.sample} of {answer.model} to prompt {answer.prompt_id!r} is here with another "
                    "text, so it was not entered; give another answer of the same model another number as `sample`."
                )
        if fresh:
            self._models.name(sorted({answer.model for answer in fresh.values()}))
            self._added.setdefault(command.set_name, {}).update(fresh)
            self._times[command.set_name] = command.added_at
        return len(fresh)

    @property
    def empty(self) -> bool:
        return not self._added

    def write(self, connection: Connection) -> None:
        for name, added in self._added.items():
            stored_answers.append(connection, name, added.values(), self._times[name])

    def remember(self) -> None:
        for name in self._added:
            self._known.marks.change(f"set {name}")
