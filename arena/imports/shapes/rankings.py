"""`rankings`: several answers to one prompt in an order, or with scores; each two of them are a pair.

Nectar          prompt, answers: [{answer, model, rank}]
UltraFeedback   instruction, completions: [{response, model, overall_score}]
NeMo RL         context, completions: [{completion, rank}]
lists           prompt or instruction, generations or responses: [...], ratings, scores or ranks: [...]
"""

from collections.abc import Iterator

from arena.domain import wording
from arena.domain.battle import Message
from arena.imports import cells, messages, ranking, transcripts
from arena.imports.fields import Fields, nothing
from arena.imports.imported_vote import ImportedVote, Outside, RowFault
from arena.imports.ranking import Ranked
from arena.imports.shape import Row, Shape

PROMPTS = ("prompt", "instruction", "context", "question")
OBJECTS = ("answers", "completions")
TEXTS = ("answer", "response", "completion", "text")
LISTS = ("generations", "responses")
BY_RANK = ("rank", "ranks")
BY_SCORE = ("overall_score", "fine-grained_score", "score", "ratings", "scores")
MODELS = ("generation_models", "models")
SYSTEM = "custom_system_prompt"
"""What UltraFeedback says that a model was told."""


def entries(row: Row) -> Iterator[ImportedVote | Outside]:
    """One vote each two answers."""
    column = next((name for name in PROMPTS if not nothing(row.peek(name))), "prompt")
    asked = (
        messages.asked(transcripts.said(row.get(column), column), column)
        if transcripts.begins(row.peek(column))
        else messages.prompt(row, (column,))
    )
    listed = next((name for name in OBJECTS if isinstance(row.peek(name), list)), None)
    ranked = _objects(row, listed) if listed else _lists(row)
    if listed:
        asked = messages.joined(_told(row.get(listed)), asked)
    if len(ranked) < 2:
        raise RowFault("fewer than two answers have a rank, so nothing is compared.")
    told = {
        "rater": cells.identity(cells.first(row, ("rater", "judge", "annotator")), "rater"),
        "item": cells.identity(cells.first(row, ("prompt_id", "id")), "id"),
        "language": cells.label(row, "language"),
        "category": cells.label(row, "category"),
    }
    yield from ranking.entries(ranked, asked, told)


def _objects(row: Row, column: str) -> list[Ranked]:
    ranked = []
    for number, one in enumerate(row.get(column), 1):
        name = f"answer {number} of {column}"
        if not isinstance(one, Fields):
            raise RowFault(f"{name} is {cells.shown(one)}; it must be an object.")
        said = next((text for text in TEXTS if text in one), TEXTS[0])
        rank = _rank(one, name)
        if rank is not None:
            model = cells.first(one, ("model",))
            named = None if model is None else cells.name(model, f"the model of {name}")
            ranked.append(Ranked(name=name, text=_text(one, said, name), rank=rank, model=named))
    return ranked


def _told(listed: list[Fields]) -> tuple[Message, ...]:
    """What all models were told alike; what differs is a setting of each model."""
    texts = {one.peek(SYSTEM) if isinstance(one.peek(SYSTEM), str) else "" for one in listed}
    if len(texts) != 1 or not wording.visible(min(texts)):
        return ()
    for one in listed:
        cells.text(one.get(SYSTEM), SYSTEM)
    return (Message.of_text(role="system", text=texts.pop()),)


def _text(one: Fields, column: str, name: str) -> str:
    if not messages.listed(one.peek(column)):
        return cells.text(one.get(column), name)
    said = messages.said(one, column)
    if len(said) != 1 or said[0].role != "assistant":
        raise RowFault(f"{name} is no single message by the assistant.")
    return said[0].text


def _rank(one: Fields, name: str) -> float | None:
    """Smaller is better. None for an answer that nobody ranked."""
    column = next((known for known in (*BY_RANK, *BY_SCORE) if not nothing(one.peek(known))), None)
    if column is None:
        return None
    return cells.number(one.get(column), f"{column} of {name}") * (1 if column in BY_RANK else -1)


def _lists(row: Row) -> list[Ranked]:
    """Answers, and what puts them in order, in lists of the same length."""
    texts = next((name for name in LISTS if isinstance(row.peek(name), list)), None)
    order = next((name for name in (*BY_RANK, *BY_SCORE) if isinstance(row.peek(name), list)), None)
    if texts is None or order is None:
        raise RowFault(f"no list holds answers ({', '.join(LISTS)}) or what orders them ({', '.join(BY_SCORE[3:])}).")
    said, numbers = row.get(texts), row.get(order)
    models = next((row.get(name) for name in MODELS if isinstance(row.peek(name), list)), [None] * len(said))
    if not len(said) == len(numbers) == len(models):
        raise RowFault(f"{texts}, {order} and the models must be lists of one length.")
    sign = 1 if order in BY_RANK else -1
    return [
        Ranked(
            name=f"answer {place}",
            text=cells.text(text, f"answer {place} of {texts}"),
            rank=sign * cells.number(number, f"{order} of answer {place}"),
            model=None if model is None else cells.name(model, f"the model of answer {place}"),
        )
        for place, (text, number, model) in enumerate(zip(said, numbers, models, strict=True), 1)
        if not nothing(number)
    ]


SHAPE = Shape(
    name="rankings",
    title="several answers to one prompt, ranked or scored: Nectar, UltraFeedback, NeMo RL",
    columns=(
        *(frozenset({prompt, column}) for column in OBJECTS for prompt in PROMPTS),
        *(
            frozenset({prompt, column, order})
            for prompt in PROMPTS
            for column in LISTS
            for order in ("ratings", "scores", "ranks")
        ),
    ),
    entries=entries,
)
