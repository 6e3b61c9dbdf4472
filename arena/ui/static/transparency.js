/* What the board rests on: every model there ever was, what was left out and why, what was done in public, and how to
   check it. */

import * as api from "/static/api.js";
import { about, link, percent, whole } from "/static/boards/asked.js";
import { modelStep, policyStep } from "/static/boards/changes.js";
import { because } from "/static/boards/counted.js";
import { KINDS } from "/static/boards/kinds.js";
import { command, make } from "/static/making.js";
import { saved } from "/static/saving.js";
import { facts, lead, longTable, one, show, table, when } from "/static/page.js";
import { figure, plural, say } from "/static/words.js";

const part = one("[data-part]");
const FEW = 8; // models that are shown before all are asked for
const STATES = { announced: () => say("Announced"), active: () => say("Active"), paused: () => say("Paused"), retired: () => say("Retired"), stored: () => say("Stored answers") };
const SQUARES = { active: "on", announced: "half", stored: "half" };

async function load() {
  const [board, reasons, on, models, changes] = await Promise.all([
    about(""), about("/held", { limit: 1 }).then(({ reasons }) => reasons), whole("/held", "models"), api.every("/models", "models"), api.every("/changes", "changes"),
  ]);
  return { board, held: { reasons, on }, models, changes };
}

function draw({ board, held, models, changes }) {
  const drawn = models.filter((model) => model.state === "active").length;
  const all = make("button", { class: "btn", type: "button" }, say("Download all of it, JSON"));
  all.addEventListener("click", () => saved("transparency.json", { board, held, models, changes }));
  const battles = models.reduce((sum, model) => sum + model.battles, 0) / 2;
  const voids = models.reduce((sum, model) => sum + model.voids.model, 0);
  const statement = plural(models.length, "Everything that took part is on this page: {n} model, {drawn} of them drawn now.", "Everything that took part is on this page: {n} models, {drawn} of them drawn now.", { drawn: figure(drawn) });
  part.append(
    lead(statement, say("What the board rests on, and what could have been done to it. Whoever may read the board may check it."), [all]),
    facts([
      [figure(board.counting.counted), say("votes counted, of {all} kept", { all: figure(board.counting.counted + board.counting.held) })],
      [percent(battles ? voids / battles : null), say("of battles void because a model failed")],
      [figure(board.counting.held), make("a", { href: "#held" }, say("votes held, each for a reason"))],
      [board.counting.policy ?? "–", say("policy by which audits hold votes")],
    ]),
    every(models),
    leftOut(board, held),
    make("div", { class: "cols c2 sec" }, [rules(changes), log(changes.filter(({ what }) => what !== "policy"))]),
    check(board),
  );
}

function every(models) {
  const columns = [
    { head: say("Model"), row: true, cell: (model) => (model.votes ? link(model.name) : model.name) },
    { head: say("State"), cell: (model) => make("span", { class: `state ${SQUARES[model.state] ?? "off"}` }, [make("i", { "aria-hidden": "true" }), STATES[model.state]?.() ?? model.state]) },
    { head: say("Since"), cell: (model) => (model.since === null ? say("not noted") : when(model.since)), has: (model) => model.since !== null },
    { head: say("Battles"), right: true, cell: (model) => figure(model.battles) },
    { head: say("Votes"), right: true, cell: (model) => figure(model.votes) },
    { head: say("Exposure"), right: true, cell: (model) => percent(model.exposure) },
    { head: say("Void through it"), right: true, cell: (model) => percent(model.void_rate) },
    { head: say("Fingerprint"), cell: (model) => make("span", { class: "mono" }, model.fingerprint.slice(0, 8)) },
  ];
  const most = [...models].sort((first, second) => second.votes - first.votes);
  return make("section", { class: "evidence" }, [
    make("h2", {}, say("Models")),
    make("p", { class: "sm mute" }, say("Retired ones stay. Exposure: the share of all battles that had it. A battle that waits for its vote is in no figure.")),
    longTable(say("Models"), columns, most, say("No model took part yet.")),
  ]);
}

const begun = (words) => words.charAt(0).toLocaleUpperCase() + words.slice(1);

