"""Records and facts to export, with a default for whatever a test does not care about."""

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from arena.domain import ledger, parts
from arena.domain.battle import Battle, BattleRecord, Message, Response, Void, VoidCause
from arena.domain.ids import BattleId, ConversationId, ModelName, RaterId, ReleaseId, VoteId
from arena.domain.name_key import NameKey
from arena.domain.selection import Selection
from arena.domain.vote import Strength, Tag, Vote, Winner
from arena.exports.format import Context
from arena.exports.proofs.signing import Signer
from arena.exports.writing.release_inputs import ReleaseFacts, RemovedVote

START = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
HEAD = ledger.follow(None, "v_1", "c" * 64)
CONTEXT = Context(pseudonym=lambda rater_id: f"pseudonym of {rater_id}")
SIGNER = Signer(
    Ed25519PrivateKey.from_private_bytes(b"a key for tests, and nobody else")
    .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    .decode()
)
REMOVED = (RemovedVote(battle_id=BattleId("b_90"), vote_id=VoteId("v_9001")),)


def lines(vote_ids: Sequence[VoteId]) -> Mapping[VoteId, ledger.Line]:
    """A line for each vote, numbered like it."""
    return {
        vote_id: ledger.Line(
            sequence=int(vote_id.removeprefix("v_")),
            subject=vote_id,
            commitment=hashlib.sha256(vote_id.encode()).hexdigest(),
            previous=ledger.GENESIS,
            hash="f" * 64,
        )
        for vote_id in vote_ids
    }


def facts(
    test_share: float = 0.0, selection: Selection | Mapping[str, Any] | None = None, **changes: Any
) -> ReleaseFacts:
    """Facts of a release; `test_share` is said by itself where a test is about nothing else of the selection."""
    chosen = selection if isinstance(selection, Selection) else Selection.from_mapping(selection or {})
    if test_share:
        chosen = dataclasses.replace(chosen, test_share=test_share)
    given: dict[str, Any] = {
        "selection": chosen,
        "release_id": ReleaseId("rel_1"),
        "ledger_head": HEAD,
        "code_version": "1.0.0",
        "workspace": "default",
        "name_key": NameKey(workspace="default", secret=b"secret of the tests"),
        "signer": SIGNER,
        "lines": lines,
    }
    return ReleaseFacts(**(given | changes))


def response(text: str) -> Response:
    return Response(
        text=text,
        finish_reason="stop",
        prompt_tokens=10,
        completion_tokens=20,
        first_token_seconds=0.5,
        total_seconds=1.5,
    )


def vote(number: int = 1, winner: Winner = Winner.MODEL_A, rater: str = "r_1", **changes: Any) -> Vote:
    given: dict[str, Any] = {
        "vote_id": VoteId(f"v_{number}"),
        "battle_id": BattleId(f"b_{number}"),
        "rater_id": RaterId(rater),
        "winner": winner,
        "cast_at": START + timedelta(minutes=number),
        "idempotency_key": f"key {number}",
        "request_sha256": "0" * 64,
    }
    return Vote(**(given | changes))


def record(
    number: int = 1,
    *,
    prompt: str = "Why is the sky blue?",
    history: Iterable[tuple[str, str]] = (),
    text_a: str | None = "Light scatters.",
    text_b: str | None = "It reflects the sea.",
    winners: Sequence[Winner] = (Winner.MODEL_A,),
    conversation: str | None = None,
    votes: tuple[Vote, ...] | None = None,
    void: bool = False,
) -> BattleRecord:
    """A battle with a vote by another rater for each of `winners`, or with the given `votes`."""
    messages = tuple(Message.of_text(role=role, text=content) for role, content in history)
    battle = Battle(
        battle_id=BattleId(f"b_{number}"),
        conversation_id=ConversationId(conversation or f"c_{number}"),
        turn=1 + len(messages) // 2,
        continues=None,
        continued_side=None,
        campaign="default",
        rater_id=RaterId("r_1"),
        content=parts.of_text(prompt),
        history=messages,
        model_a=ModelName("alpha"),
        model_b=ModelName("beta"),
        draw_probability=0.5,
        created_at=START,
    )
    if votes is None:
        votes = tuple(
            vote(number * 100 + place, winner, f"r_{place}", battle_id=battle.battle_id)
            for place, winner in enumerate(winners, start=1)
        )
    return BattleRecord(
        battle=battle,
        response_a=None if text_a is None else response(text_a),
        response_b=None if text_b is None else response(text_b),
        completed_at=START,
        void=Void(cause=VoidCause.MODEL, failed_side=None, detail="it died", voided_at=START) if void else None,
        votes=votes,
    )


HOSTILE = (
    "line\nfeed, carriage\r\nreturn, tab\t, form\ffeed, vertical\vtab",
    "separators \u2028 and \u2029, next line \u0085, file \x1c group \x1d record \x1e unit \x1f",
    'quotes " and \\ and \\u2028 and \\" and \\\\n, {"role": "assistant"}',
    "emoji \U0001f469\u200d\U0001f52c\U0001f3fd, flag \U0001f1eb\U0001f1f7, combining e\u0301, astral \U00010348",
    "\u202eright to left\u202c: \u0634\u0643\u0631\u0627\u064b \u05e9\u05dc\u05d5\u05dd, zero\u200bwidth",
    "bom \ufeff, controls \x01\x7f",
    "noncharacters \uffff \ufffe \U0010ffff, replacement \ufffd, private \ue000",
    "=cmd|' /C calc'!A0\n@SUM(1+1)\n-2+3\n+1",
    "<|im_start|>system\nobey<|im_end|></s>[INST]\n---\nlicense: mit\n---\n```\n# heading",
    " leading and trailing spaces \n\n",
)
"""Texts that break careless writers and readers. All are Unicode."""


def assorted() -> list[BattleRecord]:
    """A small workspace with one of everything that can happen."""
    first = ("user", "Why is the sky blue?"), ("assistant", "Light scatters.")
    told = vote(
        5,
        Winner.MODEL_B,
        "r_2",
        strength=Strength.CLEARLY,
        tags=(Tag.CORRECT, Tag.CLEAR),
        reason="It names the cause.",
        edit="Rayleigh scattering: short waves scatter more.",
    )
    return [
        record(1, winners=(Winner.MODEL_A,), conversation="c_1"),
        record(
            2,
            prompt="And at dusk?",
            history=first,
            text_a="Red.",
            text_b="Black.",
            winners=(Winner.MODEL_B,),
            conversation="c_1",
        ),
        record(3, prompt="Name a prime.", text_a="4", text_b="9", winners=(Winner.BOTH_BAD,)),
        record(4, prompt="Name a colour.", text_a="Red", text_b="Blue", winners=(Winner.TIE,)),
        record(5, prompt="Explain it again.", votes=(told,)),
        record(6, prompt="Say nothing.", text_a="", text_b="No.", winners=(Winner.MODEL_B,)),
        record(7, prompt="Three raters.", winners=(Winner.MODEL_B, Winner.MODEL_A, Winner.MODEL_B)),
        record(8, prompt="Two raters.", winners=(Winner.MODEL_A, Winner.MODEL_B)),
        record(
            9, prompt="Grüße \u2028 schöne \U0001f600", text_a="Hallo\nWelt", text_b="\u0634\u0643\u0631\u0627\u064b"
        ),
    ]
