"""What somebody made that would let others in or tell them of the workspace, and that ends with their role: tokens,
invitations and webhooks of one workspace.

Who is no admin any more has not to come back by a token they kept, nor by a link they can send to themselves; and who
may run no campaigns there is not told of them.
"""

from datetime import datetime

from arena.services.auditing import Auditing
from arena.store.instance import Instance

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


def _end_webhooks(instance: Instance, workspace: str, maker: str, now: datetime) -> None:
    """Tell the addresses that a maker named nothing any more; whoever delivers looks which there are."""
    for one in instance.webhooks.of(workspace):
        if one.made_by == maker:
            instance.webhooks.remove(one.webhook_id)
            Auditing(instance).add(workspace, maker, "deleted webhook", one.webhook_id, now, "", WHY)
