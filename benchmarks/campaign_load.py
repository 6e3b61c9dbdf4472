"""Signed-in raters who fetch tasks, read for a while and vote; and votes beside those at an older arena.

    python benchmarks/campaign_load.py [--raters 200] [--seconds 60] [--reading 10] [--beside CHECKOUT]

`arena serve` runs as a process of its own; the raters are threads of this one, each with a kept connection and an
account. With `--beside`, a checkout of an older commit (6d1c148 is what the figure in the docs stands beside): one
folder is filled by it, and each arena takes the votes of the same raters on battles that wait for them, in turns.
Arena and raters share the machine, so the ratio says more than the rates.
"""

import argparse
import functools
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import served
from served import Client

from arena.services import paths
from arena.store.workspace import Workspace

PASSWORD = "four quiet herons wade"  # noqa: S105 - of accounts that live for a minute
ITEMS = 4_000
SET = "questions"
MODELS = ("model-00", "model-01")
ALONE = 60
"""Raters who take a task and vote one by one."""
READY = 2_000
"""Battles that wait, beside an older arena: as many for each rater."""
ROUNDS = 2
CONFIG = """
port = 0
data_dir = "{folder}"
"""
LIMITS = "[limits]\nraters_per_minute = 100000\nrequests_per_address = 2000\n"
TASKS = '[campaign]\nkind = "tasks"\nanswers = "stored"\nprompt_set = "questions"\noverlap = 3\n'

OLD = """
import random, sys
from datetime import UTC, datetime
from pathlib import Path
from arena.services import identity
from arena.services.identity import Identity
from arena.store import database, migrations
from arena.store.instance import Instance

folder, raters, each = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
now = datetime(2026, 1, 1, tzinfo=UTC)
with Instance.open(folder / "instance.duckdb") as instance:
    known = Identity(instance, identity.signing_secret(folder), "default", random.SystemRandom())
    tokens = [known.new_rater(datetime.now(UTC)).token for _ in range(raters)]
    ids = [known.rater(token).id for token in tokens]
path = folder / "workspaces" / "default.duckdb"
path.parent.mkdir()
with database.connect(path) as connection:
    migrations.migrate(connection, migrations.known("workspace"), path)
    given = "SELECT unnest(?) AS rater_id, unnest(range(?)) AS place"
    connection.execute("CREATE TEMP TABLE raters AS " + given, [ids, raters])
    connection.execute(sys.stdin.read(), {"each": each})
    connection.execute(
        "INSERT INTO responses SELECT battle_id, side, repeat('An answer of some words. ', 20), 'stop', 9, 9, 0.1, "
        "1.0, created_at FROM battles, (VALUES ('a'), ('b')) AS sides(side) ORDER BY ordinal, side"
    )
print(chr(10).join(tokens))
"""
BATTLES = """
INSERT INTO battles (ordinal, battle_id, conversation_id, turn, campaign, rater_id, prompt, history, model_a, model_b,
    draw_probability, created_at)
SELECT number + 1, 'b_01KEXAMPXE' || lpad(number::VARCHAR, 16, '0'), 'c_01KEXAMPXE' || lpad(number::VARCHAR, 16, '0'),
    1, 'default', rater_id, 'What of the river?', [], 'model-00', 'model-01', 1.0, TIMESTAMP '2026-01-01'
FROM (SELECT rater_id, place * $each + unnest(range($each)) AS number FROM raters)
"""


def battle_id(number: int) -> str:
    return f"b_01KEXAMPXE{number:016}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raters", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--reading", type=float, default=10, help="seconds that a rater reads, on average")
    parser.add_argument("--beside", type=Path, default=None, help="a checkout of an older commit")
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {options.raters} raters")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        tasks(Path(folder), options.raters, options.seconds, options.reading)
    if options.beside is not None:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            beside(Path(folder), options.raters, options.beside.resolve())
    print(f"load at the end {os.getloadavg()[0]:.1f}")


def tasks(folder: Path, raters: int, seconds: float, reading: float) -> None:
    """Fetch a task, read it, vote on it, and again."""
    fill(folder)
    config = written(folder, TASKS + LIMITS)
    with served.arena(config) as (pid, url):
        tokens = accounts(url, (folder / "admin-token").read_text().strip(), raters)
        took: dict[str, list[float]] = {"a task": [], "a vote": []}
        end = time.monotonic() + seconds
        spent = served.spent(pid)

        def work(client: Client, number: int) -> None:
            chance = random.Random(number)
            time.sleep(chance.uniform(0, reading))
            while time.monotonic() < end:
                begun = time.perf_counter()
                given = client.ask("POST", "/api/v1/campaigns/default/tasks")["battle_id"]
                took["a task"].append(time.perf_counter() - begun)
                client.let_go()
                time.sleep(chance.uniform(0, 2 * reading))
                then = time.perf_counter()
                client.vote(given)
                took["a vote"].append(time.perf_counter() - then)

        elapsed = all_at_once(url, tokens, work)
        votes = len(took["a vote"])
        print(f"{votes:,} tasks voted on in {elapsed:.1f} s: {votes / elapsed:,.0f} votes/s,", end=" ")
        print(f"{(served.spent(pid) - spent) * 1000 / votes:.1f} ms CPU each")
        for name, times in took.items():
            middle, high, worst = np.percentile(np.array(times) * 1000, [50, 95, 100])
            print(f"  {name}: median {middle:.0f} ms, p95 {high:.0f} ms, slowest {worst:.0f} ms")
        one_by_one(pid, url, tokens[:ALONE])


