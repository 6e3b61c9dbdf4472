"""One OpenID Connect provider: its addresses, its keys, and the claims of whoever it signed in.

Source: OpenID Connect Core 1.0, section 3.1 (code flow) and 3.1.3.7 (what is checked of an ID token); RFC 7636 (PKCE);
RFC 9700 (what to do against mix-up and injected codes). Signatures are asymmetric alone: an unsigned token, and one
signed with the client's secret or with a public key taken for a secret, are no tokens.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from arena.errors import Overloaded, SettingsError, Unauthenticated

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
SCOPE: Final = "openid email profile"
SECONDS: Final = 10.0
"""For one request to the provider."""
KEPT_SECONDS: Final = 3600.0
"""How long its addresses and keys are believed."""
ANEW_SECONDS: Final = 30.0
"""How soon keys are fetched anew for a token that names an unknown one."""
LEEWAY: Final = 60
"""Seconds that its clock may be wrong by."""
LONGEST: Final = 1 << 20
LATER: Final = "The organisation's server did not answer as it should ({}). Try again in a minute."
WRONG: Final = "Your organisation's answer could not be believed. Start again from the page to sign in."


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Whoever the provider signed in."""

    issuer: str
    subject: str
    """The provider's own id of them, which never changes."""
    email: str
    name: str
    asked_at: datetime | None
    """When the provider last asked who they are, its `auth_time`; None where it does not say."""
    claims: Mapping[str, Any]


class Provider:
    """The provider of one issuer, as this arena's client."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str | None,
        *,
        now: Callable[[], float] = time.time,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Raises `SettingsError` for an issuer that is no address of HTTPS or of this machine."""
        if not _confidential(issuer):
            raise SettingsError(
                f"[oidc], issuer: {issuer} is no address of HTTPS with a host. Elsewhere whoever listens could sign in "
                "as anybody."
            )
        self._issuer, self._client_id, self._client_secret = issuer, client_id, client_secret
        self._now, self._transport = now, transport
        self._found: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, jwk.KeySet] | None = None
        self._lock = asyncio.Lock()

    async def address(self, back: str, state: str, nonce: str, verifier: str, *, anew: bool = False) -> str:
        """Where a browser goes to sign in; it comes `back` with a code. `anew`: the provider is to ask who it is even
        where it knows. That is a wish: whether it did, and when, is in `Colleague.asked_at`."""
        found = await self._discovered()
        more = {"max_age": "0", "prompt": "login"} if anew else {}
        address: str = prepare_grant_uri(
            found["authorization_endpoint"],
            client_id=self._client_id,
            response_type="code",
            redirect_uri=back,
            scope=SCOPE,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            **more,
        )
        return address

    async def person(self, code: str, back: str, nonce: str, verifier: str) -> Colleague:
        """Whoever signed in, for the code that their browser brought. Raises `Unauthenticated`."""
        found = await self._discovered()
        asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        auth = None
        if self._client_secret is None:
            asked["client_id"] = self._client_id
        elif "client_secret_basic" in found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            auth = (quote(self._client_id, safe=""), quote(self._client_secret, safe=""))
        else:
            asked |= {"client_id": self._client_id, "client_secret": self._client_secret}
        try:
            told = await self._fetch("POST", found["token_endpoint"], data=asked, auth=auth)
        except RefusedError as error:
            raise Unauthenticated(WRONG) from error
        token = told.get("id_token")
        if not isinstance(token, str):
            raise Unauthenticated(WRONG)
        return _person(await self._claims(token, nonce, found), self._issuer, self._now())

    async def _claims(self, token: str, nonce: str, found: Mapping[str, Any]) -> Mapping[str, Any]:
        """What an ID token says, if this provider signed it for us, now, and for this browser."""
        try:
            try:
                read = jwt.decode(token, await self._key_set(found), algorithms=ALGORITHMS)
            except (JoseError, ValueError):  # it may be signed with a key that is newer than those we know
                read = jwt.decode(token, await self._key_set(found, anew=True), algorithms=ALGORITHMS)
            options = {
                "iss": {"essential": True, "value": self._issuer},
                "aud": {"essential": True, "value": self._client_id},
            }
            params = {"nonce": nonce, "client_id": self._client_id}
            CodeIDToken(read.claims, read.header, options, params).validate(now=int(self._now()), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise Unauthenticated(WRONG) from error
        return read.claims

    async def _discovered(self) -> dict[str, Any]:
        """The provider's addresses, as it publishes them under its issuer."""
        async with self._lock:
            now = self._now()
            if self._found is None or now - self._found[0] > KEPT_SECONDS:
                told = await self._fetch("GET", f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
                needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                if told.get("issuer") != self._issuer or not all(_confidential(told.get(one)) for one in needed):
                    raise Unauthenticated(
                        "The organisation's server describes itself as another one than [oidc] issuer names. Tell the "
                        "admin of this arena."
                    )
                self._found = now, told
            return self._found[1]

    async def _key_set(self, found: Mapping[str, Any], *, anew: bool = False) -> jwk.KeySet:
        async with self._lock:
            now = self._now()
            kept = ANEW_SECONDS if anew else KEPT_SECONDS
            if self._keys is None or now - self._keys[0] > kept:
                told = await self._fetch("GET", found["jwks_uri"])
                self._keys = now, jwk.KeySet.import_key_set({"keys": list(told.get("keys", []))})
            return self._keys[1]

    async def _fetch(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        """A JSON object from the provider. Raises `RefusedError` where it says anything else than 200."""
        client = httpx.AsyncClient(
            timeout=SECONDS,
            transport=self._transport,
            follow_redirects=False,
            trust_env=False,
            auth=more.pop("auth", None),
        )
        try:
            async with client, client.stream(method, address, **more) as response:
                content = b""
                async for part in response.aiter_bytes():
                    content += part
                    if len(content) > LONGEST:
                        raise RefusedError(LATER.format("an answer too long"))
                if response.status_code != HTTPStatus.OK:
                    raise RefusedError(LATER.format(f"status {response.status_code}"))
            told = json.loads(content)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise RefusedError(LATER.format(type(error).__name__)) from error
        if not isinstance(told, dict):
            raise RefusedError(LATER.format("no JSON object"))
        return told


class RefusedError(Overloaded):
    """The provider did not answer, or not as providers do."""


def _person(claims: Mapping[str, Any], issuer: str, now: float) -> Colleague:
    email, subject = claims.get("email"), claims.get("sub")
    if not isinstance(email, str) or not isinstance(subject, str) or not subject:
        raise Unauthenticated("Your organisation did not say your e-mail. Tell the admin of this arena.")
    if claims.get("email_verified") is not True:
        raise Unauthenticated("Your organisation has not verified your e-mail. Tell its admin.")
    name = claims.get("name")
    return Colleague(
        issuer=issuer,
        subject=subject,
        email=email,
        name=name if isinstance(name, str) else "",
        asked_at=_asked_at(claims.get("auth_time"), now),
        claims=claims,
    )


def _asked_at(said: Any, now: float) -> datetime | None:
    """What `auth_time` says, in seconds since 1970; a time that is still to come says nothing."""
    if not isinstance(said, int | float) or not 0 <= said <= now + LEEWAY:
        return None
    return datetime.fromtimestamp(min(said, now), UTC)


def _confidential(address: Any) -> bool:
    """Whether it is an address to which nobody on the way can read and change what is sent: HTTPS, or this machine."""
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
        if parts.port == 0 or not parts.hostname:
            return False
    except ValueError:  # nobody can be asked there
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))
