"""The keys of a campaign: of the table `[campaign]`, which is the campaign `default`, and of every other one.

A key that campaigns have and that does nothing for `default` yet is refused there, so that nobody believes that it
holds.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from arena.errors import DoesNotFit, InvalidValue, Malformed
from arena.settings.section import holds_nul

MOST: Final = 1_000_000_000
"""Votes, items or turns: more than there will be, and few enough to reckon with."""
SHORTEST_BATCH: Final = 1 / 3_600
"""Hours between two boards: nobody looks more often than once a second."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0, le=0.5)]
Credits = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]

NOT_HERE: Final = ("min_width",)
"""Keys of campaigns that `[campaign]` does not take."""
OF_TASKS: Final = (
    *("prompt_set", "pairs_per_prompt", "overlap", "further_votes", "reservation"),
    *("repeats", "gold", "gold_set"),
)
BREAKING: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What a line of text may not hold: controls, line and paragraph separators, half characters."""
SLUG: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]")
LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
GUIDELINES_CHARACTERS: Final = 100_000
CONSENT_CHARACTERS: Final = 10_000
CRITERIA: Final = 4
CRITERION_CHARACTERS: Final = 60
QUESTION_CHARACTERS: Final = 200


def _moment(given: object) -> object:
    """A time: a date, which begins at 00:00 UTC, or date and time with a zone."""
    if isinstance(given, str):
        try:
            given = date.fromisoformat(given) if len(given) == len("2026-01-31") else datetime.fromisoformat(given)
        except ValueError:
            raise ValueError("it must be a date, or a time with its zone, such as 2026-01-31T08:00:00Z.") from None
    if isinstance(given, date) and not isinstance(given, datetime):
        given = datetime(given.year, given.month, given.day, tzinfo=UTC)
    if isinstance(given, datetime):
        if given.tzinfo is None:
            raise ValueError("a time needs its zone, such as 2026-01-31T08:00:00Z.")
        try:
            return given.astimezone(UTC)
        except OverflowError:
            raise ValueError("the time is in no year from 1 to 9999, UTC.") from None
    return given


Moment = Annotated[datetime, BeforeValidator(_moment)]


def _a_second(hours: float) -> float:
    if 0 < hours < SHORTEST_BATCH:
        raise ValueError(f"it is 0, or a second at least, which is {SHORTEST_BATCH:.4f} hours.")
    return hours


class AskedCriterion(BaseModel):
    """One of `criteria`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=CRITERION_CHARACTERS)]
    question: Annotated[str, StringConstraints(min_length=1, max_length=QUESTION_CHARACTERS)] | None = None


