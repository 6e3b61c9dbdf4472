"""A lab's desk with something on every page: campaigns, votes, a report, an appeal, a trial and a release."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import filled
import served

PROMPTS = (
    "Explain compound interest to a twelve-year-old.",
    "My spreadsheet shows #DIV/0! when a month has no sales yet. What should I type instead?",
    "Write a polite note to a neighbour whose dog barks at night.",
    "Which is heavier, a litre of oil or a litre of water, and why?",
)
RATERS = 4
SECONDS = 60
"""That a battle or a release may take."""


class Person:
    """Somebody with a token of one workspace."""

    def __init__(self, url: str, workspace: str, token: str) -> None:
        self._client = served.Client(url, token)
        self._prefix = f"/w/{workspace}/api/v1"

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        self._client.let_go()  # the arena closes a connection on which nothing was said for a while
        return self._client.ask(method, self._prefix + path, body, **{"Idempotency-Key": filled.key()})

    def waits(self, path: str, *states: str) -> Any:
        """What stands at an address, once its state is one of these."""
        until = time.monotonic() + SECONDS
        while (found := self.ask("GET", path))["state"] not in states:
            if time.monotonic() > until:
                raise AssertionError(f"{path} is {found['state']} after {SECONDS} s.")
            time.sleep(0.2)
        return found


def laid(url: str, workspace: str, token: str, models: Sequence[str]) -> None:
    """Lay the desk of a workspace, where nothing is on it yet; `token` is an admin's."""
    admin = Person(url, workspace, token)
    if len(admin.ask("GET", "/campaigns")["campaigns"]) > 1:
        return
    names = ("first-words", "later")
    for name in names:
        admin.ask("POST", "/campaigns", {"name": name, "models": list(models), "target_votes": 400, "reward": 1})
    admin.ask("PATCH", f"/campaigns/{names[0]}", {"state": "running"})
    people = [Person(url, workspace, admin.ask("POST", "/raters")["token"]) for _ in range(RATERS)]
    battles = [battle for person in people for battle in _voted(person, names[0])]
    report = {"reason": "It names a person who is not a public figure.", "kind": "personal"}
    people[0].ask("POST", f"/battles/{battles[0]}/reports", report)
    decided = {"standing": "probation", "reason": "Three of four votes came within two seconds of the last word."}
    admin.ask("PATCH", f"/raters/{people[1].ask('GET', '/me')['id']}/standing", decided)
    people[1].ask("POST", "/me/appeals", {"text": "I read the answers while they were being written."})
    admin.ask("POST", "/trials", {"prompt": PROMPTS[0], "models": list(models[:2])})
    made = admin.ask("POST", "/exports", {"format": "battles"})
    admin.waits(f"/exports/{made['release_id']}", "done", "failed")
    admin.ask("POST", "/invitations", {"role": "reviewer"})


def _voted(person: Person, campaign: str) -> Iterator[str]:
    for place, prompt in enumerate(PROMPTS):
        battle = person.ask("POST", "/battles", {"prompt": prompt, "campaign": campaign})["battle_id"]
        person.waits(f"/battles/{battle}", "ready")
        winner = ("model_a", "model_b", "tie", "model_a")[place]
        person.ask("POST", f"/battles/{battle}/votes", {"winner": winner, "reason": "It says why."})
        yield battle
