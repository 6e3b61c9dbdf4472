"""Finds and removes the thoughts that a model wrote inside its answer.

A server that parses reasoning sends it separately. A server that does not leaves it in the text between marks:

    <think>, <thinking>, <thought>, <reasoning> and the like   DeepSeek-R1, Qwen, GLM, Granite, prompts that ask for it
    <seed:think>, [THINK], ◁think▷, <|START_THINKING|>          Seed-OSS, Magistral, Kimi, Command A
    <|channel>thought ... <channel|>                            Gemma
    <|channel|>analysis<|message|> ... <|end|>                  gpt-oss

The opening mark may be missing, because the chat template wrote it into the prompt; the closing mark may be missing,
because the answer was cut off. A mark that the answer only talks about is ignored: one in code, or one in the middle of
a sentence without its counterpart.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from arena.domain import parts
from arena.domain.battle import BattleRecord, Message, Response
from arena.domain.selection import Thinking
from arena.exports.format import LooksAt

WORDS = "seed:think|think|thinking|thoughts?|reasoning|reflection|scratchpad|inner[_-]?monologue"
OPENING = "|".join(
    (
        rf"<(?P<tag>{WORDS})(?:\s[^<>\n]{{0,200}})?>",
        r"(?P<bracket>\[THINK\])",
        r"(?P<triangle>◁think▷)",
        r"(?P<cohere><\|START_THINKING\|>)",
        r"(?P<gemma><\|channel>thought\b)",
        r"(?P<harmony>(?:<\|start\|>assistant)?<\|channel\|>(?:analysis|commentary)\b[^<>\n]{0,200}<\|message\|>)",
    )
)
CLOSING = {
    "bracket": re.compile(r"\[/THINK\]", re.IGNORECASE),
    "triangle": re.compile("◁/think▷"),
    "cohere": re.compile(r"<\|END_THINKING\|>"),
    "gemma": re.compile(r"<channel\|>"),
    "```": re.compile(r"^[ \t]*```+[ \t]*$", re.MULTILINE),
    "~~~": re.compile(r"^[ \t]*~~~+[ \t]*$", re.MULTILINE),
    "harmony": re.compile(r"<\|end\|>(?:\s*<\|start\|>assistant)?(?:\s*<\|channel\|>final<\|message\|>)?"),
    **{
        word: re.compile(rf"</{word}\s*>", re.IGNORECASE)
        for word in ("seed:think", "think", "thinking", "thought", "thoughts", "reasoning", "reflection", "scratchpad")
    },
}
"""The closing mark of each opening mark and of a block of code. A tag that is not listed closes as it is spelt."""
ORPHANED = rf"(?P<orphan></(?:{WORDS})\s*>|\[/THINK\]|◁/think▷|<\|END_THINKING\|>|<channel\|>)"
"""A closing mark whose opening mark is missing."""
CODE = r"^[ \t]*(?P<fence>```|~~~)[^\n]*$|(?P<code>`[^`\n]+`)"
TOKENS = re.compile(f"{CODE}|{OPENING}|{ORPHANED}", re.IGNORECASE | re.MULTILINE)
MARKS = (
    *(rf"(?i:</?({WORDS})[\s>])", r"(?i:\[/?THINK\])", "◁/?think▷", r"(?i:<\|(START|END)_THINKING\|>)"),
    *(r"(?i:<\|channel>)", r"(?i:<channel\|>)", r"(?i:<\|channel\|>)"),
)
"""Every text with thoughts in it contains one of these; the store searches for them."""
QUICK = re.compile("|".join(MARKS))


def looks_at(policy: Thinking) -> LooksAt:
    """What this filter looks at in texts."""
    return LooksAt(patterns=() if policy is Thinking.KEEP else MARKS)


class Span(NamedTuple):
    """The place of thoughts in a text, their marks included."""

    start: int
    end: int


def spans(text: str) -> Iterator[Span]:
    """The places of all thoughts in an answer, in order."""
    if not QUICK.search(text):
        return
    place, first = 0, True
    endless: set[str] = set()
    while found := TOKENS.search(text, place):
        place = found.end()
        if found["code"]:
            continue
        if found["orphan"]:
            if first and _ends_alone(text, found):
                yield Span(0, place)
                first = False
            continue
        kind = (found["fence"] or found["tag"] or str(found.lastgroup)).lower()
        end = None if kind in endless else _closing(kind).search(text, place)
        if found["fence"]:
            endless.update(() if end else (kind,))
            place = end.end() if end else place
            continue
        if end is not None:
            place = end.end()
            yield Span(found.start(), place)
        elif _begins_line(text, found.start()):
            yield Span(found.start(), len(text))
            return
        else:
            endless.add(kind)
            continue
        first = False


def holds(text: str) -> bool:
    """Whether an answer contains thoughts."""
    return next(spans(text), None) is not None


def stripped(text: str) -> str:
    """An answer without its thoughts."""
    kept, place = [], 0
    for span in spans(text):
        kept.append(text[place : span.start])
        place = span.end
    return ("".join(kept) + text[place:]).strip() if kept else text


def in_record(record: BattleRecord) -> bool:
    """Whether an answer, an earlier answer in the history or a correction contains thoughts."""
    return any(map(holds, _texts(record)))


def without(record: BattleRecord) -> BattleRecord:
    """A record without the thoughts in its answers, in its history and in its corrections."""
    if not in_record(record):
        return record
    history = tuple(map(_said, record.battle.history))
    votes = tuple(
        vote if vote.edit is None else replace(vote, edit=stripped(vote.edit) or None) for vote in record.votes
    )
    return replace(
        record,
        battle=replace(record.battle, history=history),
        response_a=_answered(record.response_a),
        response_b=_answered(record.response_b),
        votes=votes,
    )


def _texts(record: BattleRecord) -> Iterator[str]:
    yield from (response.text for response in (record.response_a, record.response_b) if response is not None)
    yield from (message.text for message in record.battle.history if message.role == "assistant")
    yield from (vote.edit for vote in record.votes if vote.edit is not None)


def _said(message: Message) -> Message:
    if message.role != "assistant":
        return message
    return replace(message, content=parts.mapped(message.content, stripped))


def _answered(response: Response | None) -> Response | None:
    return None if response is None else replace(response, text=stripped(response.text))


def _closing(kind: str) -> re.Pattern[str]:
    return CLOSING.get(kind) or re.compile(rf"</{re.escape(kind)}\s*>", re.IGNORECASE)


def _begins_line(text: str, place: int) -> bool:
    while place and text[place - 1] in " \t":
        place -= 1
    return place == 0 or text[place - 1] == "\n"


def _ends_alone(text: str, found: re.Match[str]) -> bool:
    """Whether a closing mark without an opening mark closes thoughts: it ends or begins a line, or stands between two
    words without a blank. A mark that a sentence talks about stands between blanks, or in quotes."""
    start, end = found.span()
    while end < len(text) and text[end] in " \t":
        end += 1
    if end == len(text) or text[end] == "\n" or _begins_line(text, start):
        return True
    before, after = text[start - 1], text[found.end()]
    return (before.isalnum() or before in ".!?…") and after.isalnum()
