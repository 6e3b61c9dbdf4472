"""`make integrity`: its bars can be missed and can be met, and any detector can be measured."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import integrity
import numpy
import pytest
from detecting import bars, baselines, chart, classes, detectors, knowing, real_votes, results
from detecting.situations import GROUPS, Situation
from quality_worlds import Votes, World, turns

RING = Situation(attack="ring", share=0.2, accounts=100)
SEED = 1


def _prints(*names: str) -> dict[str, str]:
    return {name: integrity.detector(name).fingerprint() for name in names}


@pytest.fixture(scope="module")
def runs() -> dict[str, results.Runs]:
    lines = integrity.one_log(RING, SEED, _prints("nothing", "knows"))
    return {line["detector"]: results.Runs({SEED: line}) for line in lines}


def test_a_board_without_a_defence_misses_what_the_test_that_knows_the_attack_meets(
    runs: dict[str, results.Runs],
) -> None:
    nobody = results.Runs({})
    for name, met in (("nothing", False), ("knows", True)):
        seen = bars.Seen(own=runs[name], nothing=runs["nothing"], control=nobody)
        verdicts = {bar.what: bar.holds(seen) for bar in bars.asked(RING)}
        assert all(verdicts.values()) == met, (name, verdicts)
        assert (runs[name].mean("covers") == 1) == met
        assert runs[name].mean("covers_with_floor") >= runs[name].mean("covers")
        assert ("MISSED" in " ".join(bar.said(seen) for bar in bars.asked(RING))) != met


def test_beside_a_bar_that_is_missed_stands_what_the_test_that_knows_the_attack_reaches(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = results.Results(tmp_path / "results.jsonl")
    for line in integrity.one_log(RING, SEED, _prints("nothing", "knows")):
        kept.add(line)
    planned = [(RING, range(SEED, SEED + 1))]
    integrity.report(kept, planned, "nothing", ["nothing", "knows"], tmp_path / "gains.svg")
    missed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  missed: ")]
    assert any("shift <= 1 in 0 % (>= 95 %) MISSED; knowing the attack, 100 %" in line for line in missed), missed


def test_who_is_told_holds_dishonest_votes_and_no_other() -> None:
    world = World(seed=SEED, models=8, raters=60, votes=1_500)
    for attack, share in (("ring", 1.0), ("slow-burn", 0.5)):
        votes = world.attacked(attack, 0.2, 10)
        scene = detectors.Scene(votes=votes, world=world, situation=replace(RING, attack=attack))
        held = integrity.detector("told").judge(scene).weight == 0
        assert not (held & ~votes.bad).any()
        assert held.sum() / votes.bad.sum() == pytest.approx(share, abs=0.02)
        late = turns(votes.rater) >= numpy.bincount(votes.rater)[votes.rater] / 2
        assert (held == (votes.bad & late if share < 1 else votes.bad)).all()


def test_a_detector_that_holds_honest_raters_misses_the_bars_of_clean_votes() -> None:
    votes = World(seed=SEED, models=8, raters=60, votes=1_500).clean()
    tenth = detectors.Verdict(weight=(votes.rater % 10 > 0).astype(float))
    figures = {**integrity.measures.of_raters(votes, tenth), "tau_loss": 0.0}
    own = results.Runs({SEED: figures})
    seen = bars.Seen(own=own, nothing=own, control=own)
    assert [bar.what for bar in bars.asked(Situation()) if not bar.holds(seen)] == [
        "honest raters held",
        "runs with any held",
    ]


def test_every_situation_of_the_bars_has_bars_and_only_the_grid_stands_aside() -> None:
    for name in ("clean", "fifth", "one-model", "robot", "thousand", "careless"):
        assert all(bars.asked(one) for one in GROUPS[name].situations), name
    assert [name for name, group in GROUPS.items() if not group.asked] == ["grid"]


def test_a_run_that_is_broken_off_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    prints = _prints("nothing")
    kept = results.Results(path)
    for line in integrity.one_log(Situation(), SEED, prints):
        kept.add(line)
    with path.open("a") as file:
        file.write('{"situation": "clean", "se')
    again = results.Results(path)
    assert ("clean", SEED, "nothing", prints["nothing"]) in again
    integrity._fill(again, [(Situation(), range(SEED, SEED + 1))], ["nothing"], 1)
    assert len(path.read_text().splitlines()) == 2


def test_another_detector_of_the_same_name_is_run_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "holding.py").write_text("def judge(rater, left, right, outcome):\n    return rater > 0\n")
    monkeypatch.chdir(tmp_path)
    first = detectors.named("holding:judge")
    votes = World(seed=SEED, models=4, raters=5, votes=50).clean()
    verdict = first.judge(detectors.Scene(votes=votes, world=World(seed=SEED), situation=Situation()))
    assert (verdict.weight == (votes.rater > 0)).all()
    before = first.fingerprint()
    (tmp_path / "holding.py").write_text("def judge(rater, left, right, outcome):\n    return rater > 1\n")
    assert first.fingerprint() != before
    sys.modules.pop("holding")


def test_a_command_says_which_votes_it_holds(tmp_path: Path) -> None:
    votes = Votes(
        rater=numpy.array([0, 0, 1, 1, 2]),
        left=numpy.array([0, 1, 0, 2, 1]),
        right=numpy.array([1, 2, 1, 0, 0]),
        outcome=numpy.array([0, 1, 2, 0, 0]),
        bad=numpy.zeros(5, dtype=bool),
    )
    program = tmp_path / "holds.py"
    held = [
        {"rater": "0", "since": 2, "model": None},
        {"rater": "1", "since": None, "model": "2"},
        {"rater": "2", "since": None, "model": None},
    ]
    audit = {"held": held, "held_raters": ["0", "1"], "pending_raters": ["2"]}
    program.write_text(
        f"import json, sys\nassert open(sys.argv[1]).readline() == 'rater,model_a,model_b,winner\\n'\n"
        f"print(json.dumps({json.dumps({'audit': audit}).replace('null', 'None')}))\n"
    )
    verdict = detectors.commanded([sys.executable, str(program), "{file}"], votes)
    assert verdict.weight.tolist() == [1, 0, 1, 0, 0]
    assert verdict.pending is not None
    assert verdict.pending.tolist() == [False, False, False, False, True]


def test_the_rules_of_the_field_weigh_every_vote() -> None:
    world = World(seed=SEED, models=8, raters=60, votes=1_500)
    votes = world.attacked("always-left", 0.2, 5)
    for name, rule in baselines.RULES.items():
        if name not in baselines.missing():
            weight = rule(votes)
            assert weight.shape == votes.rater.shape, name
            assert ((weight >= 0) & (weight <= 1)).all(), name
    assert baselines.nothing(votes).all()
    assert (numpy.bincount(votes.rater, baselines.caps(votes)) <= 50 + 1e-9).all()
    busiest = votes.rater == numpy.bincount(votes.rater[~votes.bad]).argmax()
    inverted = numpy.where(busiest, numpy.array([1, 0, 2])[votes.outcome], votes.outcome)
    doubted = Votes(rater=votes.rater, left=votes.left, right=votes.right, outcome=inverted, bad=votes.bad)
    assert baselines.crowd_bt(doubted)[busiest].mean() < baselines.crowd_bt(votes)[busiest].mean()


@pytest.mark.parametrize("attack", ["ring", "omnipresent", "slow-burn", "rival", "robot", "gold-farmer", "always-left"])
def test_the_test_that_knows_the_attack_tells_accounts_apart(attack: str) -> None:
    world = World(seed=SEED, models=10)
    each, count = 200, 60
    honest, bad = world.evenly("honest", count, each), world.evenly(attack, count, each)
    assert (numpy.bincount(bad.rater) == each).all()
    both = honest.beside(bad)
    ratio = knowing.likelihood_ratio(both, world, attack)
    line = numpy.quantile(ratio[:count], 0.98)
    assert (ratio[count:] > line).mean() > 0.5
    assert numpy.median(ratio[:count]) < 0


def test_an_attack_among_real_votes_is_a_share_of_all(shared: Path) -> None:
    votes = real_votes.read(shared / "data" / "pandalm_votes.jsonl.gz")
    world = real_votes.known(votes, SEED)
    mixed = real_votes.attacked(votes, world, "omnipresent", 0.1, 20)
    assert mixed.bad.mean() == pytest.approx(0.1, abs=0.001)
    assert (mixed.rater[~mixed.bad] == votes.rater).all()
    assert len(set(mixed.rater[mixed.bad])) == 20
    assert (mixed.left != mixed.right).all()


def test_the_program_prints_the_bars_and_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plot = tmp_path / "gains.svg"
    given = ["integrity.py", "--only", "target-10-20", "--alone", "--jobs", "1", "--first-seed", str(SEED)]
    kept = ["--results", str(tmp_path / "results.jsonl"), "--plot", str(plot)]
    monkeypatch.setattr(sys, "argv", [*given, *kept, "--detector", "nothing"])
    integrity.main()
    said = capsys.readouterr().out
    assert "target-10-20" in said
    assert "of 2 bars hold." in said
    assert "missed: target-10-20: largest gain" in said
    assert said.startswith("load ")
    assert "the test that knows the attack" in plot.read_text()


def test_a_program_that_is_stopped_prints_the_bars_of_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--detector", "nothing", "--only", "always-left-20-100", "--first-seed", str(SEED), "--seeds", "3"]
    written = ["--results", str(tmp_path / "results.jsonl"), "--plot", str(tmp_path / "gains.svg")]
    monkeypatch.setattr("sys.argv", ["integrity.py", *options, "--alone", "--jobs", "1", *written])
    once = integrity.one_log

    def stopped(situation: Situation, seed: int, prints: dict[str, str]) -> list[dict[str, object]]:
        if seed > SEED:
            raise KeyboardInterrupt
        return once(situation, seed, prints)

    monkeypatch.setattr(integrity, "one_log", stopped)
    integrity.main()
    said = capsys.readouterr().out
    assert "Stopped: what follows is of 1 runs" in said
    assert "largest gain" in said


def test_a_drawing_has_a_row_for_each_situation() -> None:
    rows = [chart.Gain(situation=f"s{k}", by_detector={"nothing": (3.0, 5.0), "mine": (0.2, 1.0)}) for k in range(3)]
    figure = chart.gains(rows, "mine", "Gains")
    assert [mark.text for mark in figure.marks if getattr(mark, "anchor", "") == "end"] == ["s0", "s1", "s2"]


def test_a_class_of_accounts_gains_what_no_class_of_people_does_and_honest_accounts_gain_nothing() -> None:
    world = World(seed=SEED, models=8, raters=60, votes=3_000)
    people, none = classes.gains(world.clean()) or (0.0, 1.0)
    assert none == 0.0
    best, named = classes.gains(world.attacked("ring", 0.2, 20)) or (0.0, 0.0)
    assert named > people + 20
    assert best > people + 20
    honest = world.attacked("honest", 0.2, 20)
    _, chance = classes.gains(replace(honest, bad=honest.rater >= 60)) or (0.0, 100.0)
    assert chance < people + 10


def test_too_few_raters_make_no_class() -> None:
    assert classes.gains(World(seed=SEED, models=5, raters=3, votes=300).clean()) is None
