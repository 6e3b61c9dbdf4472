"""Made-up nouns for tests of the store."""

import itertools
import random
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from arena.domain import campaign_change as campaign_keys
from arena.domain import holding_policy, ids, parts
from arena.domain.appeal import Appeal
from arena.domain.battle import Battle, BattleRecord, Message, Response, Side, Void, VoidCause
from arena.domain.campaign import Campaign, CampaignState
from arena.domain.campaign_change import CampaignChange
from arena.domain.finding import PolicyUse, RecordedFinding, SpeakingVotes
from arena.domain.ids import BattleId, ConversationId, ModelName, RaterId, VoteId
from arena.domain.model import Model, Sampling
from arena.domain.model_state import ModelChange, ModelState
from arena.domain.prompt_set import StoredAnswer, StoredPrompt
from arena.domain.removal import hashed
from arena.domain.standing import Standing, StandingDecision
from arena.domain.trial import Trial, TrialAnswer
from arena.domain.vote import Strength, Tag, Vote, Winner
from arena.store import battles
from arena.store.workspace import Workspace
from arena.store.writing import commands

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
CHANCE = random.Random(20260304)
COUNT = itertools.count(1)


def model(name: str = "smol-terse", **changes: Any) -> Model:
    return replace(
        Model(
            name=ModelName(name),
            endpoint="http://127.0.0.1:8000/v1",
            served_name="smollm2",
            system_prompt="Be brief.",
            sampling=Sampling(max_tokens=64, temperature=0.3),
        ),
        **changes,
    )


def model_change(name: str = "smol-terse", **changes: Any) -> ModelChange:
    return replace(
        ModelChange(
            change_id=ids.mint("mc", NOW, CHANCE),
            model=ModelName(name),
            fingerprint=model(name).fingerprint(),
            added=False,
            state=ModelState.PAUSED,
            reason="It rests.",
            changed_by="t_lab",
            changed_at=NOW,
        ),
        **changes,
    )


def trial(trial_id: str, **changes: Any) -> Trial:
    answer = TrialAnswer(model=ModelName("smol-terse"), text="Rivers bend.", problem=None, finish_reason="stop")
    failed = TrialAnswer(model=ModelName("smol-long"), text=None, problem="It did not answer.")
    return replace(
        Trial(
            trial_id=trial_id,
            rater_id=RaterId("r_asker"),
            continues=None,
            prompt="Why do rivers bend?",
            asked_at=NOW,
            answers=(answer, failed),
        ),
        **changes,
    )


def campaign_change(
    state: CampaignState = CampaignState.DRAFT, version: int = 1, name: str = "writing", **keys: Any
) -> CampaignChange:
    return CampaignChange(
        change_id=ids.mint("cc", NOW, CHANCE),
        name=name,
        version=version,
        state=state,
        keys=campaign_keys.spelt(Campaign(name=name, **keys)),
        reason="",
        changed_by="t_lab",
        changed_at=NOW,
    )


def decision(
    rater: str = "r_asker", standing: Standing | None = Standing.SUSPENDED, **changes: Any
) -> StandingDecision:
    return replace(
        StandingDecision(
            decision_id=ids.mint("sd", NOW, CHANCE),
            rater_id=RaterId(rater),
            field="general",
            standing=standing,
            reason="Too fast to have read.",
            decided_by="t_lab",
            decided_at=NOW,
        ),
        **changes,
    )


def appeal(decision_id: str, rater: str = "r_asker", **changes: Any) -> Appeal:
    return replace(
        Appeal(
            appeal_id=ids.mint("ap", NOW, CHANCE),
            decision_id=decision_id,
            rater_id=RaterId(rater),
            field="general",
            text="I read every answer.",
            asked_at=NOW,
        ),
        **changes,
    )


def finding(raters: int = 1, **changes: Any) -> RecordedFinding:
    return replace(
        RecordedFinding(
            finding_id=ids.mint("f", NOW, CHANCE),
            kind="ring",
            model=None,
            strength=12.5,
            since=NOW,
            votes=30,
            pending=False,
            sentence="They lift one model.",
            raters=tuple(
                SpeakingVotes(
                    rater_id=RaterId(f"r_{number}"),
                    rater_sha256=hashed(RaterId(f"r_{number}")),
                    votes=30,
                    first_at=NOW,
                    last_at=NOW,
                )
                for number in range(raters)
            ),
            policy="1",
            found_at=NOW,
        ),
        **changes,
    )


def policy_use(version: str = "1") -> PolicyUse:
    policy = replace(holding_policy.DEFAULT, version=version)
    return PolicyUse(use_id=ids.mint("po", NOW, CHANCE), policy=policy, used_at=NOW)