def one_by_one(pid: int, url: str, tokens: Sequence[str]) -> None:
    """CPU of a task and of a vote, with nobody else there."""
    cost = {"a task": 0.0, "a vote": 0.0}
    for token in tokens:
        client = Client(url, token)
        before = served.spent(pid)
        given = client.ask("POST", "/api/v1/campaigns/default/tasks")["battle_id"]
        between = served.spent(pid)
        client.vote(given)
        cost["a task"] += between - before
        cost["a vote"] += served.spent(pid) - between
    told = ", ".join(f"{name} {seconds * 1000 / len(tokens):.1f} ms" for name, seconds in cost.items())
    print(f"  one by one: {told} CPU")


def beside(folder: Path, raters: int, checkout: Path) -> None:
    """Votes on battles that wait, at this arena and at the older one, in turns."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    made, each = folder / "made", max(1, READY // raters)
    made.mkdir()
    command = [sys.executable, "-c", OLD, str(made), str(raters), str(each)]
    tokens = subprocess.run(
        command, input=BATTLES, env=environment, cwd=checkout, check=True, capture_output=True, text=True
    ).stdout.split()
    rates: dict[str, list[float]] = {"older": [], "this": []}
    models = "".join(
        f'[[models]]\nname="{one}"\nendpoint="http://127.0.0.1:9/v1"\nserved_name="{one}"\n' for one in MODELS
    )
    for at in range(ROUNDS):
        for name, found in rates.items():
            copy = Path(shutil.copytree(made, folder / f"{name}-{at}"))
            older = name == "older"
            with serving(
                written(copy, models + ("" if older else LIMITS)), environment if older else None, checkout
            ) as url:
                found.append(raters * each / all_at_once(url, tokens, functools.partial(vote_on_all, each)))
    for name, found in rates.items():
        print(f"votes at the {name} arena: {', '.join(f'{rate:,.0f}' for rate in found)} a second")
    print(f"  this to the older one: {max(rates['this']) / max(rates['older']):.2f}")


def vote_on_all(each: int, client: Client, rater: int) -> None:
    for number in range(rater * each, (rater + 1) * each):
        client.vote(battle_id(number))


@contextmanager
def serving(config: Path, environment: dict[str, str] | None, checkout: Path) -> Iterator[str]:
    """This arena, or the one of the checkout where there is an environment for it."""
    if environment is None:
        with served.arena(config) as (_, url):
            yield url
        return
    program = "from arena.cli import main; main()"
    command = [sys.executable, "-c", program, "serve", "--config", str(config)]
    with subprocess.Popen(command, env=environment, cwd=checkout, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield served.address(process)
        finally:
            process.terminate()
            process.wait()


def all_at_once(url: str, tokens: Sequence[str], work: Callable[[Client, int], None]) -> float:
    """Seconds until every rater's work is done."""
    failed: list[BaseException] = []

    def one(number: int, token: str) -> None:
        try:
            work(Client(url, token), number)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=one, args=(number, token)) for number, token in enumerate(tokens)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return time.perf_counter() - begun


def accounts(url: str, admin_token: str, count: int) -> list[str]:
    """Accounts made by an invitation; the tokens of their sessions."""
    admin = Client(url, admin_token)
    path = admin.ask("POST", "/api/v1/invitations", {"role": "rater", "uses": count})["token"]
    joined = []
    for number in range(count):
        body = {"email": f"rater{number}@example.org", "password": PASSWORD}
        joined.append(Client(url, "").ask("POST", f"/api/v1/invitations/{path}/accept", body)["token"])
    return joined


def fill(folder: Path) -> None:
    """A workspace with items enough for everybody."""
    from tests.services import tasking  # noqa: PLC0415

    with Workspace.open(paths.workspace_path(folder, "default")) as store:
        tasking.fill(store, ITEMS)


def written(folder: Path, more: str) -> Path:
    config = folder / "benchmark.toml"
    config.write_text(CONFIG.format(folder=folder) + more)
    return config


if __name__ == "__main__":
    main()
