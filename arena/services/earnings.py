"""What raters earned in a campaign, by its terms and its close: the arithmetic between the store and whoever asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from arena.domain import credit
from arena.domain.campaign import DEFAULT, Campaign, CampaignState
from arena.domain.campaign_change import CampaignChange
from arena.domain.credit import CreditBalance, CreditTerms, EarningVote
from arena.store import campaign_payments, campaigns, credit_lines
from arena.store.connections import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRates:
    """What votes of a campaign earn, and when that is settled."""

    name: str
    terms: tuple[CreditTerms, ...]
    """In the order in which they began; none where the campaign is not known here, and earns nothing."""
    closes_at: datetime | None
    """When it was closed, or will be as far as anybody knows. UTC."""

    @property
    def window_ends(self) -> datetime | None:
        """When the last of its credits are settled. None: nobody knows yet, or all are at once."""
        longest = max((one.audit_window for one in self.terms), default=0)
        return credit.window_end(self.closes_at, longest) if longest and self.closes_at else None

    def earned(self, vote: EarningVote) -> int:
        """What a vote earned, in hundredths."""
        return credit.in_force(self.terms, vote.given_at).earned(edited=vote.edited) if self.terms else 0

    def passed(self, vote: EarningVote, now: datetime) -> bool:
        """Whether the credit of a vote is past its window."""
        return bool(self.terms) and credit.in_force(self.terms, vote.given_at).passed(self.closes_at, now)

    def balance(self, votes: Iterable[EarningVote], held_back: int, paid: int, now: datetime) -> CreditBalance:
        """What one rater has of these votes of theirs, of whose credits so much was held back and so much paid."""
        every = tuple(votes)
        return CreditBalance.of(
            votes=len(every),
            earned=sum(map(self.earned, every)),
            passed=sum(self.earned(one) for one in every if self.passed(one, now)),
            held_back=held_back,
            paid=paid,
        )


def rates(connection: Connection, default: Campaign, name: str) -> CampaignRates:
    """The rates of a campaign by its name. `default` is what the configuration says."""
    if name == DEFAULT:
        terms = tuple(credit_lines.terms_of(connection, name))
        return CampaignRates(name=name, terms=terms, closes_at=_default_closes(connection, default))
    found: list[CreditTerms] = []
    changes = [one for one in campaigns.changes(connection) if one.name == name]
    for change in changes:
        then = _terms(change)
        if not found or not then.same(found[-1]):
            found.append(then)
    return CampaignRates(name=name, terms=tuple(found), closes_at=_closes(changes))


def terms_of(campaign: Campaign, since: datetime) -> CreditTerms:
    """The terms that a campaign says, from a moment on."""
    return CreditTerms(
        since=since,
        reward=credit.hundredths(campaign.reward),
        reward_edit=credit.hundredths(campaign.reward_edit),
        audit_window=campaign.audit_window,
    )


def balances(connection: Connection, of: CampaignRates, now: datetime) -> dict[str, CreditBalance]:
    """What everybody has in a campaign, by SHA-256 of the rater."""
    if not of.terms:
        return {}
    held_back = credit_lines.held_back(connection, of.name)
    paid = campaign_payments.paid_before(connection, of.name).credits
    found = {}
    for digest, votes in credit_lines.counted(connection, of.name, of.terms).items():
        earned = {group: count * group[0].earned(edited=group[1]) for group, count in votes.items()}
        found[digest] = CreditBalance.of(
            votes=votes.total(),
            earned=sum(earned.values()),
            passed=sum(amount for (terms, _), amount in earned.items() if terms.passed(of.closes_at, now)),
            held_back=held_back[digest],
            paid=paid[digest],
        )
    return found


def _terms(change: CampaignChange) -> CreditTerms:
    return terms_of(change.campaign(change.changed_at), change.changed_at)


def _closes(changes: list[CampaignChange]) -> datetime | None:
    """When a campaign closed or will: by a person, or by its `ends`, whichever came first."""
    if not changes:
        return None
    ends = changes[-1].campaign(changes[0].changed_at).ends
    closed = changes[-1].changed_at if changes[-1].state is CampaignState.CLOSED else None
    return min((one for one in (ends, closed) if one is not None), default=None)


def _default_closes(connection: Connection, default: Campaign) -> datetime | None:
    """When it had the votes that are wanted, or ended. A withdrawal or a hold later takes nothing back from others."""
    wanted = default.target_votes
    reached = None if wanted is None else credit_lines.reached(connection, DEFAULT, wanted)
    return min((one for one in (reached, default.ends) if one is not None), default=None)
