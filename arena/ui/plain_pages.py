"""The pages without Gradio: one row each, from which routes, navigation, the gate and the walls' matrix are made.

A row's content is `pages/NAME.html` beside this file, unless it names a function; its script is `static/NAME.js`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from arena.domain.permission import PERMISSIONS, Permission
from arena.domain.principal import Role
from arena.ui import battle, door

CONTENTS = Path(__file__).parent / "pages"


class Needs(StrEnum):
    """What a page needs where it needs no permission."""

    NOTHING = "nothing"
    """A door: whoever comes has no identity yet."""
    KNOWN = "to be known"
    """Whoever is known in the workspace, raters without an account, too; what they may read is the API's to say."""
    ACCOUNT = "an account"
    """Somebody who signed in, whatever they are in this workspace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page that is a plain document."""

    name: str
    address: str
    """As a route has it: `/lab/campaigns/{name}`."""
    title: str
    needs: Permission | Needs
    bar: str = ""
    """The entry of the top bar that is marked while this page is open."""
    sub: str = ""
    """Its words in the line of pages under the top bar; empty where it has no place there."""
    under: str = ""
    """The address that is marked in that line while this page is open, where its own does not begin with it."""
    styles: tuple[str, ...] = ()
    """Stylesheets beside those of every page."""
    script: str = ""
    """Its script, where that is not of its own name."""
    content: Callable[[], str] | None = None

    def opens_to(self, role: Role) -> bool:
        """Whether a role may open it."""
        return isinstance(self.needs, Needs) or self.needs in PERMISSIONS[role]

    @property
    def markup(self) -> str:
        """What stands in its `main`."""
        if self.content is not None:
            return self.content()
        return (CONTENTS / f"{self.name}.html").read_text(encoding="utf-8")

    @property
    def module(self) -> str:
        """The name of its script."""
        return self.script or f"{self.name}.js"


def _door(name: str, address: str, title: str, content: Callable[[], str], needs: Needs = Needs.NOTHING) -> Page:
    return Page(
        name=name,
        address=address,
        title=title,
        needs=needs,
        styles=("forms.css", "door.css"),
        script="door.js",
        content=content,
    )


def _lab(
    name: str, address: str, title: str, sub: str = "", needs: Permission = Permission.CONDUCT, under: str = ""
) -> Page:
    return Page(
        name=name,
        address=address,
        title=title,
        needs=needs,
        bar="Lab",
        sub=sub,
        under=under,
        styles=("forms.css", "lab.css"),
    )


def _own(name: str, address: str, title: str) -> Page:
    """A page of a rater's own contributions."""
    return Page(
        name=name,
        address=address,
        title=title,
        needs=Permission.TAKE_PART,
        bar="My contributions",
        sub=title,
        styles=("rater.css",),
    )


def _board(name: str, address: str, title: str) -> Page:
    """A page behind the leaderboard."""
    return Page(
        name=name,
        address=address,
        title=title,
        needs=Needs.KNOWN,
        bar="Leaderboard",
        sub=title,
        styles=("boards.css",),
    )


PAGES: tuple[Page, ...] = (
    _door("signin", "/signin", "Sign in", door.sign_in),
    _door("invite", "/invite/{token}", "Invitation", door.invite),
    _door("setup", "/setup", "Set up", door.set_up),
    Page(
        name="reference", address="/reference", title="API", needs=Needs.NOTHING, styles=("forms.css", "reference.css")
    ),
    _door("account", "/account", "Your account", door.account, Needs.ACCOUNT),
    Page(
        name="work",
        address="/work",
        title="My work",
        needs=Permission.TAKE_PART,
        bar="My work",
        styles=("rater.css",),
    ),
    Page(
        name="campaign-battle",
        address="/campaigns/{campaign}",
        title="Battle",
        needs=Permission.TAKE_PART,
        bar="Battle",
        styles=("campaign.css",),
        content=battle.of_campaign,
    ),
    Page(
        name="qualify",
        address="/qualify/{field}",
        title="Qualify",
        needs=Permission.TAKE_PART,
        bar="My work",
        styles=("rater.css",),
    ),
    _board("board-model", "/leaderboard/model", "One model"),
    _board("board-compare", "/leaderboard/compare", "Compare two"),
    _board("board-history", "/leaderboard/history", "Over time"),
    _board("board-change", "/leaderboard/change", "What would change it"),
    _board("board-prompts", "/leaderboard/prompts", "Prompts"),
    _board("transparency", "/leaderboard/transparency", "Transparency"),
    _own("me-credits", "/me/credits", "Credits"),
    _own("me-board", "/me/board", "My board"),
    _own("me-history", "/me/history", "History"),
    _lab("lab", "/lab", "Lab", "Overview"),
    _lab("lab-models", "/lab/models", "Models", "Models"),
    _lab("lab-model-new", "/lab/new-model", "New model", under="/lab/models"),
    _lab("lab-campaigns", "/lab/campaigns", "Campaigns", "Campaigns"),
    _lab("lab-campaign-new", "/lab/new-campaign", "New campaign", under="/lab/campaigns"),
    _lab("lab-campaign", "/lab/campaigns/{name}", "Campaign"),
    Page(
        name="standing",
        address="/me/standing",
        title="Standing",
        needs=Permission.TAKE_PART,
        bar="My contributions",
        sub="Standing",
        styles=("forms.css", "rater.css"),
    ),
    _lab("lab-raters", "/lab/raters", "Raters", "Raters", Permission.REVIEW),
    _lab("lab-finding", "/lab/findings/{finding_id}", "Finding", needs=Permission.REVIEW, under="/lab/raters"),
    _lab("lab-review", "/lab/review", "Review", "Review", Permission.REVIEW),
    _lab("lab-trials", "/lab/trials", "Trials", "Trials"),
    _lab("lab-releases", "/lab/releases", "Releases", "Releases"),
    _lab("lab-people", "/lab/people", "People", "People", Permission.ADMINISTER),
)
"""In the order in which the line under the top bar names them."""


AT = {page.address: page for page in PAGES if "{" not in page.address}
PATTERNS = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", page.address)), page) for page in PAGES if page.address not in AT]
"""Of the pages whose address names something."""


def at(path: str) -> Page | None:
    """The page at a path, without the prefix of its workspace."""
    found = AT.get(path)
    if found is not None or path.startswith("/api/"):
        return found
    return next((page for pattern, page in PATTERNS if pattern.fullmatch(path)), None)
