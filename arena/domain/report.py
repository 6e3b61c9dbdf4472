"""A report: what a rater says is wrong with a battle, so that a person looks at it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from arena.domain.ids import BattleId, RaterId, ReportId


class ReportKind(StrEnum):
    """What is wrong."""

    PERSONAL = "personal"
    DANGEROUS = "dangerous"
    NAMES_MODEL = "names_model"
    GUIDELINES = "guidelines"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a rater reported."""

    report_id: ReportId
    battle_id: BattleId
    rater_id: RaterId
    kind: ReportKind
    reason: str
    reported_at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAnswer:
    """What a person decided of a report."""

    report_id: ReportId
    keep: bool
    """Whether the item is given to raters again."""
    reason: str
    answered_by: str
    """Id of the principal."""
    answered_at: datetime
    """UTC."""
