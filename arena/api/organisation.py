"""Signing in with an organisation: to its server and back. Browsers come here by links and redirects alone."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from arena import errors
from arena.api import cookies, sessions
from arena.api.bodies import Body
from arena.api.who import Knocking, Whole
from arena.services import clock
from arena.services.organisation import MINUTES
from arena.services.permitting import ProofTooOldError

router = APIRouter(prefix="/api/v1/organisation", tags=["accounts"])

SIGN_IN = "/signin"
SEE_OTHER = 303
REFUSED = {
    errors.Forbidden: "not_let_in",
    errors.Conflict: "has_password",
    ProofTooOldError: "not_asked",
    errors.Unauthenticated: "unbelieved",
}
"""What the page to sign in is told, where nobody was signed in."""
LATER = "later"
Text = Annotated[str, Query(max_length=4096, json_schema_extra={"pattern": "^[ -~]*$"})]
"""These have only signs of ASCII (RFC 6749, appendix A; RFC 9207): however they are spelt, all three fit into one
address."""


class OrganisationThere(Body):
    there: bool
    """Whether people can sign in with an organisation."""


@router.get("")
async def organisation(whole: Whole) -> OrganisationThere:
    """Whether this arena knows an organisation to sign in with."""
    return OrganisationThere(there=whole.settings.oidc.issuer is not None)


@router.get("/start", status_code=SEE_OTHER, response_class=RedirectResponse)
async def start(whole: Whole, request: Request, anew: bool = False) -> RedirectResponse:
    """Send a browser to the organisation's page. With `anew` that page is to ask who it is, even where it knows: for
    what needs a sign-in within the last ten minutes."""
    try:
        way = await whole.organisation.begin(
            f"{sessions.public_address(whole, request)}{router.prefix}/answer", clock.now(), anew=anew
        )
    except (errors.Unauthenticated, errors.Overloaded):
        return _to(f"{SIGN_IN}?refused={LATER}")
    response = _to(way.address)
    secure = whole.settings.secure_cookie
    response.set_cookie(
        cookies.of_organisation(secure=secure),
        way.cookie,
        max_age=MINUTES * 60,
        path="/",
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    return response


@router.get("/answer", status_code=SEE_OTHER, response_class=RedirectResponse)
async def answer(
    whole: Whole, knocking: Knocking, request: Request, state: Text = "", code: Text = "", iss: Text = ""
) -> RedirectResponse:
    """Sign in whoever comes back from the organisation's page, or send them to sign in again, with what was wrong:
    `refused=unbelieved|not_let_in|has_password|not_asked|later`."""
    name = cookies.of_organisation(secure=whole.settings.secure_cookie)
    try:
        made = await whole.organisation.finish(request.cookies.get(name, ""), state, code, iss, knocking, clock.now())
    except tuple(REFUSED) as error:
        response = _to(f"{SIGN_IN}?refused={next(word for kind, word in REFUSED.items() if isinstance(error, kind))}")
    except (errors.Overloaded, errors.TooMany):
        response = _to(f"{SIGN_IN}?refused={LATER}")
    else:
        response = _to("/account" if made.member is None else "/")
        sessions.begun(whole, knocking, response, made)
    response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=whole.settings.secure_cookie)
    return response


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, SEE_OTHER)
