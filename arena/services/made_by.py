"""What somebody made that would let others in, and that ends with them: tokens and invitations of one workspace.

Who is no admin any more has not to come back by a token they kept, nor by a link they can send to themselves.
"""

from datetime import datetime

from arena.services.auditing import Auditing
from arena.store.instance import Instance


def end(instance: Instance, workspace: str, maker: str, now: datetime) -> None:
    """End every token and invitation that `maker`, the id of an account or of a token, made; and what was made with
    those tokens in turn."""
    auditing = Auditing(instance)
    with instance.transaction():
        makers = [maker]
        while makers:
            maker = makers.pop()
            for token in instance.tokens_made_by(workspace, maker):
                if token.revoked_at is None:
                    instance.revoke(token.token_id, now)
                    auditing.add(
                        workspace, maker, "revoked token", token.token_id, now, "", "its maker has no right to it"
                    )
                    makers.append(token.token_id)
            for one in instance.invitations.of(workspace):
                if one.made_by == maker and now < one.ends_at and one.used < one.uses:
                    instance.invitations.end(one, now)
                    auditing.add(
                        workspace, maker, "ended invitation", one.invitation_id, now, "", "its maker has no right to it"
                    )
