"""Configuration: one TOML file, and the environment for where data lives; stored selections. Nothing else reads those.

    host, port, data_dir, database, workspace, public_board, public_url, trusted_proxies, secure_cookie, policy,
    audit_hours, name_recogniser
    [deadlines]   first_token, silence, total, connect, abandoned   seconds
    [limits]      live_battles, live_battles_per_rater, body_bytes, send_seconds, and the shares of one address:
                  raters_per_minute, battles_per_address, streams_per_battle, requests_per_address,
                  listeners_per_address, failed_tokens_per_minute; media_bytes
    [campaign]    kind, answers, prompt_set, models, pairs, pairs_per_prompt, overlap, reservation, daily_limit,
                  max_turns, pace, criteria, target_votes, starts, ends
    [endpoints]   allow, workspaces, webhooks
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
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, HttpUrl, IPvAnyNetwork, StringConstraints, ValidationError

from arena.errors import DoesNotFit, InvalidValue, Malformed, SettingsError
from arena.settings import model_servers
from arena.settings.campaigns import CampaignSettings
from arena.settings.models import FREE, ModelSettings
from arena.settings.policies import PolicySettings
from arena.settings.section import SLUG, Section, Slug, holds_nul
from arena.settings.tables import Deadlines, Endpoints, Limits, Oidc

FunctionPath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]
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


class Settings(Section):
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
    models = model_servers.placed(path, settings.models)
    chosen = data_dir or _environment_data_dir()
    told = database(settings.database)
    found = {"data_dir": chosen or settings.data_dir, "database": told, "models": models}
    return settings.model_copy(update=found)


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
        if holds_nul(table):
            said = {key: value for key, value in table.items() if key not in FREE}
            refusal = InvalidValue if holds_nul(said) else DoesNotFit
            raise refusal("A text of the model holds NUL; send it without.")
        return ModelSettings.model_validate_json(text, strict=True)
    except UnicodeEncodeError as error:
        raise InvalidValue("A text of the model holds half a character; send it whole.") from error
    except ValidationError as error:
        first = error.errors()[0]
        key, kind = ".".join(map(str, first["loc"])), first["type"]
        if kind == "value_error":
            fits = InvalidValue if key else DoesNotFit  # without a key it is about several
            raise fits(f"{key or 'The model'}: {first['ctx']['error']}") from error
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
    package = Path(__file__).parents[1]
    packaged = package / "configs" / name
    return packaged if packaged.exists() else package.parent / "configs" / name


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
