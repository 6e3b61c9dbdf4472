"""A policy says what it holds votes for, and what it changes."""

from dataclasses import replace

from arena.domain.holding_policy import DEFAULT, NOTED, Consequence, PolicyRule


def test_the_first_policy_says_its_rules_and_a_later_one_what_it_changes() -> None:
    first = DEFAULT.told(None)
    assert first.startswith("Votes are held by policy 2: hold for cohort, pooled; probation for careless, gold, ")
    assert first.endswith(" Anything else is a note.")
    rules = {**DEFAULT.rules, "ring": PolicyRule(then=Consequence.HOLD, strength=12.5)}
    del rules["gold"]
    later = replace(DEFAULT, version="3", looks=30, rules=rules)
    assert later.told(DEFAULT) == (
        "Votes are held by policy 3 in place of 2: gold: note, before probation; ring: hold from strength 12.5, before "
        "probation; looks: 30, before 20."
    )
    assert replace(DEFAULT, version="4").told(DEFAULT).endswith("in place of 2: the same rules.")


def test_every_rule_of_the_first_policy_is_a_change_and_of_a_later_one_those_that_differ() -> None:
    assert [(kind, then) for kind, _, then in DEFAULT.changed(None)] == [
        (kind, NOTED) for kind in sorted(DEFAULT.rules)
    ]
    strict = PolicyRule(then=Consequence.HOLD, strength=12.5)
    rules = {**DEFAULT.rules, "ring": strict, "apart": strict, "half": replace(NOTED)}
    del rules["gold"]
    changed = replace(DEFAULT, rules=rules).changed(DEFAULT)
    assert changed == [
        ("apart", strict, NOTED),
        ("gold", NOTED, DEFAULT.rules["gold"]),
        ("half", NOTED, DEFAULT.rules["half"]),
        ("ring", strict, DEFAULT.rules["ring"]),
    ]
    assert DEFAULT.changed(DEFAULT) == []
