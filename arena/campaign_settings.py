"""The table `[campaign]`: what the campaign `default` asks of raters. Its keys are those of every campaign.

A key that campaigns have and that does nothing here yet is refused, so that nobody believes that it holds.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]

NOT_HERE: Final = (
    *("pairing", "floor", "focus", "repeats", "gold", "gold_set", "qualifications", "languages", "raters"),
    *("min_width", "guidelines", "consent", "reward", "reward_edit", "audit_window", "anonymous", "rater_share"),
    *("board_batch", "feed_delay"),
)
"""Keys of campaigns that `[campaign]` does not take."""
OF_TASKS: Final = ("prompt_set", "pairs", "pairs_per_prompt", "overlap", "reservation", "daily_limit")
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
        return datetime(given.year, given.month, given.day, tzinfo=UTC)
    if isinstance(given, datetime):
        if given.tzinfo is None:
            raise ValueError("a time needs its zone, such as 2026-01-31T08:00:00Z.")
        return given.astimezone(UTC)
    return given


Moment = Annotated[datetime, BeforeValidator(_moment)]


class AskedCriterion(BaseModel):
    """One of `criteria`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=CRITERION_CHARACTERS)]
    question: Annotated[str, StringConstraints(min_length=1, max_length=QUESTION_CHARACTERS)] | None = None


class CampaignSettings(BaseModel):
    """What the arena asks of raters, and until when. Without this table they ask their own prompts for ever."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["open", "tasks"] = "open"
    """`open`: raters ask their own prompts. `tasks`: they are given items of a prompt set."""
    answers: Literal["live", "stored"] = "live"
    """`stored`: answers that `arena import responses` brought; needs `tasks`, and `tasks` needs it."""
    prompt_set: Name | None = None
    """The set whose prompts are given out; only with `tasks`, which need it."""
    models: tuple[Name, ...] = ()
    """The models that take part, at least two; left out, all. Of `tasks`, those with answers in the set."""
    pairs: tuple[tuple[str | float, ...], ...] = ()
    """The pairs that may meet, as `["MODEL", "MODEL"]` or `["MODEL", "MODEL", WEIGHT]`; left out, all alike."""
    pairs_per_prompt: Annotated[int, Field(ge=1, le=100)] = 1
    """Items of each prompt: that many different pairs, as far as there are answers."""
    overlap: Annotated[int, Field(ge=1, le=100)] = 1
    """How many raters vote on each item."""
    reservation: Annotated[int, Field(ge=10, le=86_400)] = 1_800
    """Seconds for which an item is kept for a rater; then it goes to others."""
    daily_limit: Annotated[int, Field(ge=1)] | None = None
    """The most items that a rater votes on in a day, UTC."""
    max_turns: Annotated[int, Field(ge=1)] | None = None
    """The most turns of one conversation; only with `open`."""
    pace: Literal["common", "complete"] | None = None
    """`common`: both answers appear at one pace. `complete`: both at once. Left out, `complete` for stored answers."""
    criteria: tuple[str | dict[str, str], ...] = ()
    """At most four things to compare beside the vote: each a name, or `{name = "...", question = "..."}`."""
    target_votes: Annotated[int, Field(ge=1)] | None = None
    """Once so many votes are there, the campaign is closed."""
    starts: Moment | None = None
    """A date (00:00 UTC) or a time with its zone; before it nothing is given out."""
    ends: Moment | None = None
    """A date or a time, as `starts`; from then on the campaign is closed."""

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

    @model_validator(mode="before")
    @classmethod
    def _takes_what_it_honours(cls, given: Any) -> Any:
        """Raises `ValueError` for a key of campaigns that nothing here would follow."""
        found = [key for key in NOT_HERE if isinstance(given, dict) and key in given]
        if found:
            raise ValueError(f"{found[0]} is a key of campaigns that this arena does not follow; take it out.")
        if isinstance(given, dict) and given.get("name", "default") != "default":
            raise ValueError("name: the campaign of the configuration is called default; take the name out.")
        return {key: value for key, value in given.items() if key != "name"} if isinstance(given, dict) else given

    @field_validator("pairs")
    @classmethod
    def _two_models(cls, pairs: tuple[tuple[str | float, ...], ...]) -> tuple[tuple[str | float, ...], ...]:
        for one in pairs:
            named = len(one) in (2, 3) and isinstance(one[0], str) and isinstance(one[1], str) and one[0] != one[1]
            if not named or (len(one) == 3 and (isinstance(one[2], str) or not one[2] > 0)):
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
        if len(set(names)) < len(names) or any(not name or not name.isprintable() for name in names):
            raise ValueError("each needs a name of its own, on one line.")
        for one in criteria:
            AskedCriterion(name=one) if isinstance(one, str) else AskedCriterion.model_validate(one)
        return criteria

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
            if self.answers == "live":
                raise ValueError('tasks are given out over stored answers alone; say answers = "stored".')
            if self.max_turns is not None:
                raise ValueError('max_turns is for kind = "open": nobody goes on from a stored answer.')
        if len(set(self.models)) == 1:
            raise ValueError("models: one model has nothing to be compared with; name two or more, or none for all.")
        if self.models and (unknown := {name for one in self.weighted_pairs for name in one[:2]} - set(self.models)):
            raise ValueError(f"pairs: {sorted(unknown)[0]} is not among models.")
        if self.starts is not None and self.ends is not None and self.starts >= self.ends:
            raise ValueError("ends must be after starts.")
        return self
