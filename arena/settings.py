"""Configuration: one TOML file, and the environment for where data lives; stored selections. Nothing else reads those.

    host, port, data_dir, database, workspace, public_board, public_url, trusted_proxies, secure_cookie, policy,
    audit_hours, name_recogniser
    [deadlines]   first_token, silence, total, connect, abandoned   seconds
    [limits]      live_battles, live_battles_per_rater, body_bytes, send_seconds, and the shares of one address:
                  raters_per_minute, battles_per_address, streams_per_battle, requests_per_address,
                  listeners_per_address, failed_tokens_per_minute; media_bytes
    [campaign]    kind, answers, prompt_set, models, pairs, pairs_per_prompt, overlap, reservation, daily_limit,
                  max_turns, pace, criteria, target_votes, starts, ends
    [endpoints]   allow, workspaces
    [oidc]        issuer, client_id, client_secret_env, allowed_domains, role_claim, roles
    [[models]]    name, endpoint, endpoints, served_name, images, strict_name, system_prompt, api_key_env, api,
                  plain_template, extra_body, chat_template_kwargs, [models.sampling], served_by, [models.serve]

`data_dir` is taken from `--data-dir`, then `ARENA_DATA_DIR`, then the file; `database` from `ARENA_DATABASE`, then the
file; `name_recogniser` from `ARENA_NAME_RECOGNISER`, for commands that read no file, then the file. Secrets are only
ever named (`api_key_env = "VLLM_KEY"`), never written in the file.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    IPvAnyNetwork,
    JsonValue,
    StringConstraints,
    ValidationError,
    model_validator,
)

from arena.campaign_settings import CampaignSettings
from arena.errors import InvalidValue, Malformed, SettingsError
from arena.policy_settings import PolicySettings
from arena.serve_settings import ServeSettings

SLUG = r"^[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]$"
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
EnvironmentName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
FunctionPath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]
FIRST_PORT = 8001
"""Of the model servers that the file gives no port."""
DATABASE = r"^postgres(ql)?://"
NO_DATABASE = "it is no address of PostgreSQL; say postgresql://USER:PASSWORD@HOST/DATABASE."


def is_database(place: str) -> bool:
    """Whether a place is a database, and no folder."""
    return re.match(DATABASE, place) is not None


def _postgres(url: str) -> str:
    if not is_database(url):  # without the address itself, which may hold a password
        raise ValueError(NO_DATABASE)
    return url


DatabaseUrl = Annotated[str, AfterValidator(_postgres)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Penalty = Annotated[float, Field(ge=-2, le=2)]


def _json(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Raises `ValueError` for what JSON cannot say: TOML's `inf` and `nan`."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError as error:
        raise ValueError("a number in it is infinite or not one, which JSON cannot say.") from error
    return value


JsonObject = Annotated[dict[str, JsonValue], AfterValidator(_json)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Deadlines(_Section):
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


class Limits(_Section):
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
    send_seconds: Seconds = 15
    """A request that is not sent whole within this time is dropped."""
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


class SamplingSettings(_Section):
    """Sampling parameters as vLLM names them; what is left out is the server's choice."""

    max_tokens: Annotated[int, Field(ge=0, le=131_072)] = 1024
    """Longest answer, in tokens, thinking included; 0 sends none, and the server's own limit holds."""
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """What the request calls it; some hosted services take only the second."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """0 always takes the likeliest token; higher is more varied."""
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    """Draw from the likeliest tokens that together hold this probability."""
    top_k: Annotated[int, Field(ge=-1)] | None = None
    """Draw from this many likeliest tokens; -1 or 0 from all."""
    min_p: Annotated[float, Field(ge=0, le=1)] | None = None
    """Leave out tokens less likely than this share of the likeliest."""
    repetition_penalty: Annotated[float, Field(gt=0, le=2)] | None = None
    """Above 1, tokens already used become less likely."""
    presence_penalty: Penalty | None = None
    """Above 0, tokens that were used once become less likely."""
    frequency_penalty: Penalty | None = None
    """Above 0, tokens become less likely each time they are used."""
    stop: tuple[Annotated[str, StringConstraints(min_length=1)], ...] = ()
    """Texts that end the answer where the model writes them; they are not part of it."""
    min_tokens: Annotated[int, Field(ge=1, le=131_072)] | None = None
    """The answer does not end before it has so many tokens."""
    reasoning_effort: Annotated[str, StringConstraints(pattern=r"^[a-z]{1,20}$")] | None = None
    """How much a model thinks first, in its server's word, such as `low`, `medium` or `high`."""
    seed: int | None = None
    """The same seed and prompt give the same answer, where the server keeps to it."""


