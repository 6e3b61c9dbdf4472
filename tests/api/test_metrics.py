"""What a monitor is told: every query of the dashboard has its figures, and none of them names a model."""

import json
import re
from pathlib import Path

import httpx
import yaml

from arena.domain.battle import VoidCause
from tests import arenas

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "configs" / "grafana.json"
ALERTS = ROOT / "deploy" / "alerts.yml"
FUNCTIONS = {"delta", "rate", "sum", "by", "le", "histogram_quantile"}


def queries() -> list[str]:
    return [target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]]


def asked(query: str) -> set[str]:
    """The metrics that a query reads."""
    return set(re.findall(r"[a-z_]{2,}", re.sub(r"\[\w+\]", "", query))) - FUNCTIONS


def metrics(arena: arenas.Arena) -> str:
    return httpx.get(f"{arena.url}/metrics").raise_for_status().text


def names(text: str) -> set[str]:
    return {re.split(r"[{ ]", line)[0] for line in text.splitlines() if not line.startswith("#")}


def test_every_query_of_the_dashboard_reads_a_metric_there_is(arena: arenas.Arena) -> None:
    there = names(metrics(arena))
    found = {name for query in queries() for name in asked(query)}
    assert len(found) >= 10
    assert found - there == set()
    assert asked("rate(arena_nothing[5m])") - there == {"arena_nothing"}  # the control


def test_every_alert_reads_a_metric_there_is(arena: arenas.Arena) -> None:
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    found = {name for rule in rules for name in asked(rule["expr"]) if name.startswith("arena_")}
    assert len(found) >= 2
    assert found - names(metrics(arena)) == set()


def test_voids_are_counted_by_cause_and_nothing_by_model(arena: arenas.Arena) -> None:
    text = metrics(arena)
    assert set(re.findall(r'arena_voids\{cause="([^"]+)"\}', text)) == {cause.value for cause in VoidCause}
    assert set(re.findall(r"[{,](\w+)=", text)) == {"cause", "le", "process"}


def test_a_battle_leaves_its_first_text_its_ticks_and_its_commits(arena: arenas.Arena) -> None:
    def count(name: str) -> float:
        found = re.search(rf"^{name}_count (\S+)$", metrics(arena), re.MULTILINE)
        assert found
        return float(found[1])

    meters = ("arena_first_text_seconds", "arena_tick_lateness_seconds", "arena_commit_seconds")
    before = [count(name) for name in meters]
    with arena.rater() as rater:
        arenas.battle(rater)
    assert all(count(name) > earlier for name, earlier in zip(meters, before, strict=True))
