"""The tables `[deadlines]`, `[limits]`, `[endpoints]` and `[oidc]`."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from arena.settings.section import EnvironmentName, Seconds, Section, Slug

Place = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:/_\[\]-]{1,260}$")]
"""A host, with or without its port, or a network."""


class Deadlines(Section):
    """How long a model server may take, in seconds."""

    first_token: Seconds = 60
    """From the request to the first visible text, or to the first thought."""
    silence: Seconds = 30
    """Between two events of the stream."""
    total: Seconds = 300
    """From the request to the last character shown."""
    connect: Seconds = 5
    """To open the connection."""
    abandoned: Seconds = 60
    """With nobody reading a battle for this long, its answers are cancelled and it is void."""


class Limits(Section):
    """What one arena takes on at once, and how much of it is the share of one address.

    An address is that of the connection, or what a proxy of `trusted_proxies` says; of IPv6 it is the network of 64
    bits that one subscriber has. Loopback is an address like any other.
    """

    live_battles: Annotated[int, Field(ge=1)] = 64
    """Battles being written at the same time; beyond it new ones are refused."""
    live_battles_per_rater: Annotated[int, Field(ge=1)] = 4
    """Of those, the most that one rater may have."""
    body_bytes: Annotated[int, Field(ge=1024)] = 512 * 1024
    """Largest request body."""
    upload_bytes: Annotated[int, Field(ge=1024)] = 8 * 1024 * 1024
    """Largest file of prompts or answers that is sent to a prompt set."""
    send_seconds: Seconds = 15
    """A request that is not sent whole within this time is dropped; a file has a second more for each 64 KB."""
    raters_per_minute: Annotated[int, Field(ge=1)] = 600
    """New raters from one address."""
    battles_per_address: Annotated[int, Field(ge=1)] | None = None
    """Battles being written for one address. Left out, three quarters of `live_battles`: a classroom behind one
    address works, and others still get in."""
    streams_per_battle: Annotated[int, Field(ge=1)] = 8
    """Streams of one battle that one rater has open."""
    requests_per_address: Annotated[int, Field(ge=1)] = 256
    """Requests of one address that are being sent or answered, streams of battles included."""
    listeners_per_address: Annotated[int, Field(ge=1)] = 1024
    """Open pages and other long requests of one address that only wait for news."""
    media_bytes: Annotated[int, Field(ge=1024)] = 50 * 1024 * 1024
    """Largest picture, sound or film that is taken in with prompts and answers."""
    failed_tokens_per_minute: Annotated[int, Field(ge=1)] = 30
    """Bearer tokens from one address that are not valid here."""

    @property
    def battles_of_one_address(self) -> int:
        """`battles_per_address`, or what stands for it where it is left out."""
        return self.battles_per_address or max(1, self.live_battles * 3 // 4)


class Endpoints(Section):
    """Where models may run that a lab adds over the API, while the arena runs, and where webhooks may lead."""

    allow: tuple[Place, ...] = ()
    """Hosts (`gpu-7`, `gpu-7:8001`, `10.0.4.21`) and networks (`10.0.4.0/24`), for every workspace. The servers of the
    models in this file are allowed in their workspace without standing here, each on its own port."""
    workspaces: dict[Slug, tuple[Place, ...]] = Field(default={})
    """More of them for one workspace alone, by its name: what one lab has is no address for another."""
    webhooks: Literal["anywhere", "public", "listed"] = "anywhere"
    """Where webhooks of this file's workspace may lead beside these: `anywhere`, private networks and this machine too;
    `public` addresses alone; or nowhere (`listed`), as those of every other workspace. Addresses at which clouds keep
    credentials are sent nothing unless they are listed."""

    def of(self, workspace: str) -> tuple[str, ...]:
        """What is allowed in a workspace."""
        return (*self.allow, *self.workspaces.get(workspace, ()))


class Oidc(Section):
    """Signing in with an organisation, over OpenID Connect. Its server is told
    `PUBLIC_URL/api/v1/organisation/answer` as the address to come back to."""

    issuer: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]{1,250}$")] | None = None
    """As the organisation's server writes it; HTTPS. Left out, people sign in with passwords alone."""
    client_id: str = ""
    """What the server calls this arena."""
    client_secret_env: EnvironmentName | None = None
    """The environment variable that holds the secret of this client, where it has one."""
    allowed_domains: tuple[Annotated[str, StringConstraints(to_lower=True, pattern=r"^[^@\s]+$")], ...] = ()
    """Domains of e-mails that are let in. Without any, everybody whom the server vouches for is."""
    role_claim: str | None = None
    """The claim that says what somebody is: a text, or a list of texts such as `groups`. With it, each sign-in gives
    the role of that moment, and whoever has none of `roles` is not let in. Without it, newcomers are raters."""
    roles: dict[str, Literal["rater", "reader", "reviewer", "trainer", "lab", "admin"]] = Field(default={})
    """The role for each value of the claim; the first that somebody has counts."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.issuer is not None and not self.client_id:
            raise ValueError("client_id is missing: it is what the organisation's server calls this arena.")
        if (self.role_claim is None) != (not self.roles):
            raise ValueError("role_claim and roles say one thing together; give both, or none.")
        return self