SET_BY_THE_ARENA = frozenset(SamplingSettings.model_fields) | {
    "model",
    "messages",
    "prompt",
    "stream",
    "stream_options",
    "max_completion_tokens",
    "repeat_penalty",
    "chat_template_kwargs",
    "n",
    "best_of",
    "echo",
}
"""What no `extra_body` may hold: keys of a request with settings of their own, and those that would make its answer
another thing than one text."""


class Endpoints(_Section):
    """Where models may run that a lab adds over the API, while the arena runs."""

    allow: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:/_\[\]-]{1,260}$")], ...] = ()
    """Hosts (`gpu-7`, `gpu-7:8001`, `10.0.4.21`) and networks (`10.0.4.0/24`), for every workspace. The servers of the
    models in this file are allowed in their workspace without standing here, each on its own port."""
    workspaces: dict[Slug, tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:/_\[\]-]{1,260}$")], ...]] = {}
    """More of them for one workspace alone, by its name: what one lab has is no address for another."""

    def of(self, workspace: str) -> tuple[str, ...]:
        """What is allowed in a workspace."""
        return (*self.allow, *self.workspaces.get(workspace, ()))


class Oidc(_Section):
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
    roles: dict[str, Literal["rater", "reader", "reviewer", "trainer", "lab", "admin"]] = {}
    """The role for each value of the claim; the first that somebody has counts."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.issuer is not None and not self.client_id:
            raise ValueError("client_id is missing: it is what the organisation's server calls this arena.")
        if (self.role_claim is None) != (not self.roles):
            raise ValueError("role_claim and roles say one thing together; give both, or none.")
        return self


class ModelSettings(_Section):
    """One contestant: an OpenAI-compatible endpoint with its prompt and sampling."""

    name: Slug
    """How boards and exports call it; a changed setting is a new model, so give it a new name."""
    endpoint: HttpUrl | None = None
    """Base URL ending in /v1. Left out, the model runs on the embedded server, or where `serve` or `served_by` says."""
    endpoints: tuple[HttpUrl, ...] = ()
    """More servers of the same model, or all of them; each answer is asked of the least busy one that works."""
    served_name: Annotated[str, StringConstraints(min_length=1)]
    """What the server calls it: its `--served-model-name`."""
    system_prompt: str | None = None
    """Sent before every conversation, and never exported."""
    sampling: SamplingSettings = SamplingSettings()
    api_key_env: EnvironmentName | None = None
    """Name of the environment variable that holds the server's key."""
    images: bool = False
    """Whether the model takes pictures in a prompt, each sent as a part `image_url`."""
    strict_name: bool = False
    """Whether answers that a server signs with another name than `served_name` are refused; else the log says so."""
    api: Literal["chat", "completions"] = "chat"
    """How the server is asked: `chat` for models with a chat template, `completions` for base models."""
    plain_template: Literal["dialogue", "continuation"] | None = None
    """How a conversation becomes the one text that `completions` sends. `dialogue` (what holds where it is left out):
    turns that begin with `User:` and `Assistant:`, until the model would write the next `User:`. `continuation`: the
    texts alone, which the model goes on from."""
    chat_template_kwargs: JsonObject = {}
    """What the chat template of the model is told beside the conversation, such as `enable_thinking = false`."""
    extra_body: JsonObject = {}
    """Further keys of each request, for what a server takes beyond all of these. No secret belongs here: it is kept
    with the model."""

    serve: ServeSettings | None = None
    served_by: Slug | None = None
    """Name of the model whose server, run by `serve`, also serves this one: as an adapter of its `lora`, or the same
    model with another prompt, sampling or template. It has the endpoints of that model."""

    @property
    def servers(self) -> tuple[HttpUrl, ...]:
        """Every endpoint, each once."""
        return tuple(dict.fromkeys((*([self.endpoint] if self.endpoint else []), *self.endpoints)))

    @model_validator(mode="after")
    def _asks_one_way(self) -> Self:
        """Raises `ValueError` for settings that would not reach the server, or would reach it twice."""
        doubled = sorted(SET_BY_THE_ARENA & self.extra_body.keys())
        if doubled:
            raise ValueError(f"extra_body holds {', '.join(doubled)}, which the arena sets itself; take it out there.")
        if self.api == "chat" and self.plain_template is not None:
            raise ValueError('plain_template is for api = "completions"; a chat server has its own template.')
        if self.api == "completions" and (self.chat_template_kwargs or self.sampling.reasoning_effort):
            raise ValueError(
                'chat_template_kwargs and reasoning_effort are for api = "chat"; no chat template is used here.'
            )
        return self