/** Which votes are held, by reason and by model, without a word of who cast them. */
function leftOut({ counting, entries }, { reasons, on }) {
  const title = make("h2", {}, say("What was left out, and why"));
  if (!reasons.length) return make("section", { id: "held", class: "sec" }, [title, make("p", { class: "mute" }, counting.policy ? say("No vote is held.") : say("No vote is held, and no audit has looked at them yet."))]);
  const kept = Object.fromEntries(entries.map(({ model, votes }) => [model, votes]));
  const share = ({ model, votes }) => percent(votes / (votes + (kept[model] ?? 0)));
  const votes = { head: say("Votes held"), right: true, cell: (line) => figure(line.votes) };
  const why = [
    { head: say("Because"), row: true, cell: (line) => KINDS[line.kind] ?? begun(because(line.why)) },
    votes,
    { head: say("Of all votes"), right: true, cell: (line) => percent(line.votes / (counting.counted + counting.held)) },
  ];
  const models = [{ head: say("Model"), row: true, cell: ({ model }) => link(model) }, votes, { head: say("Of its votes"), right: true, cell: share }];
  const audited = reasons.some((line) => line.kind);
  const reasoned = make("section", {}, [
    title,
    make("p", { class: "sm mute" }, [
      audited ? say("Audits found patterns that are rare among honest votes, such as these. A held vote is kept and counts nowhere, and who cast it is told why and may ask for a review. No rater is named here.") : say("A held vote is kept and counts nowhere, and who cast it is told why. No rater is named here."),
      " ", make("a", { href: `${api.HERE}/leaderboard?votes=all` }, say("The board with them")),
    ]),
    table(say("Votes held, by reason"), why, reasons, ""),
  ]);
  const where = make("section", {}, [
    make("h2", {}, say("Which models they are on")),
    make("p", { class: "sm mute" }, say("Each vote is on two models.")),
    longTable(say("Votes held, by model"), models, on, "", FEW),
  ]);
  return make("div", { id: "held", class: "cols c2 sec" }, [reasoned, where]);
}

/** Since when votes are held by which policy, and what each changed. */
function rules(changes) {
  const columns = [
    { head: say("Policy"), row: true, cell: (change) => [change.subject, make("span", { class: "subl" }, say("since {when}", { when: when(change.at) }))] },
    { head: say("What changed"), cell: policyStep },
    { head: say("Line"), right: true, cell: (change) => figure(change.line) },
  ];
  const used = changes.filter(({ what }) => what === "policy").reverse();
  return make("section", {}, [
    make("h2", {}, say("The policy, version by version")),
    make("p", { class: "sm mute" }, say("A policy says for which findings votes are held. Only people suspend a rater. The same version always has the same rules.")),
    table(say("The policy, version by version"), columns, used, say("No audit has used a policy yet.")),
  ]);
}

function log(changes) {
  const columns = [{ head: say("When"), row: true, cell: (change) => when(change.at) }, { head: say("What was done"), cell: modelStep }, { head: say("Line"), right: true, cell: (change) => figure(change.line) }];
  return make("section", {}, [make("h2", {}, say("Published changes")), table(say("Published changes"), columns, [...changes].reverse(), say("Nothing was done to a model since this arena began."))]);
}

function check(board) {
  const parts = [
    make("h2", {}, say("Check it yourself")),
    make("p", { class: "sm mute" }, say("Every vote is a line of a chain: change one, and every later line changes. The head is written into each release and each backup, and stands here now.")),
    make("dl", { class: "method" }, [
      make("dt", {}, say("Ledger head")), make("dd", { class: "mono hash" }, board.ledger_head ?? say("no line yet")),
      make("dt", {}, say("Board input")), make("dd", { class: "mono hash" }, board.input_sha256),
    ]),
  ];
  if (board.command) parts.push(make("h3", {}, say("The same numbers from the ledger")), ...command(board.command));
  parts.push(make("h3", {}, say("The chain, from its export")), ...command("arena ledger export ledger.jsonl && arena ledger verify ledger.jsonl"));
  return make("section", { class: "sec" }, parts);
}

show(part, load, draw);
