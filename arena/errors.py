"""Every error the arena raises on purpose.

    ArenaError
    ├── Malformed            the request cannot be read                                  HTTP 400
    ├── Unauthenticated      no identity, or one we did not issue                        HTTP 401
    ├── Forbidden            a known identity without the role                           HTTP 403
    │   └── AccountNeeded    a rater without an account, where one is needed             HTTP 403
    ├── NotFound             unknown, or not yours to see                                HTTP 404
    ├── Ended                it was there, and is used up or over                        HTTP 410
    ├── Conflict             the thing is in another state, or a key was used before     HTTP 409
    │   ├── TooFewModels     the workspace has fewer than two models                     HTTP 409
    │   └── NoTask           a campaign has no item for this rater now                   HTTP 409
    ├── TooLarge             a body or a text beyond its limit                           HTTP 413
    ├── InvalidValue         readable, but a value is out of range                       HTTP 422
    │   ├── UnknownName      it names something that is not here                         HTTP 422
    │   └── DoesNotFit       each value is in range, and they do not go together         HTTP 422
    ├── TooMany              more than the fair share of one address or rater            HTTP 429
    ├── Overloaded           full; try again later                                       HTTP 503
    │   └── Undecided        nobody can say yet whether it was written                   HTTP 503
    ├── SettingsError        a configuration file or variable is wrong
    ├── StoreError           the database cannot do what was asked
    │   ├── StoreHeld        another process owns the file
    │   ├── StoreCorrupt     the file, or its ledger, is not what was written
    │   └── StoreStopped     the writer met an I/O error and accepts nothing more        HTTP 503
    ├── ReleaseFailed        a release could not be written; nothing of it was kept
    ├── NotAsSigned          a release, an exported ledger or a proof is not what was signed
    └── ModelError           a model server did not give a complete answer
        ├── Unreachable      no connection
        ├── Rejected         it answered, with an error status (401, 404, 429, 500, ...)
        ├── NotAModelServer  it answered, but not in the OpenAI format (HTML, a redirect, garbage)
        ├── TimedOut         no first token, silence, or too long in total
        ├── Incomplete       no finish reason, no clean end, no visible text, or more than max_tokens allows
        ├── PromptRefused    the conversation is too long for the model, or its content is refused
        └── NotAsked         the arena itself had no connection left to ask it, or is stopping

The message is one sentence a person can act on: what happened, to what, what to do next. It never holds a
model's secret; messages of `ModelError` name the model and so must not reach a browser before the vote.
"""


class ArenaError(Exception):
    """What went wrong, to what, and what to do next, in one sentence."""

    code: str | None = None
    """One word that a program can tell this error by, where its HTTP status says too little."""


class Malformed(ArenaError):
    """The request cannot be read."""


class Unauthenticated(ArenaError):
    """No identity, or one this arena did not issue."""


class Forbidden(ArenaError):
    """The identity is known and lacks the role."""


class AccountNeeded(Forbidden):
    """A campaign lets in nobody without an account."""

    code = "account_needed"


class NotFound(ArenaError):
    """Unknown, or not visible to whoever asks."""


class Ended(ArenaError):
    """It was there, and is used up or over."""

    def __init__(self, message: str, *, code: str | None = None) -> None:
        """`code` is `used` or `expired`."""
        super().__init__(message)
        self.code = code


class Conflict(ArenaError):
    """The thing is in another state than the request needs."""


class TooFewModels(Conflict):
    """The workspace has fewer than two models; everything but battles works."""

    code = "nothing_to_compare"

    def __init__(self, models: int) -> None:
        """`models` is how many there are."""
        there = {0: "this workspace has no models", 1: "this workspace has one model"}[models]
        super().__init__(
            f"There is nothing to compare yet: {there}, and a battle needs two. Its admin adds [[models]] to the "
            "configuration and starts the arena again, or a lab adds one with `arena models add`."
        )


class NoTask(Conflict):
    """A campaign has no item for this rater now, or takes nothing now."""

    def __init__(self, message: str, *, code: str) -> None:
        """`code` is `done`, `limit`, `language`, `consent`, `not_qualified`, `not_started`, `paused` or `closed`; of a
        qualification `passed` or `waiting`."""
        super().__init__(message)
        self.code = code


class TooLarge(ArenaError):
    """A body or text is beyond its limit."""


class InvalidValue(ArenaError):
    """A value is readable but out of range."""


class UnknownName(InvalidValue):
    """A request names something that is not here, such as a model or a set; no document could list what is."""

    code = "unknown_name"


class DoesNotFit(InvalidValue):
    """Each value is in range, and they do not go together, or not with what is here."""

    code = "does_not_fit"


class TooMany(ArenaError):
    """One address or one rater asks for more than its share; others are served meanwhile."""

    code = "limit"

    def __init__(self, message: str, *, retry_seconds: int) -> None:
        """The sentence is completed with when to try again."""
        wait = "a second" if retry_seconds == 1 else f"{retry_seconds} seconds"
        super().__init__(f"{message} Try again in {wait}.")
        self.retry_seconds = retry_seconds


class Overloaded(ArenaError):
    """The arena is full; the same request may succeed later."""


class Undecided(Overloaded):
    """The database was lost while it committed, so that nobody can say yet whether this was written."""


class SettingsError(ArenaError):
    """A configuration file or an environment variable is wrong."""


class StoreError(ArenaError):
    """The database cannot do what was asked."""


class StoreHeld(StoreError):
    """Another process owns the database file."""


class StoreCorrupt(StoreError):
    """The file or its ledger is not what was written."""


class StoreStopped(StoreError):
    """The writer met an I/O error; nothing more is acknowledged until a restart."""


class ReleaseFailed(ArenaError):
    """The files of a release could not be written; nothing of it was kept."""


class NotAsSigned(ArenaError):
    """A release, an exported ledger or a proof is not what its maker signed."""


class ModelError(ArenaError):
    """A model server did not give a complete answer."""


class Unreachable(ModelError):
    """No connection to the model server."""


class Rejected(ModelError):
    """The model server answered with an error."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotAModelServer(ModelError):
    """Something answered, but not in the OpenAI streaming format."""


class TimedOut(ModelError):
    """No first token, silence, or too long in total."""


class Incomplete(ModelError):
    """The answer ended without finish reason, clean end or visible text, or did not end where it had to."""


class PromptRefused(ModelError):
    """The model server works, and refuses this conversation: too long for the model, or its content."""


class NotAsked(ModelError):
    """The arena had no connection left or is stopping, so the model server was not asked."""


BY_STATUS: dict[int, type[ArenaError]] = {
    400: Malformed,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Ended,
    413: TooLarge,
    422: InvalidValue,
    503: Overloaded,
}
"""What a caller of the API makes of a status. 429 is `TooMany`, which has to be told when to try again."""