class Settings(_Section):
    """The whole configuration."""

    host: str = "127.0.0.1"
    """Address to listen on; the default is reached from this machine only."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 7860
    """0 takes any free port."""
    data_dir: Path = Path("arena-data")
    """Folder of the databases, tokens and releases; made on first start."""
    database: DatabaseUrl | None = None
    """A PostgreSQL database that several processes share, such as `postgresql://arena@db.example/arena`: the workspace,
    accounts and secrets are in it, and the data folder is this process's own. `ARENA_DATABASE` says the same, so that
    no password stands in a file."""
    workspace: Slug = "default"
    """The wall between labs: each workspace is a folder of its own, with its database, releases and keys."""
    public_board: bool = True
    """Whether a rater may read the boards of this workspace."""
    public_url: HttpUrl | None = None
    """How browsers reach the arena when that is not its own host and port, such as behind a proxy."""
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    """Addresses or networks of reverse proxies before the arena, whose X-Forwarded-For and X-Forwarded-Proto are
    believed. Without them everybody who comes through a proxy has the share of one address."""
    secure_cookie: bool = False
    """Set it where the arena is reached over HTTPS."""
    policy: Path | None = None
    """A file that says what findings of an audit lead to, such as `configs/policy.toml`, whose rules hold where this is
    left out."""
    audit_hours: Annotated[float, Field(ge=0, le=8_760)] = 24
    """The votes of each workspace are audited every so many hours, at whole multiples of them since 1970, UTC: 24 is at
    midnight. 0: only when somebody asks."""
    name_recogniser: FunctionPath | None = None
    """A function that finds names of people, as `module:function`, for releases that mask them."""
    deadlines: Deadlines = Deadlines()
    limits: Limits = Limits()
    endpoints: Endpoints = Endpoints()
    oidc: Oidc = Oidc()
    models: tuple[ModelSettings, ...] = ()
    campaign: CampaignSettings = CampaignSettings()


def load(path: Path, *, data_dir: Path | None = None) -> Settings:
    """Read a configuration file.

    Raises `SettingsError` naming the file, the key and, where the file shows it, the line.
    """
    text, tree = _tree(path)
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        raise SettingsError(_explain(path, text, error)) from error
    if settings.policy is not None:
        policy(settings.policy)
    _refuse_duplicates(path, settings)
    _refuse_strangers(path, settings)
    settings = _with_servers(path, settings)
    chosen = data_dir or _environment_data_dir()
    told = database(settings.database)
    return settings.model_copy(update={"data_dir": chosen or settings.data_dir, "database": told})


def policy(path: Path) -> PolicySettings:
    """Read a policy file. Raises `SettingsError` naming the file and the key."""
    text, tree = _tree(path)
    try:
        return PolicySettings.model_validate(tree)
    except ValidationError as error:
        raise SettingsError(_explain(path, text, error)) from error


def model_tables(path: Path) -> list[dict[str, Any]]:
    """The `[[models]]` tables of a file as they are written, to be sent to an arena that runs."""
    found = _tree(path)[1].get("models")
    if not isinstance(found, list) or not found:
        raise SettingsError(f"{path} has no [[models]] table; write one there, as in configs/arena.toml.")
    return found


def campaign_table(path: Path) -> dict[str, Any]:
    """The keys of a campaign file as JSON has them, to be sent to an arena that runs."""
    table: dict[str, Any] = json.loads(json.dumps(_tree(path)[1], default=lambda moment: moment.isoformat()))
    if not table:
        raise SettingsError(f"{path} is empty; write the keys of a campaign there, name and kind first.")
    return table


def toml_table(path: Path) -> dict[str, Any]:
    """A file as it is written, to be sent to an arena."""
    return _tree(path)[1]


def model(table: Mapping[str, Any]) -> ModelSettings:
    """One `[[models]]` table from elsewhere.

    Raises `Malformed` for an unknown key, a missing one or a wrong type, `InvalidValue` for a value out of range.
    """
    try:
        text = json.dumps(table, ensure_ascii=False).encode()
        if b"\\u0000" in text:
            raise InvalidValue("A text of the model holds NUL; send it without.")
        return ModelSettings.model_validate_json(text, strict=True)
    except UnicodeEncodeError as error:
        raise InvalidValue("A text of the model holds half a character; send it whole.") from error
    except ValidationError as error:
        first = error.errors()[0]
        key, kind = ".".join(map(str, first["loc"])), first["type"]
        if kind == "value_error":
            raise InvalidValue(f"{key or 'The model'}: {first['ctx']['error']}") from error
        if kind in ("extra_forbidden", "missing") or kind.endswith("_type"):
            raise Malformed(f"{key}: {first['msg']}. docs/settings.md has every key of [[models]].") from error
        raise InvalidValue(f"{key} is {first['input']!r}: {first['msg']}.") from error


def demo_path() -> Path:
    """The configuration of `arena demo`."""
    return _shipped("demo.toml")


def selections(folder: Path) -> dict[str, Path]:
    """The stored selections by name: those that come with the arena, and those in this folder."""
    folders = (_shipped("selections"), folder)
    found = {path.stem: path for folder in folders for path in folder.glob("*.toml") if re.fullmatch(SLUG, path.stem)}
    return dict(sorted(found.items()))


def selection(given: str, folder: Path) -> dict[str, Any]:
    """What a selection file says, by the path of a TOML file or by the name of a stored one."""
    if given.endswith(".toml"):
        return _tree(Path(given))[1]
    stored = selections(folder)
    if given not in stored:
        raise SettingsError(
            f"There is no selection {given!r}; name a .toml file, KEY=VALUE, or one of: {', '.join(stored)}."
        )
    return _tree(stored[given])[1]


def data_dir(given: Path | None) -> Path:
    """The data directory of a command that reads no configuration file."""
    return given or _environment_data_dir() or Settings().data_dir


def database(configured: str | None = None) -> str | None:
    """The database that several processes share: the environment's, or else the file's. Raises `SettingsError`."""
    value = os.environ.get("ARENA_DATABASE") or configured
    if value is not None and not is_database(value):
        raise SettingsError(f"ARENA_DATABASE: {NO_DATABASE}")
    return value


def name_recogniser(configured: str | None = None) -> str | None:
    """The function that finds names of people, as `module:function`: the environment's, or else the file's."""
    return os.environ.get("ARENA_NAME_RECOGNISER") or configured


def secret(name: str) -> str:
    """The value of an environment variable that holds a key; `SettingsError` when it is not set."""
    value = os.environ.get(name)
    if not value:
        raise SettingsError(f"The environment variable {name} holds a key and is not set; set it.")
    return value


def cache_dir() -> Path:
    """The arena's folder in the user's cache folder, where what was downloaded once is kept."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (cache if cache.is_absolute() else Path.home() / ".cache") / "preference-arena"


