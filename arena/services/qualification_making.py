"""Making a qualification: its numbers in range, and a set with enough items whose outcome is known."""

from dataclasses import dataclass

from arena.domain import qualification as domain
from arena.domain import wording
from arena.domain.model import SLUG
from arena.domain.qualification import Qualification
from arena.errors import DoesNotFit, InvalidValue, UnknownName
from arena.services import prompt_sets as sets
from arena.services.open_workspace import OpenWorkspace
from arena.store import prompt_sets, qualifications
from arena.store.writing.commands import AddQualification

GENERAL = "general"
"""The field of campaigns that ask for none: everybody is qualified for it, and it has no test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A qualification as somebody asks for it, before it is checked."""

    field: str
    gold_set: str
    title: str | None = None
    practice: int = 0
    items: int = 10
    needed: int = 8
    tries: int = 2
    wait_days: int = 7
    valid_days: int = 365
    guidelines: str = ""


def create(here: OpenWorkspace, wanted: Wanted, created_by: str) -> Qualification:
    """Make the test of a field. Raises `InvalidValue`, and `Conflict` for a field that has one."""
    if SLUG.fullmatch(wanted.field) is None or wanted.field == GENERAL:
        refusal = DoesNotFit if wanted.field == GENERAL else InvalidValue
        raise refusal(
            f"field is {wanted.field!r}; it is 3 to 64 of a-z, 0-9, dot, dash and underscore, and not {GENERAL!r}."
        )
    title = wanted.field if wanted.title is None else wanted.title.strip()
    if not wording.visible(title) or len(title) > domain.TITLE_LIMIT or not wording.in_one_line(title):
        raise InvalidValue(f"title has to be 1 to {domain.TITLE_LIMIT} characters in one line; or leave it out.")
    if len(wanted.guidelines) > domain.GUIDELINES_LIMIT or "\0" in wanted.guidelines:
        raise InvalidValue(f"guidelines have to be text of up to {domain.GUIDELINES_LIMIT:,} characters.")
    for name, number, least, most in (
        ("practice", wanted.practice, 0, domain.MOST_ITEMS),
        ("items", wanted.items, 1, domain.MOST_ITEMS),
        ("needed", wanted.needed, 1, wanted.items),
        ("tries", wanted.tries, 1, domain.MOST_TRIES),
        ("wait_days", wanted.wait_days, 0, domain.MOST_DAYS),
        ("valid_days", wanted.valid_days, 1, domain.MOST_DAYS),
    ):
        if not least <= number <= most:
            fits = DoesNotFit if name == "needed" and number <= domain.MOST_ITEMS else InvalidValue
            raise fits(f"{name} is {number}; it is {least} to {most:,}.")
    _refuse_few(here, wanted)
    made = Qualification(
        field=wanted.field,
        gold_set=wanted.gold_set,
        title=title,
        practice=wanted.practice,
        items=wanted.items,
        needed=wanted.needed,
        tries=wanted.tries,
        wait_days=wanted.wait_days,
        valid_days=wanted.valid_days,
        guidelines=wanted.guidelines,
        created_by=created_by,
        created_at=here.now(),
    )
    here.store.submit(AddQualification(qualification=made)).result()
    return made


def _refuse_few(here: OpenWorkspace, wanted: Wanted) -> None:
    """Raise for a set that is not here, or has too few items that can be asked."""
    with here.store.reading() as connection:
        if not wording.storable(wanted.gold_set) or not prompt_sets.exists(connection, wanted.gold_set):
            raise UnknownName(sets.absent(wanted.gold_set))
        there = len(qualifications.gold_items(connection, wanted.gold_set))
    needed = wanted.practice + wanted.tries * wanted.items
    if there < needed:
        raise DoesNotFit(
            f"Set {wanted.gold_set} has {wording.counted(there, 'prompt')} with a known outcome and both answers, and "
            f"{needed:,} are needed: practice, and items for each of the tries. Import more, or ask for fewer."
        )
