"""What a token for one campaign may ask: its campaign and what is made of it alone. All else is refused at the gate.

A new route is closed to such tokens until it stands here, and what stands here looks at the campaign itself.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from arena.domain.cut import Cut
from arena.domain.principal import Principal
from arena.errors import Forbidden

OPEN: Final = re.compile(
    r"GET /api/v1/me|GET /api/v1/campaigns/(?P<campaign>[^/]+)|GET /api/v1/leaderboards/[^/]+"
    r"|POST /api/v1/selections/preview|POST /api/v1/exports|GET /api/v1/exports"
    r"|GET /api/v1/exports/[^/]+(/archive|/files/.+)?|DELETE /api/v1/exports/[^/]+"
)


def refuse_other(principal: Principal, method: str, path: str) -> None:
    """Raise `Forbidden` where a token for one campaign asks for anything else."""
    if principal.campaign is None:
        return
    found = OPEN.fullmatch(f"{method} {path}")
    if found is None or found["campaign"] not in (None, principal.campaign):
        raise Forbidden(f"This token is for campaign {principal.campaign} alone.")


def within(principal: Principal, select: Mapping[str, Any]) -> Mapping[str, Any]:
    """A selection as this principal may ask it: of their one campaign, where their token is for one."""
    if principal.campaign is None:
        return select
    if select.get("campaigns", [principal.campaign]) != [principal.campaign]:
        raise Forbidden(f"This token is for campaign {principal.campaign} alone; leave `campaigns` out.")
    return {**select, "campaigns": [principal.campaign]}


def within_cut(principal: Principal, cut: Cut) -> Cut:
    """The part of the votes whose board this principal may ask: their one campaign, where their token is for one."""
    if principal.campaign is None:
        return cut
    if cut.campaign not in (None, principal.campaign):
        raise Forbidden(f"This token is for campaign {principal.campaign} alone; leave `campaign` out.")
    return replace(cut, campaign=principal.campaign)


def may_know(principal: Principal, selection: Mapping[str, Any]) -> bool:
    """Whether what was made of a selection is theirs to see."""
    return principal.campaign is None or selection.get("campaigns") == [principal.campaign]
