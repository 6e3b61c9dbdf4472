"""What somebody made that would let others in or tell them of the workspace, and that ends with their role: tokens,
invitations and webhooks of one workspace.

Who is no admin any more has not to come back by a token they kept, nor by a link they can send to themselves; and who
may run no campaigns there is not told of them.
"""

from datetime import datetime

from arena.domain.permission import PERMISSIONS, Permission
from arena.services.auditing import Auditing
from arena.store.instance import Instance
from arena.store.webhooks import Webhook

WHY = "its maker has no right to it"


def end(instance: Instance, workspace: str, maker: str, now: datetime, *, conducts: bool = False) -> None:
    """End every token, invitation and webhook that `maker`, the id of an account or of a token, made, and what was made
    with those tokens in turn. Whoever still `conducts` campaigns keeps the webhooks they made themselves."""
    with instance.transaction():
        makers = [maker]
        if not conducts:
            _end_webhooks(instance, workspace, maker, now)
        while makers:
            maker = makers.pop()
            for token in instance.tokens_made_by(workspace, maker):
                if token.revoked_at is None:
                    instance.revoke(token.token_id, now)
                    Auditing(instance).add(workspace, maker, "revoked token", token.token_id, now, "", WHY)
                    _end_webhooks(instance, workspace, token.token_id, now)
                    makers.append(token.token_id)
            for one in instance.invitations.of(workspace):
                if one.made_by == maker and now < one.ends_at and one.used < one.uses:
                    instance.invitations.end(one, now)
                    Auditing(instance).add(workspace, maker, "ended invitation", one.invitation_id, now, "", WHY)


def end_left_webhooks(instance: Instance, workspace: str, now: datetime) -> None:
    """End the webhooks whose maker may conduct no campaigns: an earlier arena let them stay when that ended. Looks
    twice, because only in the transaction are webhooks and roles of one moment."""
    if _left_webhooks(instance, workspace):
        with instance.transaction():
            for one in _left_webhooks(instance, workspace):
                _end_webhook(instance, one, now)


def _left_webhooks(instance: Instance, workspace: str) -> list[Webhook]:
    return [one for one in instance.webhooks.of(workspace) if not _conducts(instance, workspace, one.made_by)]


def _conducts(instance: Instance, workspace: str, maker: str) -> bool:
    """Whether somebody, by the id of their account or token, may conduct campaigns of a workspace."""
    token = instance.token(maker)
    if token is not None:
        return (
            token.revoked_at is None and token.workspace == workspace and Permission.CONDUCT in PERMISSIONS[token.role]
        )
    account = instance.accounts.open(maker)
    member = None if account is None or not account.usable else instance.accounts.member(account.account_id, workspace)
    return member is not None and Permission.CONDUCT in PERMISSIONS[member.role]


def _end_webhooks(instance: Instance, workspace: str, maker: str, now: datetime) -> None:
    for one in instance.webhooks.of(workspace):
        if one.made_by == maker:
            _end_webhook(instance, one, now)


def _end_webhook(instance: Instance, webhook: Webhook, now: datetime) -> None:
    """Tell the address nothing any more; whoever delivers looks which there are."""
    instance.webhooks.remove(webhook.webhook_id)
    Auditing(instance).add(webhook.workspace, webhook.made_by, "deleted webhook", webhook.webhook_id, now, "", WHY)
