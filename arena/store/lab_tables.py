"""The tables that a lab asks with SQL of its own: one query each over what is stored, with the names of raters that
answers show.

What a rater must not know before their vote is in none: a battle is in them once it was voted on or is void, a turn
once it has ended. Nobody who withdrew or was erased is in them.
"""

from collections.abc import Mapping

from arena.store import holding
from arena.store.connections import Connection

NAMES = "lab_rater_names"
"""A table `stored, name` that whoever runs the queries gives: the name of each rater."""

_HERE = "SELECT rater FROM main.removals WHERE kind = 'withdrawn'"
_VOTED = f"SELECT battle_id FROM main.votes WHERE rater_id NOT IN ({_HERE})"
_BATTLES = (
    f"main.battles AS battle LEFT JOIN main.voids AS void ON void.battle_id = battle.battle_id "
    f"WHERE battle.rater_id NOT IN ({_HERE}) "
    f"AND (void.battle_id IS NOT NULL OR battle.battle_id IN ({_VOTED}))"
)


def _name(rater: str) -> str:
    return f"(SELECT one.name FROM {NAMES} AS one WHERE one.stored = {rater})"


COLUMNS: Mapping[str, Mapping[str, str]] = {
    "votes": {
        "vote_id": "The vote.",
        "battle_id": "The battle.",
        "rater": "Who cast it, by the name that answers show.",
        "campaign": "The campaign of the battle.",
        "model_a": "The model of side `a`.",
        "model_b": "The model of side `b`.",
        "winner": "`model_a`, `model_b`, `tie` or `both_bad`.",
        "strength": "How clear it was, where it was said.",
        "tags": "JSON: a list of texts.",
        "criteria": "JSON: the answers to the campaign's questions; null for none.",
        "reason": "In the rater's words.",
        "reading_seconds": "From when both answers were there to the vote.",
        "shown_left": "`a` or `b`: the answer that stood on the left.",
        "rater_kind": "`person`, `program` or `judge`.",
        "purpose": "`gold`, `repeat`, `practice` or `test`, which count for nothing but the rater's record; else null.",
        "counted": "Whether boards count it.",
        "held_for": "Why it is held: `leak`, `finding`, `probation`, `suspended`; null where it is not.",
        "cast_at": "When, in UTC.",
    },
    "battles": {
        "battle_id": "The battle.",
        "conversation_id": "Follow-ups share it.",
        "turn": "1 for the first prompt of a conversation.",
        "campaign": "The campaign.",
        "campaign_version": "The version of it that the battle was drawn under; null for `default`.",
        "rater": "Who wrote the prompt or opened the battle.",
        "prompt": "The text of the prompt.",
        "history": "JSON: the messages before it.",
        "language": "As the prompt set says it.",
        "category": "As the prompt set says it.",
        "model_a": "The model of side `a`.",
        "model_b": "The model of side `b`.",
        "draw_probability": "How likely the pair was when it was drawn; null for an import.",
        "answers": "`live` or `stored`.",
        "void_cause": "`model`, `prompt`, `rater`, `arena` or `expired` where it counts for nobody; else null.",
        "created_at": "When it was opened, in UTC.",
    },
    "answers": {
        "battle_id": "The battle.",
        "side": "`a` or `b`.",
        "model": "Who wrote it.",
        "text": "The answer.",
        "finish_reason": "In the server's word: `stop`, `length`.",
        "prompt_tokens": "Of the conversation.",
        "completion_tokens": "Of the answer.",
        "first_token_seconds": "From the request to the first visible text.",
        "total_seconds": "From the request to the last byte.",
        "leak": "Whether the model says in it who it is.",
    },
    "models": {
        "name": "The name on boards.",
        "state": "`announced`, `active`, `paused` or `retired` after the last change; null where there was none.",
        "fingerprint": "SHA-256 over every setting that shapes an answer.",
        "added_at": "When it was first added, in UTC.",
        "changed_at": "When its state last changed, in UTC.",
    },
    "campaigns": {
        "name": "The campaign; `default` is in none.",
        "state": "`draft`, `running`, `paused` or `closed`.",
        "version": "Its newest version.",
        "keys": "JSON: every key.",
        "changed_at": "When, in UTC.",
    },
    "assignments": {
        "assignment_id": "The turn.",
        "battle_id": "The battle.",
        "rater": "Whose turn it was.",
        "since": "When it was given, in UTC.",
        "deadline": "When it had to end, in UTC; null where it did not.",
        "purpose": "As of votes.",
        "ended": "`voted`, `skipped`, `reported` or `expired`.",
        "ended_at": "When, in UTC.",
    },
    "raters": {
        "rater": "The name that answers show.",
        "votes": "Votes cast, whatever became of them.",
        "counted": "Those that boards count.",
        "held": "Those that are held.",
        "first_vote_at": "In UTC.",
        "last_vote_at": "In UTC.",
    },
}
"""Each table with its columns and what they mean."""


