"""Whom a name stands for: an account with all that its browsers rated as, or a rater without an account."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from arena.domain import account as accounts
from arena.domain.account import INVITED
from arena.domain.ids import AccountId, RaterId
from arena.domain.principal import Principal
from arena.domain.removal import hashed
from arena.errors import NotFound
from arena.services import acting_for
from arena.services.open_workspace import OpenWorkspace
from arena.store import rater_facts
from arena.store.connections import Connection
from arena.store.instance import Instance


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingPerson:
    """Somebody who rates."""

    name: str
    """As answers show them."""
    raters: tuple[RaterId, ...]
    """Every stored id of theirs, the one that the name is made of first."""


class PeopleNamed:
    """The people of one workspace, by the names that answers show."""

    def __init__(self, here: OpenWorkspace, instance: Instance) -> None:
        self._here = here
        self._instance = instance
        self._accounts = instance.accounts

    def find(self, connection: Connection, name: str) -> RatingPerson:
        """Who has a name, or had it before they signed in. Raises `NotFound`."""
        pseudonyms = self._here.pseudonyms
        member = self._accounts.member_of(self._here.name, lambda rater_id: pseudonyms.name(rater_id) == name)
        if member is not None:
            return self._person(tuple(reversed(member.raters)))
        for rater_id in rater_facts.every(connection):
            if pseudonyms.name(rater_id) == name:
                return self._person((rater_id,))
        raise NotFound(f"There is no rater {name} here; GET /api/v1/raters lists them.")

    def by_email(self, email: str) -> RatingPerson:
        """Who has an account with an e-mail and is in this workspace, whether or not they ever rated. Raises
        `NotFound`."""
        account = self._accounts.find(accounts.spelled_email(email))
        member = None if account is None else self._accounts.member(account.account_id, self._here.name)
        if member is None:
            raise NotFound(f"Nobody with the e-mail {email} is in this workspace; GET /api/v1/accounts lists who is.")
        return self._person(tuple(reversed(member.raters)))

    def invited(self, invitation_id: str, now: datetime) -> RatingPerson:
        """Whoever will follow an invitation to this workspace: decided on under its id, until they are here. Raises
        `NotFound` for one that nobody can use any more."""
        for one in self._instance.invitations.of(self._here.name):
            if one.invitation_id == invitation_id and one.used < one.uses and now < one.ends_at:
                return RatingPerson(name=invitation_id, raters=(RaterId(invitation_id),))
        raise NotFound(f"There is no invitation {invitation_id} that can be used; GET /api/v1/invitations lists them.")

    def every(self, connection: Connection) -> list[RatingPerson]:
        """Everybody who rated, or was decided on and is here, by name."""
        members = {
            rater_id: tuple(reversed(member.raters))
            for member in self._accounts.members_of(self._here.name)
            for rater_id in member.raters
        }
        rated = (one for one in rater_facts.every(connection) if not one.startswith(INVITED))
        found = {members.get(rater_id, (rater_id,)) for rater_id in rated}
        return sorted(map(self._person, found), key=lambda one: one.name)

    def names_among(self, connection: Connection, raters: Collection[RaterId]) -> dict[RaterId, str]:
        """The names of those of these raters who are somebody of `every`."""
        people = {rater_id: self.of(rater_id) for rater_id in raters if rater_id and not rater_id.startswith(INVITED)}
        if not people:
            return {}
        known = set(rater_facts.among(connection, sorted({one for person in people.values() for one in person.raters})))
        return {rater_id: one.name for rater_id, one in people.items() if not known.isdisjoint(one.raters)}

    def of(self, rater_id: RaterId) -> RatingPerson:
        """Whose a stored id is."""
        member = self._accounts.member_of(self._here.name, lambda one: one == rater_id)
        return self._person((rater_id,) if member is None else tuple(reversed(member.raters)))

    def called(self, principal: Principal) -> str:
        """What answers call who acts: a rater's name, or the id of a token."""
        return self._here.pseudonyms.name(principal.rater_id) if principal.is_rater else principal.id

    def names(self, principal: Principal) -> Iterable[str]:
        """Everything that answers may have called them: their tokens, too, and of a token whoever made it."""
        yield self.called(principal)
        yield from map(self._here.pseudonyms.name, self.raters(principal))
        yield from acting_for.actor(self._instance, principal).tokens

    def are_one(self, first: str, second: str) -> bool:
        """Whether two names of `called` are the same person's: of one account, or of a token and what it made. Two
        tokens that no account made are two people's."""
        (behind_first, account), (behind_second, other) = self._behind(first), self._behind(second)
        return first in behind_second or second in behind_first or (account is not None and account == other)

    def raters(self, principal: Principal) -> tuple[RaterId, ...]:
        """Every stored id under which the person who acts may have rated: those of their account and of every token of
        theirs, which rates under its own id."""
        behind = acting_for.actor(self._instance, principal)
        member = None if behind.account is None else self._accounts.member(behind.account, self._here.name)
        own = (*principal.raters, *(() if member is None else member.raters), *map(RaterId, sorted(behind.tokens)))
        return tuple(dict.fromkeys(own))

    def digests(self, principal: Principal) -> frozenset[str]:
        """SHA-256 of each of those ids, and of those that the person had here and erased."""
        account = acting_for.actor(self._instance, principal).account
        member = None if account is None else self._accounts.member(account, self._here.name)
        return frozenset((*map(hashed, self.raters(principal)), *(() if member is None else member.former)))

    def _behind(self, name: str) -> tuple[list[str], AccountId | None]:
        """A name with the tokens that made it, one by the other, and the account behind it, if there is one."""
        found, token = [name], self._instance.token(name)
        if token is None:
            member = self._accounts.member_of(self._here.name, lambda one: self._here.pseudonyms.name(one) == name)
            return found, None if member is None else member.account_id
        while (maker := self._instance.token(token.made_by or "")) is not None:
            token = maker
            found.append(token.token_id)
        account = self._accounts.open(token.made_by or "")
        return found, None if account is None else account.account_id

    def _person(self, raters: tuple[RaterId, ...]) -> RatingPerson:
        return RatingPerson(name=self._here.pseudonyms.name(raters[0]), raters=raters)