def battle(**changes: Any) -> Battle:
    if "prompt" in changes:
        changes["content"] = parts.of_text(changes.pop("prompt"))
    return replace(
        Battle(
            battle_id=BattleId(ids.mint("b", NOW, CHANCE)),
            conversation_id=ConversationId(ids.mint("c", NOW, CHANCE)),
            turn=2,
            continues=BattleId("b_00000000000000000000000000"),
            continued_side=Side.B,
            campaign="open",
            rater_id=RaterId("r_asker"),
            content=parts.of_text("Wie heißt\tdas\r\n\N{GRINNING FACE} 'wirklich'?"),
            history=(Message.of_text(role="user", text="Hello"), Message.of_text(role="assistant", text="Hi.")),
            model_a=ModelName("smol-terse"),
            model_b=ModelName("smol-plain"),
            draw_probability=1 / 3,
            created_at=NOW,
        ),
        **changes,
    )


def response(text: str = "An answer.", **changes: Any) -> Response:
    return replace(
        Response(
            text=text,
            finish_reason="stop",
            prompt_tokens=12,
            completion_tokens=None,
            first_token_seconds=0.1,
            total_seconds=1 / 7,
        ),
        **changes,
    )


def stored_prompt(prompt_id: str, text: str = "Why?", **changes: Any) -> StoredPrompt:
    asked = (Message.of_text(role="user", text=text),)
    return replace(
        StoredPrompt(prompt_id=prompt_id, messages=asked, language="en", digest=f"digest of {text}"), **changes
    )


def stored_answer(prompt_id: str, model: str = "one", text: str = "Because.", **changes: Any) -> StoredAnswer:
    return replace(StoredAnswer(prompt_id=prompt_id, model=ModelName(model), sample=0, text=text), **changes)


def void(**changes: Any) -> Void:
    return replace(Void(cause=VoidCause.MODEL, failed_side=Side.A, detail="smol-terse hung", voided_at=NOW), **changes)


def vote(battle_id: BattleId, rater: str = "r_asker", **changes: Any) -> Vote:
    number = next(COUNT)
    return replace(
        Vote(
            vote_id=VoteId(ids.mint("v", NOW, CHANCE)),
            battle_id=battle_id,
            rater_id=RaterId(rater),
            winner=Winner.MODEL_A,
            strength=Strength.CLEARLY,
            tags=(Tag.CORRECT, Tag.CLEAR),
            reason="It answers.",
            edit="A better answer.",
            reading_seconds=2.5,
            cast_at=NOW + timedelta(seconds=number),
            idempotency_key=f"key-{number}",
            request_sha256=f"{number:064x}",
        ),
        **changes,
    )


def opened(workspace: Workspace, **changes: Any) -> BattleRecord:
    """A battle that is being written, stored and read back."""
    made = battle(**changes)
    workspace.submit(commands.OpenBattle(battle=made)).result()
    return loaded(workspace, made.battle_id)


def completed(workspace: Workspace, **changes: Any) -> BattleRecord:
    """A battle ready for votes, stored and read back."""
    made = battle(**changes)
    workspace.submit(commands.OpenBattle(battle=made))
    workspace.submit(completing(made.battle_id)).result()
    return loaded(workspace, made.battle_id)


def completing(battle_id: BattleId) -> commands.CompleteBattle:
    return commands.CompleteBattle(
        battle_id=battle_id, response_a=response("Left."), response_b=response("Right."), completed_at=NOW
    )


def loaded(workspace: Workspace, battle_id: BattleId) -> BattleRecord:
    with workspace.reading() as connection:
        record = battles.load(connection, battle_id)
    assert record is not None
    return record


def cast(workspace: Workspace, rater: str = "r_asker", **changes: Any) -> commands.CastResult:
    """A vote on a battle of its own."""
    record = completed(workspace)
    return workspace.submit(
        commands.CastVote(vote=vote(record.battle.battle_id, rater, **changes), record=record)
    ).result()


class holding:  # noqa: N801 - reads as a verb
    """Hold the writer, so that what is submitted inside the block makes one batch."""

    def __init__(self, workspace: Workspace) -> None:
        self._writer = workspace._writer

    def __enter__(self) -> None:
        self._next = self._writer._next
        self._gate = threading.Event()
        entered = threading.Event()

        def held_next() -> object:
            entered.set()
            self._gate.wait(30)
            self._writer._next = self._next  # type: ignore[method-assign]
            return self._next()

        self._writer._next = held_next  # type: ignore[method-assign, assignment]
        # Let the writer come round to the gate: one empty wake-up.
        with self._writer._changed:
            self._writer._changed.notify()
        assert entered.wait(10)

    def __exit__(self, *_: object) -> None:
        self._gate.set()
