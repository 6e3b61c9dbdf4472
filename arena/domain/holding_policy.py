"""What findings of an audit lead to: a policy, which has a version. It holds votes and puts raters on probation; only
people suspend."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

POOLED: Final = "pooled"
"""The rule for findings about many accounts, none of which says enough alone: pushes of one model, too."""
PUSH: Final = "push"


class Consequence(StrEnum):
    """What a finding leads to, the mildest first."""

    NOTE = "note"
    """People read it; nothing is held."""
    HOLD = "hold"
    """The votes that speak for it are held, and those that follow in the same way."""
    PROBATION = "probation"
    """Likewise, and the rater is on probation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRule:
    """What findings of one kind lead to."""

    then: Consequence
    strength: float = 0.0
    """Natural logarithm of the evidence that a finding needs at least; a weaker one is a note."""


NOTED: Final = PolicyRule(then=Consequence.NOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingPolicy:
    """The rules for all kinds. The same version always has the same rules."""

    version: str
    looks: int
    """Audits of a growing workspace over which the chance of a false ring, pool or cohort is split."""
    rules: Mapping[str, PolicyRule]

    def consequence(self, kind: str, accounts: int, strength: float) -> Consequence:
        """What a finding about so many accounts leads to. A kind without a rule is a note."""
        rule = self.rules.get(POOLED if kind == PUSH and accounts > 1 else kind)
        return Consequence.NOTE if rule is None or strength < rule.strength else rule.then

    @property
    def name(self) -> str:
        """Who decided, where the policy did."""
        return f"policy {self.version}"

    def told(self, before: "HoldingPolicy | None") -> str:
        """What it changes, in a sentence; without one before it, what it says."""
        if before is None:
            groups = [
                f"{then} for {', '.join(sorted(kind for kind, rule in self.rules.items() if rule.then is then))}"
                for then in sorted({rule.then for rule in self.rules.values()} - {Consequence.NOTE})
            ]
            said = "; ".join(groups) or "none"
            return f"Votes are held by policy {self.version}: {said}. Anything else is a note."
        changed = [f"{kind}: {_rule(now)}, before {_rule(then)}" for kind, now, then in self.changed(before)]
        if self.looks != before.looks:
            changed.append(f"looks: {self.looks}, before {before.looks}")
        said = "; ".join(changed) or "the same rules"
        return f"Votes are held by policy {self.version} in place of {before.version}: {said}."

    def changed(self, before: "HoldingPolicy | None") -> list[tuple[str, PolicyRule, PolicyRule]]:
        """The kinds with another rule than before it: the rule now and the one then. A kind without one is a note."""
        rules = {} if before is None else before.rules
        found = ((kind, self.rules.get(kind, NOTED), rules.get(kind, NOTED)) for kind in sorted({*self.rules, *rules}))
        return [(kind, now, then) for kind, now, then in found if now != then]

    def to_json(self) -> dict[str, Any]:
        """As it is written down."""
        return {
            "version": self.version,
            "looks": self.looks,
            "rules": {
                kind: {"then": rule.then.value, "strength": rule.strength} for kind, rule in sorted(self.rules.items())
            },
        }

    @staticmethod
    def from_json(told: Mapping[str, Any]) -> "HoldingPolicy":
        """As it was written down."""
        return HoldingPolicy(
            version=told["version"],
            looks=told["looks"],
            rules=MappingProxyType(
                {
                    kind: PolicyRule(then=Consequence(rule["then"]), strength=rule["strength"])
                    for kind, rule in told["rules"].items()
                }
            ),
        )


def _rule(rule: PolicyRule) -> str:
    return rule.then if not rule.strength else f"{rule.then} from strength {rule.strength:g}"


DEFAULT: Final = HoldingPolicy(
    version="2",
    looks=20,
    rules=MappingProxyType(
        {
            **dict.fromkeys(
                (
                    *("lopsided", "careless", "half", "inverted", PUSH, "hunt", "ring"),
                    *("gold", "repeat", "quick", "straight", "skip"),
                ),
                PolicyRule(then=Consequence.PROBATION),
            ),
            **dict.fromkeys((POOLED, "cohort"), PolicyRule(then=Consequence.HOLD)),
        }
    ),
)
"""What holds where the configuration names no other."""
