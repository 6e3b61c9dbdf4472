"""Prompts of a set, one a row: what is asked, what is known of it, and for a gold prompt the known outcome."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from arena.domain import language_codes, ledger, prompt_set
from arena.domain.battle import Message
from arena.domain.ids import ModelName
from arena.domain.parts import MediaKind
from arena.domain.prompt_set import EXPLANATION_LIMIT, Gold, StoredPrompt
from arena.domain.selection import UNDETERMINED
from arena.domain.vote import Winner
from arena.imports import beside, cells, files, jsonkeys, messages
from arena.imports.beside import Take
from arena.imports.fields import Fields, nothing
from arena.imports.imported_vote import Outside, RowFault
from arena.imports.reading import Unkept

GOLD = ("winner", "model_a", "model_b")
TAGS = 32
"""Most tags of one prompt."""

Detect = Callable[[str], str]
"""The code of the language of a text; `und` where it cannot be told."""


def entries(path: Path, detect: Detect, unkept: Unkept, take: Take) -> Iterator[tuple[int, StoredPrompt | Outside]]:
    """Every prompt of a file with the number of its row, or why the row stays outside; `take` takes an image in.

    Raises `InvalidValue` for a file that cannot be read, or not to its end.
    """
    for number, plain in files.rows(path):
        if isinstance(plain, RowFault):
            yield number, Outside(why=str(plain))
            continue
        row = Fields(plain)
        try:
            found = _prompt(row, detect, path, take)
        except RowFault as fault:
            yield number, Outside(why=str(fault))
            continue
        unkept.add(row.unread())
        yield number, found


def _prompt(row: Fields, detect: Detect, path: Path, take: Take) -> StoredPrompt:
    if not nothing(row.peek("messages")) and not nothing(row.peek("prompt")):
        raise RowFault("it has both messages and prompt; leave one of them out.")
    image = row.get("image")
    asked = messages.prompt(row, ("messages", "prompt"), kept=("image",))
    if not nothing(image):
        shown = beside.taken(path, cells.text(image, "image"), take)
        if shown.kind is not MediaKind.IMAGE:
            raise RowFault(f"image is {cells.shown(image)}, which is {shown.media_type}; name an image.")
        asked = (*asked[:-1], Message(role="user", content=(shown, *asked[-1].content)))
    told = cells.label(row, "language")
    language = _language(told) if told else detect("\n".join(one.text for one in reversed(asked) if one.role == "user"))
    category, tags, gold = cells.label(row, "category"), _tags(row), _gold(row)
    content = {
        "messages": prompt_set.messages_json(asked),
        "language": language if told else None,
        "category": category,
        "tags": tags,
        "gold": None if gold is None else [gold.winner, gold.model_a, gold.model_b, gold.explanation],
    }
    return StoredPrompt(
        prompt_id=cells.identity(row.get("prompt_id"), "prompt_id") or prompt_set.id_of(asked),
        messages=asked,
        language=None if language == UNDETERMINED else language,
        language_detected=told is None,
        category=category,
        tags=tags,
        gold=gold,
        digest=hashlib.sha256(ledger.canonical(content)).hexdigest(),
    )


def _language(spelt: str) -> str:
    code = language_codes.read(spelt)
    if code == UNDETERMINED and spelt.lower() != UNDETERMINED:
        raise RowFault(f"language is {cells.shown(spelt)}; it must be a code such as de, or left out to be detected.")
    return code


def _tags(row: Fields) -> tuple[str, ...]:
    value = row.get("tags")
    if nothing(value):
        return ()
    if isinstance(value, str):
        try:
            value = jsonkeys.loads(value)
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, list) or len(value) > TAGS:
        raise RowFault(f"tags is {cells.shown(row.peek('tags'))}; it must be a list of at most {TAGS} texts.")
    return tuple(cells.name(one, "tags") for one in value)


def _gold(row: Fields) -> Gold | None:
    given = {name: row.get(name) for name in (*GOLD, "explanation")}
    if all(nothing(value) for value in given.values()):
        return None
    if missing := [name for name, value in given.items() if nothing(value)]:
        raise RowFault(
            f"it has a known outcome without {' and '.join(missing)}; give {', '.join(given)}, or none of them."
        )
    try:
        winner = Winner(str(given["winner"]))
    except ValueError:
        raise RowFault(f"winner is {cells.shown(given['winner'])}; accepted: {', '.join(Winner)}.") from None
    model_a, model_b = (ModelName(cells.name(given[name], name)) for name in ("model_a", "model_b"))
    if model_a == model_b:
        raise RowFault(f'"{model_a}" stands against itself.')
    explanation = cells.text(given["explanation"], "explanation")
    if len(explanation) > EXPLANATION_LIMIT:
        raise RowFault(f"explanation has {len(explanation):,} characters; {EXPLANATION_LIMIT:,} is the limit.")
    return Gold(winner=winner, model_a=model_a, model_b=model_b, explanation=explanation)
