"""Whom a token acts for: an account, where one made it, by itself or by another token.

What a person may not do with their session they may not do with a token of theirs either. Tokens of one token that no
account made are for different people, so they are apart; each is one with what made it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from arena.domain.ids import AccountId
from arena.domain.principal import Principal
from arena.errors import Conflict
from arena.store.instance import Instance
from arena.store.tokens import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, whatever they act with."""

    account: AccountId | None
    tokens: frozenset[str]
    """Ids of tokens of this workspace that are theirs."""


def actor(instance: Instance, principal: Principal) -> Actor:
    """Who stands behind a principal."""
    line = _line(instance, principal)
    account = _account(instance, principal, line)
    makers: list[str] = [one.token_id for one in line[:1]] if account is None else [account]
    found = {one.token_id for one in line}
    for maker in makers:
        made = [one.token_id for one in instance.tokens_made_by(principal.workspace, maker)]
        makers += made
        found.update(made)
    return Actor(account=account, tokens=frozenset(found))


def account(instance: Instance, principal: Principal) -> AccountId | None:
    """The account that stands behind a principal, if one does."""
    return _account(instance, principal, _line(instance, principal))


def refuse_ended(instance: Instance, principal: Principal) -> None:
    """Raise `Conflict` where what somebody acts with was closed or revoked since the request came. To be asked in the
    transaction of the change, as closing and revoking are transactions, too."""
    token = instance.token(principal.id)
    closed = principal.account is not None and not instance.accounts.get(principal.account).usable
    if closed or (token is not None and token.revoked_at is not None):
        raise Conflict("The account or the token that you act with was ended meanwhile. Nothing was changed.")


def _line(instance: Instance, principal: Principal) -> list[Token]:
    """The token of a principal, the one that made it, and so on."""
    found: list[Token] = []
    token = instance.token(principal.id)
    while token is not None and token.workspace == principal.workspace:
        found.append(token)
        token = instance.token(token.made_by or "")
    return found


def _account(instance: Instance, principal: Principal, line: Sequence[Token]) -> AccountId | None:
    if principal.account is not None or not line:
        return principal.account
    found = instance.accounts.open(line[-1].made_by or "")
    return None if found is None else found.account_id