def inherited(**changes: str) -> dict[str, str]:
    """The environment for a child process: ours, with these changes."""
    return os.environ | changes


def bare() -> dict[str, str]:
    """The environment for a child process that is to know nothing of ours: where libraries are found, and no more."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "PYTHONPATH") if name in os.environ}


def ray_reports_nothing() -> None:
    """Keep a Ray that starts here from reporting its use to its makers, as it does unless it is told."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"


def _shipped(name: str) -> Path:
    """What comes with the arena: in the package when installed, in `configs/` in a checkout."""
    packaged = Path(__file__).parent / "configs" / name
    return packaged if packaged.exists() else Path(__file__).parent.parent / "configs" / name


def _tree(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a TOML file, and what it says."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"{path} cannot be read ({why}); name a TOML file.") from error
    try:
        return text, tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{path} is not TOML: {error}; correct it there, or name another file.") from error


def _environment_data_dir() -> Path | None:
    value = os.environ.get("ARENA_DATA_DIR")
    return Path(value) if value else None


def _refuse_duplicates(path: Path, settings: Settings) -> None:
    seen: dict[str, int] = {}
    for number, model in enumerate(settings.models, start=1):
        if model.name in seen:
            raise SettingsError(
                f"{path}: model {number} is named {model.name!r}, as is model {seen[model.name]}; "
                "a changed setting is a new model, so give each its own name."
            )
        seen[model.name] = number


def _refuse_strangers(path: Path, settings: Settings) -> None:
    """Raise `SettingsError` where raters' own prompts are to be answered by a model that is none of these."""
    strangers = sorted(set(settings.campaign.models) - {model.name for model in settings.models})
    if settings.campaign.kind == "open" and strangers:
        raise SettingsError(
            f"{path}: campaign.models names {strangers[0]}, which no [[models]] is called; add it there."
        )


def _with_servers(path: Path, settings: Settings) -> Settings:
    """The settings with the endpoints of each model that has `serve` or `served_by`.

    Where the file gives a server no port, it is the first from 8001 on that the file does not use, in its order.
    """
    taken = {url.port for model in settings.models for url in model.servers}
    ports = iter(port for port in range(FIRST_PORT, 65_536) if port not in taken)
    served = {m.name: _served(path, m, m.serve, ports) for m in settings.models if m.serve is not None}
    _refuse_shared(path, served)
    models = []
    for model in settings.models:
        if model.served_by is None:
            models.append(served.get(model.name, model))
            continue
        base = served.get(model.served_by)
        if base is None or base.serve is None or model.serve is not None or model.servers:
            raise SettingsError(
                f"{path}: {model.name} is served_by {model.served_by!r}. Name a model that has [models.serve], and "
                f"give {model.name} neither endpoint nor serve of its own."
            )
        if model.served_name not in (base.served_name, *base.serve.lora):
            names = ", ".join((base.served_name, *base.serve.lora))
            raise SettingsError(
                f"{path}: {model.name} has the served_name {model.served_name!r}, and {base.name} serves {names}. "
                "Correct it, or add the adapter to its serve.lora."
            )
        of_server = {"endpoints": base.servers, "api_key_env": model.api_key_env or base.api_key_env}
        models.append(model.model_copy(update=of_server))
    return settings.model_copy(update={"models": tuple(models)})


def _served(path: Path, model: ModelSettings, serve: ServeSettings, ports: Iterator[int]) -> ModelSettings:
    """The model with an endpoint for each of its replicas."""
    given = model.servers
    if model.served_name in serve.lora:
        raise SettingsError(
            f"{path}: {model.name} and an adapter of its serve.lora are both served as {model.served_name!r}; "
            "rename one."
        )
    for url in given:
        if (url.path or "").rstrip("/") != "/v1" or url.username or url.query:
            raise SettingsError(
                f"{path}: {model.name} has the endpoint {url.scheme}://{url.host}, where serve is to run a server. "
                "Write http://HOST:PORT/v1."
            )
    if len(given) == 1 and serve.replicas > 1:
        first, ports = given[0], iter(range((given[0].port or 80), 65_536))
        given = tuple(HttpUrl(f"{first.scheme}://{first.host}:{next(ports)}/v1") for _ in range(serve.replicas))
    given = given or tuple(HttpUrl(f"http://127.0.0.1:{next(ports)}/v1") for _ in range(serve.replicas))
    if len(given) != serve.replicas:
        raise SettingsError(
            f"{path}: {model.name} has {len(given)} endpoints and {serve.replicas} replica(s). Give it one endpoint a "
            "replica, or the first alone: the others have the ports after it."
        )
    return model.model_copy(update={"endpoint": given[0], "endpoints": given})


def _refuse_shared(path: Path, served: Mapping[str, ModelSettings]) -> None:
    """Raise where two servers would have the same GPU or the same port."""
    owners: dict[str, str] = {}
    for name, model in served.items():
        gpus = () if model.serve is None else model.serve.stated_gpus
        for thing in (*(f"GPU {gpu}" for gpu in gpus), *(f"port {url.port}" for url in model.servers)):
            if thing in owners:
                raise SettingsError(f"{path}: {owners[thing]} and {name} both have {thing}; give each its own.")
            owners[thing] = name


def _explain(path: Path, text: str, error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
    last = next((part for part in reversed(first["loc"]) if isinstance(part, str)), "")
    line = _line_of(text, last) if first["type"] == "extra_forbidden" else None
    where = f"{path}, line {line}" if line else f"{path}"
    if first["type"] == "extra_forbidden":
        return f"{where}: {key} is not a setting; look for a misspelling in the list of docs/settings.md."
    if first["type"] == "missing":
        return f"{where}: {key} is missing; add it."
    if first["type"] == "value_error":  # a sentence of ours
        return f"{where}: {key}: {first['ctx']['error']}"
    return f"{where}: {key} is {first['input']!r}: {first['msg']}."


def _line_of(text: str, key: str) -> int | None:
    """The line where a key or table is first written; good enough to point a person at it."""
    for number, line in enumerate(text.splitlines(), start=1):
        word = line.strip().lstrip("[").split("=")[0].strip().strip("]").split(".")[-1]
        if word.strip('"') == key:
            return number
    return None
