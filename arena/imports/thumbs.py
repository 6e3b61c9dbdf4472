"""What thumbs on answers to one prompt compare: each that is up is better than each that is down."""

from collections.abc import Iterator, Sequence

from arena.domain.vote import Winner
from arena.imports import cells, imported_vote
from arena.imports.imported_vote import ImportedVote, Outside, Thumb

UP, DOWN = (True, 1, "true", "True", "1"), (False, 0, "false", "False", "0")


def compared(thumbs: Sequence[Thumb]) -> Iterator[ImportedVote | Outside]:
    """What the thumbs on one prompt compare."""
    ups, downs = ([one for one in thumbs if one.up is up] for up in (True, False))
    if not ups and len(downs) == 2:
        yield _entry(downs[0], downs[1], Winner.BOTH_BAD)
        return
    if not ups or not downs:
        said = "up" if ups else "down"
        yield Outside(why=f"every thumb on this prompt is {said}, so nothing is compared.")
        return
    for better in ups:
        for worse in downs:
            if better.model is not None and better.model == worse.model:
                yield Outside(why=f"{cells.shown(better.model)} stands against itself.")
                continue
            left = imported_vote.placed(better.text, worse.text, better.messages[-1].text)
            sides = (better, worse) if left else (worse, better)
            yield _entry(*sides, Winner.MODEL_A if left else Winner.MODEL_B)


def _entry(left: Thumb, right: Thumb, winner: Winner) -> ImportedVote:
    return ImportedVote(
        messages=left.messages,
        text_a=left.text,
        text_b=right.text,
        model_a=left.model,
        model_b=right.model,
        winner=winner,
        rater=left.rater if left.rater == right.rater else None,
        cast_at=max((one.cast_at for one in (left, right) if one.cast_at is not None), default=None),
        language=left.language,
        category=left.category,
    )
