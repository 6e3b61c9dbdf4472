"""`helpsteer3`: every vote on a battle in one rich row, in the columns of HelpSteer3.

Preferences run from -3, response 1 is much better, to 3, response 2 is. Two bad answers have no place on that scale:
0 would say that they are equal and nothing else. So a battle whose outcome is both bad is left out.
"""

from collections.abc import Iterator
from statistics import fmean

import pyarrow as pa

from arena.domain.battle import BattleRecord, Side
from arena.domain.vote import Strength, Vote, Winner
from arena.exports.card import texts
from arena.exports.format import MESSAGES, Context, Format, LeftOut, LooksAt, Outcome, Reason, Row, Taken, Unit
from arena.exports.rows import carried, pairs

DISTANCES = {Strength.SLIGHTLY: 1, None: 2, Strength.CLEARLY: 3}
"""How far from 0 a preference is. A rater who did not say how much better stands in the middle."""
BOTH_BAD = "both bad"
"""The feedback on either response by a rater who found so."""
JUDGEMENT = pa.struct(
    [("score", pa.int64()), ("reasoning", pa.string()), ("feedback1", pa.string()), ("feedback2", pa.string())]
)


def convert(record: BattleRecord, _context: Context) -> Iterator[Outcome]:
    """One row for a battle with a winner or a tie."""
    judged = pairs.judged(record)
    if isinstance(judged, LeftOut):
        yield judged
        return
    if judged.winner is Winner.BOTH_BAD:
        yield LeftOut(reason=Reason.BOTH_BAD)
        return
    agreeing = [score(vote) for vote in record.votes if vote.winner is judged.winner]
    row: Row = {
        "domain": record.category,
        "language": record.language,
        "context": pairs.conversation(judged.prompt),
        "response1": judged.text_a,
        "response2": judged.text_b,
        "overall_preference": round(fmean(agreeing)),
        "individual_preference": [judgement(vote) for vote in record.votes],
    }
    yield Taken(rows=(row,))


def score(vote: Vote) -> int:
    """Negative where response 1 is better, positive where response 2 is, 0 where neither is."""
    side = pairs.WON_BY.get(vote.winner)
    if side is None:
        return 0
    return -DISTANCES[vote.strength] if side is Side.A else DISTANCES[vote.strength]


def judgement(vote: Vote) -> Row:
    """One rater's vote; what decided it is the feedback on the better response, or on both where neither is."""
    side = pairs.WON_BY.get(vote.winner)
    praise = ", ".join(tag.value for tag in vote.tags)
    both = ", ".join(filter(None, (BOTH_BAD if vote.winner is Winner.BOTH_BAD else "", praise))) if side is None else ""
    return {
        "score": score(vote),
        "reasoning": vote.reason or "",
        "feedback1": praise if side is Side.A else both,
        "feedback2": praise if side is Side.B else both,
    }


FORMAT = Format(
    name="helpsteer3",
    title="every vote on two responses, in HelpSteer3's columns",
    unit=Unit.BATTLE,
    schema=pa.schema(
        [
            ("domain", pa.string()),
            ("language", pa.string()),
            ("context", MESSAGES),
            ("response1", pa.string()),
            ("response2", pa.string()),
            ("overall_preference", pa.int64()),
            ("individual_preference", pa.list_(JUDGEMENT)),
        ]
    ),
    convert=convert,
    command=(
        'python -c "import datasets; '
        "print(datasets.load_dataset('parquet', data_files='data/train.parquet', split='train')[0])\""
    ),
    command_purpose="read these rows with `datasets` (`pip install datasets`)",
    task_categories=("text-generation", "reinforcement-learning"),
    tags=("reward-model", "rlhf", "preference", "human-feedback", "helpsteer3"),
    carries=carried.PAIR | {"sides", "other_votes", "strength", "tags", "reason", "language", "category"},
    looks_at=LooksAt(),
    notes=(
        "`context` is the whole conversation up to and including the user's message; `response1` stood left, "
        "`response2` right.",
        "A score is negative where response 1 is better and positive where response 2 is: 1 for slightly, 3 for "
        "clearly, 2 where the rater did not say how much, 0 for a tie. `overall_preference` is the mean score of the "
        "votes for the outcome with the most votes.",
        "`individual_preference` holds every vote: the rater's reason, and what decided the vote as feedback on the "
        "better response. A rater who found both bad has score 0 and that as feedback on each.",
        "Battles that most raters found both bad are left out, because the scale has no word for it; so are empty "
        "answers, winners between two answers of the same text, and battles without a leading outcome.",
        "Trainers that make pairs of these rows must drop those with `overall_preference` 0: NeMo-RL's converter "
        "would train on the same answer as chosen and rejected.",
        "`domain` and `language` are those of the source a battle was imported from, and empty elsewhere.",
        texts.SYSTEM_PROMPTS,
    ),
)
