"""The numbering plans of all countries, from `phonenumbers`, as patterns that are compiled once and quick to ask."""

import functools
import re

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata


def regions_of(digits: str) -> tuple[tuple[str, ...], str]:
    """The regions of the country code that a number begins with, and the rest of the number; no regions without one."""
    for length in (1, 2, 3):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length]))
        if regions is not None:
            return tuple(region for region in regions if region != "001"), digits[length:]
    return (), digits


def is_in_use(region: str, national: str) -> bool:
    """Whether a number, without trunk zero, is in a range that the region uses."""
    plan = _plan(region)
    return len(national) in plan[0] and plan[2].fullmatch(national) is not None


def is_possible(region: str, national: str) -> bool:
    """Whether a number has a length and the outline of the region: ranges for films are possible, and not in use."""
    plan = _plan(region)
    return len(national) in plan[0] and plan[1].fullmatch(national) is not None


@functools.cache
def _plan(region: str) -> tuple[frozenset[int], re.Pattern[str], re.Pattern[str]]:
    """Lengths, outline and ranges in use of a region's national numbers."""
    plan = PhoneMetadata.metadata_for_region(region)
    if plan is None:
        raise LookupError(f"phonenumbers has no plan for its own region {region}")
    uses = (
        plan.fixed_line,
        plan.mobile,
        plan.toll_free,
        plan.premium_rate,
        plan.shared_cost,
        plan.voip,
        plan.personal_number,
        plan.pager,
        plan.uan,
    )
    ranges = [use.national_number_pattern for use in uses if use is not None and use.national_number_pattern]
    outline = plan.general_desc
    if outline is None or not outline.national_number_pattern or not ranges:
        raise LookupError(f"phonenumbers has no ranges for its own region {region}")
    return (
        frozenset(outline.possible_length),
        re.compile(outline.national_number_pattern),
        re.compile("|".join(f"(?:{one})" for one in ranges)),
    )