class CampaignKeys(BaseModel):
    """What a campaign asks of raters, and until when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["open", "tasks"] = "open"
    """`open`: raters ask their own prompts. `tasks`: they are given items of a prompt set."""
    answers: Literal["live", "stored"] = "live"
    """`live`: the models answer when a prompt is asked; for `tasks`, a little ahead. `stored`: answers that
    `arena import responses` brought; needs `tasks`."""
    prompt_set: Name | None = None
    """The set whose prompts are given out; only with `tasks`, which need it."""
    models: tuple[Name, ...] = ()
    """The models that take part, at least two; left out, all. Of `tasks`, those with answers in the set."""
    pairing: Literal["uniform", "coverage", "informative"] = "uniform"
    """`uniform`: all pairs alike. `coverage`: those with the fewest votes more often. `informative`: those that tell
    most about who is better."""
    floor: Annotated[int, Field(ge=1, le=1_000_000)] = 40
    """Votes that each pair gets first, with `coverage` and `informative`."""
    pairs: tuple[tuple[str | float, ...], ...] = ()
    """The pairs that may meet, as `["MODEL", "MODEL"]` or `["MODEL", "MODEL", WEIGHT]`; left out, all alike."""
    pairs_per_prompt: Annotated[int, Field(ge=1, le=100)] = 1
    """Items of each prompt: that many different pairs, as far as there are answers."""
    focus: Name | None = None
    """A model that is in half of all draws, such as a new checkpoint."""
    overlap: Annotated[int, Field(ge=1, le=100)] = 1
    """How many raters vote on each item."""
    further_votes: Annotated[int, Field(ge=0, le=100)] = 0
    """How many raters more vote on a disputed item: one with votes for both of its models. They are raters who have not
    had it, who qualify like any other, and their votes earn the same. Above 0 it needs an `overlap` of two at least."""
    repeats: Share = 0.0
    """The share of a rater's tasks that are shown again, sides swapped; at most 0.5."""
    gold: Share = 0.0
    """The share of a rater's tasks whose outcome is known; at most 0.5."""
    gold_set: Name | None = None
    """The set they are taken from; `gold` above 0 needs it."""
    qualifications: tuple[Name, ...] = ()
    """The fields that a rater has to be qualified for, all of them."""
    languages: tuple[str, ...] = ()
    """Languages as BCP 47 says them: prompts in others are given to nobody, and raters read one of these."""
    raters: tuple[Name, ...] = ()
    """Ids of raters, as `GET /api/v1/me` shows them, who alone are let in; left out, everybody."""
    min_width: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Pixels that a rater's window has to have: its page asks for a wider one. Programs are not asked."""
    guidelines: Annotated[str, StringConstraints(max_length=GUIDELINES_CHARACTERS)] = ""
    """Markdown, shown before the first item and one key away."""
    consent: Annotated[str, StringConstraints(max_length=CONSENT_CHARACTERS)] = ""
    """What a rater agrees to before the first item."""
    criteria: tuple[str | dict[str, str], ...] = ()
    """At most four things to compare beside the vote: each a name, or `{name = "...", question = "..."}`."""
    reward: Credits = 1.0
    """Credits for a vote, in hundredths at the finest."""
    reward_edit: Credits = 0.0
    """Credits more for a vote with an edit."""
    audit_window: Annotated[int, Field(ge=0, le=3_650)] = 0
    """Days after the close in which credits are held."""
    anonymous: bool | None = None
    """Whether raters without an account are let in. Left out: yes in `default`, else where `open`."""
    max_turns: Annotated[int, Field(ge=1, le=MOST)] | None = None
    """The most turns of one conversation; only with `open`."""
    daily_limit: Annotated[int, Field(ge=1, le=MOST)] | None = None
    """The most items that a rater votes on in a day, UTC."""
    rater_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """The most of all votes that one rater casts."""
    pace: Literal["common", "complete"] | None = None
    """`common`: both answers appear at one pace. `complete`: both at once. Left out, `complete` for stored answers."""
    reservation: Annotated[int, Field(ge=10, le=86_400)] = 1_800
    """Seconds for which an item is kept for a rater; then it goes to others."""
    starts: Moment | None = None
    """A date (00:00 UTC) or a time with its zone; before it nothing is given out."""
    ends: Moment | None = None
    """A date or a time, as `starts`; from then on the campaign is closed."""
    target_votes: Annotated[int, Field(ge=1, le=MOST)] | None = None
    """Once so many votes are there, the campaign is closed."""
    board_batch: Annotated[float, Field(ge=0, le=8_760), AfterValidator(_a_second)] = 0.0
    """Hours between two public boards that its votes are in; 0: at once. They stand as they did at the last whole
    multiple of these hours since 1970, UTC, so that nobody sees what one vote moves; labs see every vote."""
    feed_delay: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    """Seconds after which listeners and webhooks are told of a vote. The longest of all campaigns holds for all of
    them: told earlier, the votes of the others would say how many there were of this one."""
    publish: Literal["nothing", "prompts", "battles"] = "nothing"
    """What the pages behind a board show whoever may see it: `nothing` but numbers, the `prompts` whose writers agree
    to publication, or `battles`, with answers and votes where who voted agrees, too; those of a campaign with an
    `overlap` once it is closed. Labs see all of their own. That of `default` holds for what was imported without a
    campaign, too; the admin of any workspace sets it there with `PATCH /api/v1/workspace`."""

    @property
    def asked(self) -> tuple[AskedCriterion, ...]:
        """The criteria, each with its question where it has one."""
        return tuple(
            AskedCriterion(name=one) if isinstance(one, str) else AskedCriterion(**one) for one in self.criteria
        )

    @property
    def weighted_pairs(self) -> tuple[tuple[str, str, float], ...]:
        """The pairs with their weights."""
        return tuple((str(one[0]), str(one[1]), float(one[2]) if len(one) == 3 else 1.0) for one in self.pairs)

    @field_validator("pairs")
    @classmethod
    def _two_models(cls, pairs: tuple[tuple[str | float, ...], ...]) -> tuple[tuple[str | float, ...], ...]:
        for one in pairs:
            named = len(one) in (2, 3) and isinstance(one[0], str) and isinstance(one[1], str) and one[0] != one[1]
            if not named or (len(one) == 3 and (isinstance(one[2], str) or not 0 < one[2] < float("inf"))):
                raise ValueError(f"{list(one)} must be two different models, and perhaps a weight above 0.")
        models = [frozenset(one[:2]) for one in pairs]
        if len(set(models)) < len(models):
            raise ValueError("a pair stands twice; give it once, with a weight.")
        return pairs

    @field_validator("criteria")
    @classmethod
    def _few_and_apart(cls, criteria: tuple[str | dict[str, str], ...]) -> tuple[str | dict[str, str], ...]:
        if len(criteria) > CRITERIA:
            raise ValueError(f"there are {len(criteria)}; a rater is asked {CRITERIA} at most.")
        names = [one if isinstance(one, str) else one.get("name") for one in criteria]
        if len(set(names)) < len(names) or any(not name or BREAKING.search(name) for name in names):
            raise ValueError("each needs a name of its own, on one line.")
        for one in criteria:
            try:
                AskedCriterion(name=one) if isinstance(one, str) else AskedCriterion.model_validate(one)
            except ValidationError as error:
                told = error.errors()[0]
                raise ValueError(
                    f"{one!r} is no criterion: {'.'.join(map(str, told['loc']))}: {told['msg']}."
                ) from None
        return criteria

    @field_validator("qualifications")
    @classmethod
    def _fields(cls, fields: tuple[str, ...]) -> tuple[str, ...]:
        for one in fields:
            if SLUG.fullmatch(one) is None:
                raise ValueError(f"{one!r} is no field; it is 3 to 64 of a-z, 0-9, dot, dash and underscore.")
        return fields

    @field_validator("languages")
    @classmethod
    def _codes(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        for one in languages:
            if LANGUAGE.fullmatch(one) is None:
                raise ValueError(f"{one!r} is no language of BCP 47, such as en or pt-BR.")
        return languages

    @field_validator("models", "qualifications", "languages", "raters")
    @classmethod
    def _each_once(cls, listed: tuple[str, ...]) -> tuple[str, ...]:
        if twice := next((one for one in listed if listed.count(one) > 1), None):
            raise ValueError(f"{twice} stands twice; name it once.")
        return listed

    @field_validator("reward", "reward_edit")
    @classmethod
    def _hundredths(cls, given: float) -> float:
        if abs(given * 100 - round(given * 100)) > 1e-6:
            raise ValueError(f"{given} has more than two decimals; credits are counted in hundredths.")
        return round(given, 2)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Raises `ValueError` for keys that do not go together."""
        if self.kind == "open":
            if self.answers == "stored":
                raise ValueError('answers = "stored" needs kind = "tasks".')
            fields = type(self).model_fields
            if given := [key for key in OF_TASKS if getattr(self, key) != fields[key].default]:
                raise ValueError(f'{given[0]} is for kind = "tasks"; take it out, or give out tasks.')
        else:
            if self.prompt_set is None:
                raise ValueError('kind = "tasks" needs prompt_set, the name of a set that `arena import prompts` made.')
            if self.max_turns is not None:
                raise ValueError('max_turns is for kind = "open": nobody goes on from a task.')
        if self.further_votes and self.overlap == 1:
            raise ValueError("further_votes needs an overlap of 2 or more: one rater alone disputes nothing.")
        if self.gold > 0 and self.gold_set is None:
            raise ValueError("gold above 0 needs gold_set, the set whose outcomes are known.")
        if self.gold + self.repeats >= 1:
            raise ValueError("gold and repeats are all of a rater's tasks; leave a share for others.")
        if len(set(self.models)) == 1:
            raise ValueError("models: one model has nothing to be compared with; name two or more, or none for all.")
        self._meets()
        if self.starts is not None and self.ends is not None and self.starts >= self.ends:
            raise ValueError("ends must be after starts.")
        return self

    def _meets(self) -> None:
        """Raise `ValueError` where `pairs` or `focus` speak of a model that is not drawn."""
        pairs = {name for one in self.weighted_pairs for name in one[:2]}
        if self.models and (unknown := pairs - set(self.models)):
            raise ValueError(f"pairs: {sorted(unknown)[0]} is not among models.")
        if self.focus is not None and any(known and self.focus not in known for known in (pairs, self.models)):
            raise ValueError(f"focus: {self.focus} is not among the models that meet.")


class CampaignSettings(CampaignKeys):
    """What the arena asks of raters, and until when. Without this table they ask their own prompts for ever.

    A lab makes further campaigns while the arena runs; some keys hold in those alone, and are refused here."""

    @model_validator(mode="before")
    @classmethod
    def _takes_what_it_honours(cls, given: Any) -> Any:
        """Raises `ValueError` for a key of campaigns that nothing here would follow."""
        if not isinstance(given, dict):
            return given
        fields = cls.model_fields
        if found := [key for key in NOT_HERE if given.get(key, fields[key].default) not in (fields[key].default, [])]:
            raise ValueError(f"{found[0]} is a key of campaigns that this arena does not follow; take it out.")
        if given.get("name", "default") != "default":
            raise ValueError("name: the campaign of the configuration is called default; take the name out.")
        return {key: value for key, value in given.items() if key != "name"}


class CampaignFile(CampaignKeys):
    """A campaign beside `default`: the same keys, every one of them, under a name of its own."""

    name: str
    """A slug that is never given twice and never changed."""

    @field_validator("name")
    @classmethod
    def _slug(cls, name: str) -> str:
        if SLUG.fullmatch(name) is None:
            raise ValueError(f"{name!r} is no name of a campaign; it is 3 to 64 of a-z, 0-9, dot, dash and underscore.")
        return name


def parsed(table: Mapping[str, Any]) -> CampaignFile:
    """A campaign from elsewhere.

    Raises `Malformed` for an unknown key, a missing one or a wrong type, `InvalidValue` for a value out of range.
    """
    try:
        text = json.dumps(table, ensure_ascii=False).encode()
        if holds_nul(table):
            raise InvalidValue("A text of the campaign holds NUL; send it without.")
        return CampaignFile.model_validate_json(text, strict=True)
    except UnicodeEncodeError as error:
        raise InvalidValue("A text of the campaign holds half a character; send it whole.") from error
    except ValidationError as error:
        first = error.errors()[0]
        key, kind = ".".join(map(str, first["loc"])), first["type"]
        if kind == "value_error":
            fits = InvalidValue if key else DoesNotFit  # without a key it is about several
            raise fits(f"{key or 'The campaign'}: {first['ctx']['error']}") from error
        if kind in ("extra_forbidden", "missing") or kind.endswith("_type"):
            raise Malformed(f"{key}: {first['msg']}. docs/labs.md has every key of a campaign.") from error
        raise InvalidValue(f"{key} is {first['input']!r}: {first['msg']}.") from error
