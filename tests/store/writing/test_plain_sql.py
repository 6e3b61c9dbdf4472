"""The write path uses only SQL that DuckDB and PostgreSQL both have (docs/decisions/0031)."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from arena import errors
from arena.domain import holding_policy
from arena.domain.appeal import Appeal
from arena.domain.assignment import Assignment, EndCause, TurnEnd
from arena.domain.battle import Answers, Side, VoidCause
from arena.domain.campaign import CampaignState
from arena.domain.consent import Choice, Scope
from arena.domain.finding import FindingEnd, PolicyUse
from arena.domain.ids import AssignmentId, BattleId, RaterId, ReleaseId, ReportId
from arena.domain.model_state import ModelState
from arena.domain.qualification import Qualification, QualificationResult
from arena.domain.removal import RemovalKind
from arena.domain.report import Report, ReportAnswer, ReportKind
from arena.domain.standing import VoteHold
from arena.store.agreements import Agreement
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making
from tests.store.test_credit_lines import holding_back, settling_campaign, terms_line
from tests.store.test_settlements import settling
from tests.store.writing.test_batch import imported, page

STATEMENTS = (
    exp.Insert, exp.Select, exp.Update, exp.Delete, exp.Transaction, exp.Commit, exp.Rollback, exp.Union, exp.Except,
)  # fmt: skip
PLAIN: tuple[type[exp.Expression], ...] = (
    *STATEMENTS,
    # parts of statements
    exp.Schema, exp.Table, exp.TableAlias, exp.From, exp.Join, exp.Where, exp.Group, exp.Order, exp.Ordered, exp.Limit,
    exp.Distinct, exp.Values, exp.Tuple, exp.Subquery, exp.Paren, exp.Identifier, exp.Column, exp.Star, exp.Alias,
    # conditions and values
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Exists,
    exp.Is, exp.Add, exp.Placeholder, exp.Literal, exp.Null, exp.Boolean,
    # functions that both have under the same name
    exp.Count, exp.Max, exp.Min, exp.Sum, exp.Coalesce,
    # lists of plain values, as parameters
    exp.Cast, exp.DataType, exp.Explode, exp.Unnest,
)  # fmt: skip
TYPES = {"ARRAY", "TEXT", "VARCHAR", "INT", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMP", "TIMESTAMPNTZ"}
OWN_COLUMNS = {"rowid"}
"""Columns that DuckDB gives every table."""


def peculiar(statement: str) -> list[str]:
    """What in a statement one of the two databases does not have, as far as its syntax says."""
    found = ["PostgreSQL says DOUBLE PRECISION"] if re.search(r"\bDOUBLE\b(?! PRECISION)", statement) else []
    for dialect in ("duckdb", "postgres"):
        try:
            (tree,) = sqlglot.parse(statement, read=dialect)
        except sqlglot.errors.ParseError as error:
            found.append(f"{dialect} cannot read it: {error}")
            continue
        if not isinstance(tree, STATEMENTS):
            found.append(f"{dialect}: {statement} is no statement that both have")
            continue
        for node in tree.walk():
            peculiar_arguments = (
                (isinstance(node, exp.Insert) and node.args.get("alternative"))
                or (isinstance(node, exp.Group) and node.args.get("all"))
                or (isinstance(node, exp.Star) and any(node.args.values()))
            )
            if not isinstance(node, PLAIN) or peculiar_arguments:
                found.append(f"{dialect}: {type(node).__name__} in {node.sql(dialect)}")
            elif isinstance(node, exp.DataType) and node.this.name not in TYPES:
                found.append(f"{dialect}: the type {node.sql(dialect)}")
            elif isinstance(node, exp.Column) and node.name.lower() in OWN_COLUMNS:
                found.append(f"{dialect}: the column {node.name}")
    return found


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO battles (history) SELECT unnest(CAST(? AS STRUCT(role VARCHAR)[]))",
        "SELECT tags[1] FROM votes",
        "SELECT list_transform(tags, tag -> upper(tag)) FROM votes",
        "SELECT arg_max(scope, sequence) FROM scopes",
        "SELECT md5_number_lower(vote_id) FROM votes",
        "SELECT string_agg(vote_id) FROM votes",
        "UPDATE battles SET history = [] WHERE battle_id = ?",
        "INSERT OR REPLACE INTO votes (vote_id) VALUES (?)",
        "SELECT {'a': 1}",
        "INSERT INTO votes (reading_seconds) SELECT unnest(CAST(? AS DOUBLE[]))",
        "SELECT battle_id FROM clusters ORDER BY rowid",
        "SELECT max(vote_id) FROM votes GROUP BY ALL",
        "SELECT vote_id FROM votes QUALIFY row_number() OVER () = 1",
        "SELECT * EXCLUDE (salt) FROM votes",
        "CHECKPOINT",
    ],
)
def test_what_only_one_database_has_is_found(statement: str) -> None:
    """The positive control."""
    assert peculiar(statement)


class Recording:
    """A connection that notes what it is asked inside the writer's transactions."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, seen: "Seen") -> None:
        self._connection, self._seen = connection, seen

    def execute(self, query: str, *parameters: Any) -> Any:
        self._seen.note(query)
        return self._connection.execute(query, *parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class Seen:
    """The statements of transactions. What the writer reads back into its memory afterwards is not among them."""

    def __init__(self) -> None:
        self.statements: set[str] = set()
        self._inside = False

    def note(self, query: str) -> None:
        self._inside = self._inside or query.startswith("BEGIN")
        if self._inside:
            self.statements.add(query)
        self._inside = self._inside and query not in ("COMMIT", "ROLLBACK")


def sent(workspace: Workspace) -> set[type[commands.Command[Any]]]:
    """Have every command done: alone, many in one transaction, and so that it is refused. What was sent."""
    kinds: set[type[commands.Command[Any]]] = set()

    def send(*these: commands.Command[Any]) -> None:
        kinds.update(type(one) for one in these)
        with making.holding(workspace):
            futures = [workspace.submit(one) for one in these]
        for future in futures:
            error = future.exception(30)
            assert error is None or isinstance(error, errors.ArenaError), error

    send(commands.AddModels(models=(making.model("one"),)))
    added = [making.model(f"added-{number}") for number in range(12)]
    new = [making.model_change(one.name, added=True, state=ModelState.ACTIVE) for one in added]
    adding = [commands.AddModel(model=one, change=change) for one, change in zip(added, new, strict=True)]
    for several in (adding[:1], adding):  # the first of them a second time
        send(*several)
    send(
        commands.ChangeModel(change=making.model_change("one")), commands.ChangeModel(change=making.model_change("no"))
    )
    campaigns = [making.campaign_change(name=f"campaign-{number}") for number in range(12)]
    for count in (1, 12):
        send(*[commands.AddCampaign(change=one) for one in campaigns[:count]])
    agreement = Agreement(
        rater_id=RaterId("r_asker"), campaign="campaign-1", text_sha256="a" * 64, agreed_at=making.NOW
    )
    send(commands.Agree(agreement=agreement))
    for count in (1, 12):
        asked_for = [making.trial(f"tr_{count}_{number}") for number in range(count)]
        send(*[commands.KeepTrial(trial=one) for one in asked_for])
    send(commands.ForgetTrials(before=making.NOW))
    send(commands.ChangeCampaign(change=making.campaign_change(CampaignState.RUNNING, name="campaign-1")))
    for count in (1, 12):
        prompts = [making.stored_prompt(f"p{number}") for number in range(count)]
        send(commands.AddPrompts(set_name="asked", prompts=tuple(prompts), added_at=making.NOW))
        answers = [making.stored_answer(prompt.prompt_id) for prompt in prompts]
        send(commands.AddAnswers(set_name="asked", answers=tuple(answers), added_at=making.NOW))
    for count in (1, 12):
        battles = [making.battle() for _ in range(count)]
        send(*[commands.OpenBattle(battle=battle) for battle in battles])
        send(*[making.completing(battle.battle_id) for battle in battles])
        records = [making.loaded(workspace, battle.battle_id) for battle in battles]
        votes = [making.vote(record.battle.battle_id) for record in records]
        cast = [commands.CastVote(vote=vote, record=record) for vote, record in zip(votes, records, strict=True)]
        send(*cast)
        send(*cast)  # under the same keys
        void = [making.battle() for _ in range(count)]
        send(*[commands.OpenBattle(battle=battle) for battle in void])
        for cause in (VoidCause.MODEL, VoidCause.RATER):
            voids = [making.void(cause=cause, failed_side=None) for _ in void]
            send(*[
                commands.VoidBattle(battle_id=one.battle_id, void=why) for one, why in zip(void, voids, strict=True)
            ])  # fmt: skip
    send(commands.OpenBattle(battle=making.battle()))
    send(commands.VoidLeft(void=making.void(), written=frozenset()))
    turn = Assignment(
        assignment_id=AssignmentId("a_1"),
        battle_id=records[0].battle.battle_id,
        rater_id=RaterId("r_other"),
        since=making.NOW,
        deadline=making.NOW,
        shown_first=Side.A,
    )
    send(commands.Assign(assignment=turn))
    send(commands.Assign(assignment=turn))
    assigned = making.vote(turn.battle_id, turn.rater_id, assignment_id=turn.assignment_id, shown_left=Side.A)
    send(commands.CastVote(vote=assigned, record=records[0]))
    item = making.battle(answers=Answers.STORED)
    stored = commands.StoredAnswers(
        response_a=making.response(), response_b=making.response("Other."), completed_at=making.NOW
    )
    opening = commands.OpenBattle(battle=item, answers=stored)
    for number in (1, 2, 3):
        given = replace(
            turn,
            assignment_id=AssignmentId(f"a_task_{number}"),
            battle_id=item.battle_id,
            rater_id=RaterId(f"r_{number}"),
            since=making.NOW + timedelta(hours=number - 1),
            deadline=making.NOW + timedelta(hours=number),
        )
        candidate = commands.Candidate(assignment=given, opening=opening, set_name="asked", prompt_id="p0")
        send(commands.TakeTask(campaign="default", overlap=2, candidates=(candidate,)))
        end = TurnEnd(
            assignment_id=given.assignment_id,
            battle_id=item.battle_id,
            cause=EndCause.SKIPPED,
            reason="no",
            ended_at=making.NOW,
        )
        send(commands.EndTurn(end=end))
    report = Report(
        report_id=ReportId("rep_1"),
        battle_id=item.battle_id,
        rater_id=RaterId("r_asker"),
        kind=ReportKind.OTHER,
        reason="It is empty.",
        reported_at=making.NOW,
    )
    send(commands.AddReport(report=report))
    decided = ReportAnswer(
        report_id=report.report_id, keep=True, reason="It is not.", answered_by="lab", answered_at=making.NOW
    )
    send(commands.AnswerReport(answer=decided))
    for count in (1, 12):
        decided_on = [making.decision(hold=VoteHold(since=making.NOW)) for _ in range(count)]
        send(commands.DecideStanding(decisions=tuple(decided_on)))
    undoing = making.decision(standing=None, undoes=decided_on[-1].decision_id)
    send(commands.DecideStanding(decisions=(undoing,)), commands.DecideStanding(decisions=(undoing,)))
    for count in (1, 12):
        found = tuple(making.finding(count) for _ in range(count))
        following = making.decision(
            standing=None, hold=VoteHold(since=making.NOW), finding=found[0].finding_id, decided_by="policy 1"
        )
        end = FindingEnd(end_id=f"fe_{count}", finding_id=found[0].finding_id, policy="1", ended_at=making.NOW)
        use = PolicyUse(use_id=f"po_{count}", policy=holding_policy.DEFAULT, used_at=making.NOW)
        audit = commands.RecordAudit(weighed_at=1_000, use=use, findings=found, ends=(end,), decisions=(following,))
        send(audit)
        send(replace(audit, weighed_at=0))
    appeal = Appeal(
        appeal_id="ap_1",
        decision_id=decided_on[0].decision_id,
        rater_id=RaterId("r_asker"),
        field="general",
        text="I read it.",
        asked_at=making.NOW,
    )
    send(commands.AddAppeal(appeal=appeal), commands.AddAppeal(appeal=appeal))
    send(commands.DecideStanding(decisions=(making.decision(answers="ap_1"),)))
    asked = Qualification(field="law", gold_set="asked", title="Law", created_by="lab", created_at=making.NOW)
    send(commands.AddQualification(qualification=asked), commands.AddQualification(qualification=asked))
    results = [
        QualificationResult(
            result_id=f"q_{number}",
            field="law",
            rater_id=RaterId("r_asker"),
            last_turn=AssignmentId(f"a_{number}"),
            correct=8,
            answered=10,
            needed=8,
            passed=True,
            decided_at=making.NOW,
            valid_until=making.NOW,
        )
        for number in range(12)
    ]
    for several in (results[:1], results):
        send(*[commands.RecordResult(result=one) for one in several])
    send(making.completing(BattleId("b_none")), making.completing(records[0].battle.battle_id))
    pages = [page(imported(1)), page(*[imported(number) for number in range(2, 14)])]
    send(*pages)
    send(*pages)
    release = commands.RecordRelease(release_id=ReleaseId("rel_1"), format="sft", manifest={}, created_at=making.NOW)
    send(release, commands.KeepClusters(founders={records[0].battle.battle_id: records[1].battle.battle_id}))
    for number, scope in enumerate((Scope.PRIVATE, Scope.PRIVATE, Scope.PUBLIC)):
        choice = Choice(choice_id=f"s_{number}", rater_id=RaterId("r_asker"), scope=scope, chosen_at=making.NOW)
        send(commands.Choose(choice=choice))
    parts = {f"rater-{number}": number + 1 for number in range(12)}
    send(settling("1", parts), settling("2", {"rater-1": 1}, release="c" * 64))
    send(settling("3", {"rater-1": 5}), settling("4", {"rater-1": 5}, unit="points", release="c" * 64))
    send(terms_line("1", reward=200), terms_line("2", reward=200))
    send(*[holding_back(str(number), 10) for number in range(12)])
    send(holding_back("12", 500), holding_back("13", -501))
    everybody = {f"rater_{number}": 100 + number for number in range(12)}
    send(settling_campaign("c1", 1000, **everybody), settling_campaign("c2", 2000, **everybody))
    send(settling_campaign("c3", 10, **everybody), settling_campaign("c4", 1001, **everybody))
    for kind in (RemovalKind.WITHDRAWN, RemovalKind.ERASED, RemovalKind.ERASED):
        removal_id = f"x_{kind}"
        send(
            commands.Remove(removal_id=removal_id, rater_id=RaterId("r_asker"), kind=kind, removed_at=making.NOW),
            commands.Choose(
                choice=Choice(choice_id="s_9", rater_id=RaterId("r_asker"), scope=Scope.PRIVATE, chosen_at=making.NOW)
            ),
        )
        send(page(imported(99)))
    return kinds


@pytest.mark.usefixtures("path")  # PostgreSQL itself reads them in tests/store/postgres
def test_every_statement_of_the_write_path_is_read_by_both_databases(workspace: Workspace) -> None:
    seen = Seen()
    writer: Any = workspace._writer
    ours = writer._transactions
    ours.writing, ours.looking = Recording(ours.writing, seen), Recording(ours.looking, seen)
    # By name: a dataclass with slots is made twice, and both are subclasses.
    assert {kind.__name__ for kind in sent(workspace)} == {kind.__name__ for kind in commands.Command.__subclasses__()}
    assert workspace.verify().problems == ()
    assert {statement.split()[0] for statement in seen.statements} >= {"INSERT", "SELECT", "UPDATE", "DELETE"}
    assert {statement: found for statement in seen.statements if (found := peculiar(statement))} == {}


@pytest.mark.usefixtures("path")  # of the schema of files
def test_no_table_has_a_nested_column(workspace: Workspace) -> None:
    query = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
    with workspace.reading() as connection:
        found = connection.execute(query).fetchall()
    assert found
    assert [one for one in found if "[" in one[2] or "(" in one[2]] == []