def queries(connection: Connection) -> dict[str, str]:
    """The query of each table."""
    counted = f"SELECT vote_id, held_for FROM ({holding.votes(connection)})"
    votes = (
        f"SELECT vote.vote_id, vote.battle_id, {_name('vote.rater_id')} AS rater, battle.campaign, battle.model_a, "
        "battle.model_b, vote.winner, vote.strength, vote.tags, vote.criteria, vote.reason, vote.reading_seconds, "
        "vote.shown_left, vote.rater_kind, vote.purpose, "
        "held.vote_id IS NOT NULL AND held.held_for IS NULL AS counted, held.held_for, vote.cast_at "
        "FROM main.votes AS vote "
        "JOIN main.battles AS battle ON battle.battle_id = vote.battle_id "
        f"LEFT JOIN ({counted}) AS held ON held.vote_id = vote.vote_id "
        f"WHERE vote.rater_id NOT IN ({_HERE}) AND battle.rater_id NOT IN ({_HERE})"
    )
    return {
        "votes": votes,
        "battles": (
            "SELECT battle.battle_id, battle.conversation_id, battle.turn, battle.campaign, battle.campaign_version, "
            f"{_name('battle.rater_id')} AS rater, battle.prompt, battle.history, battle.language, battle.category, "
            "battle.model_a, battle.model_b, battle.draw_probability, battle.answers, void.cause AS void_cause, "
            f"battle.created_at FROM {_BATTLES}"
        ),
        "answers": (
            "SELECT answer.battle_id, answer.side, CASE answer.side WHEN 'a' THEN battle.model_a ELSE battle.model_b "
            "END AS model, answer.text, answer.finish_reason, answer.prompt_tokens, answer.completion_tokens, "
            "answer.first_token_seconds, answer.total_seconds, answer.leak FROM main.responses AS answer "
            f"JOIN (SELECT battle.battle_id, battle.model_a, battle.model_b FROM {_BATTLES}) AS battle "
            "ON battle.battle_id = answer.battle_id"
        ),
        "models": (
            "SELECT model.name, change.state, model.fingerprint, model.added_at, change.changed_at FROM ("
            "SELECT name, arg_max(fingerprint, ordinal) AS fingerprint, min(added_at) AS added_at "
            "FROM main.models GROUP BY name) AS model LEFT JOIN (SELECT model, arg_max(state, sequence) AS state, "
            "max(changed_at) AS changed_at FROM main.model_changes GROUP BY model) AS change "
            "ON change.model = model.name"
        ),
        "campaigns": (
            "SELECT name, arg_max(state, sequence) AS state, max(version) AS version, "
            "arg_max(keys, sequence) AS keys, max(changed_at) AS changed_at FROM main.campaigns GROUP BY name"
        ),
        "assignments": (
            f"SELECT turn.assignment_id, turn.battle_id, {_name('turn.rater_id')} AS rater, turn.since, turn.deadline, "
            "turn.purpose, CASE WHEN vote.vote_id IS NULL THEN over.cause ELSE 'voted' END AS ended, "
            "coalesce(vote.cast_at, over.ended_at) AS ended_at FROM main.assignments AS turn "
            "LEFT JOIN main.assignment_ends AS over ON over.assignment_id = turn.assignment_id "
            "LEFT JOIN main.votes AS vote ON vote.assignment_id = turn.assignment_id "
            f"WHERE coalesce(vote.vote_id, over.assignment_id) IS NOT NULL AND turn.rater_id NOT IN ({_HERE})"
        ),
        "raters": (
            "SELECT rater, count(*) AS votes, count(*) FILTER (WHERE counted) AS counted, "
            "count(held_for) AS held, min(cast_at) AS first_vote_at, max(cast_at) AS last_vote_at "
            f"FROM ({votes}) WHERE rater IS NOT NULL GROUP BY rater"
        ),
    }
