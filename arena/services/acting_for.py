"""Whom a token acts for: an account, where one made it, by itself or by another token.

What a person may not do with their session they may not do with a token of theirs either. Tokens of one token that no
account made are for different people, so they are apart; each is one with what made it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from arena.domain.ids import AccountId
from arena.domain.principal import Principal
from arena.store.instance import Instance


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, whatever they act with."""

    account: AccountId | None
    tokens: frozenset[str]
    """Ids of tokens of this workspace that are theirs."""


def actor(instance: Instance, principal: Principal) -> Actor:
    """Who stands behind a principal."""
    made = {one.token_id: one.made_by for one in instance.tokens() if one.workspace == principal.workspace}
    line = [principal.id] if principal.id in made else []
    while line and (maker := made[line[-1]]) in made:
        line.append(str(maker))
    account = principal.account
    if account is None and line:
        found = instance.accounts.find(made[line[-1]] or "")
        account = None if found is None else found.account_id
    first = line[:1] if account is None else [instance.accounts.get(account).email]
    return Actor(account=account, tokens=frozenset(line) | _made_by(made, first))


def _made_by(made: Mapping[str, str | None], makers: list[str]) -> frozenset[str]:
    """Every token that one of these made, or a token of theirs."""
    found = list(makers)
    for maker in found:
        found += [token_id for token_id, by in made.items() if by == maker]
    return frozenset(found) & made.keys()
