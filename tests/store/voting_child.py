"""A process that opens a workspace and votes from several threads until it is killed or told to stop.

    voting_child.py DATABASE LOG CLIENTS [VOTES] [--early] [--unsynced]

Each client writes to LOG what it is about to send (`try`) and what it was told (`done`), each line by one write.
What an earlier process tried and was never told, it sends again with the same key, as a browser would.
`--early` tells before the commit and `--unsynced` leaves out the sync: the controls, which the tests must catch.
"""

import os
import random
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from arena import errors
from arena.domain import ids, parts
from arena.domain.battle import Battle, Response
from arena.domain.ids import BattleId, ConversationId, ModelName, RaterId, VoteId
from arena.domain.vote import Vote, Winner
from arena.store import battles, database
from arena.store.workspace import Workspace
from arena.store.writing import commands


def main() -> None:
    options = [one for one in sys.argv[1:] if not one.startswith("--")]
    path, log, clients = Path(options[0]), Path(options[1]), int(options[2])
    votes = int(options[3]) if len(options) > 3 else None
    early = "--early" in sys.argv
    if "--unsynced" in sys.argv:
        database.CONFIGURATION["fsync_mode"] = "NONE"
    pending = untold(log.read_text()) if log.exists() else {}
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        with Workspace.open(path) as workspace:
            os.write(descriptor, b"ready\n")
            threads = [
                threading.Thread(target=client, args=(workspace, descriptor, number, pending, votes, early))
                for number in range(clients)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if workspace.stopped is not None:
                raise workspace.stopped
    except errors.StoreError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)


def untold(text: str) -> dict[str, tuple[str, str]]:
    """By rater: battle and key of what was tried and never told."""
    pending = {}
    for line in text.splitlines():
        match line.split():
            case ["try", rater, battle_id, key]:
                pending[rater] = (battle_id, key)
            case ["done", rater, *_]:
                pending.pop(rater, None)
    return pending


def client(
    workspace: Workspace,
    descriptor: int,
    number: int,
    pending: dict[str, tuple[str, str]],
    votes: int | None,
    early: bool,
) -> None:
    rater = RaterId(f"r_{number}")
    chance = random.Random()
    try:
        if rater in pending:
            battle_id, key = pending[rater]
            send(workspace, descriptor, rater, BattleId(battle_id), key, chance, early)
        count = 0
        while votes is None or count < votes:
            battle_id = prepare(workspace, rater, chance)
            key = f"{chance.getrandbits(64):016x}"
            os.write(descriptor, f"try {rater} {battle_id} {key}\n".encode())
            send(workspace, descriptor, rater, battle_id, key, chance, early)
            count += 1
    except errors.StoreError:
        return  # main tells it


def prepare(workspace: Workspace, rater: RaterId, chance: random.Random) -> BattleId:
    """A battle ready for its vote."""
    now = datetime.now(UTC)
    battle = Battle(
        battle_id=BattleId(ids.mint("b", now, chance)),
        conversation_id=ConversationId(ids.mint("c", now, chance)),
        turn=1,
        continues=None,
        continued_side=None,
        campaign="open",
        rater_id=rater,
        content=parts.of_text("Which is heavier? " * 10),
        history=(),
        model_a=ModelName("left-model"),
        model_b=ModelName("right-model"),
        draw_probability=1.0,
        created_at=now,
    )
    answer = Response(
        text="They weigh the same. " * 20,
        finish_reason="stop",
        prompt_tokens=40,
        completion_tokens=100,
        first_token_seconds=0.2,
        total_seconds=1.5,
    )
    workspace.submit(commands.OpenBattle(battle=battle))
    workspace.submit(
        commands.CompleteBattle(
            battle_id=battle.battle_id, response_a=answer, response_b=answer, completed_at=datetime.now(UTC)
        )
    ).result()
    return battle.battle_id


def send(
    workspace: Workspace,
    descriptor: int,
    rater: RaterId,
    battle_id: BattleId,
    key: str,
    chance: random.Random,
    early: bool,
) -> None:
    """Vote, and log what was told."""
    with workspace.reading() as connection:
        record = battles.load(connection, battle_id)
    assert record is not None, f"{battle_id} was complete before the crash and is gone"
    vote = Vote(
        vote_id=VoteId(ids.mint("v", datetime.now(UTC), chance)),
        battle_id=battle_id,
        rater_id=rater,
        winner=chance.choice(list(Winner)),
        cast_at=datetime.now(UTC),
        idempotency_key=key,
        request_sha256=f"{battle_id} and a body",
    )
    if early:
        os.write(descriptor, f"done {rater} {battle_id} {key} {vote.vote_id}\n".encode())
        time.sleep(0)
        workspace.submit(commands.CastVote(vote=vote, record=record)).result()
    else:
        told = workspace.submit(commands.CastVote(vote=vote, record=record)).result()
        os.write(descriptor, f"done {rater} {battle_id} {key} {told.vote.vote_id}\n".encode())


if __name__ == "__main__":
    main()
