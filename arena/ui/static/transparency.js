/* What the board rests on: every model there ever was, what was left out and why, what was done in public, and how to
   check it. */

import * as api from "/static/api.js";
import { about, link, percent } from "/static/boards/asked.js";
import { because } from "/static/boards/counted.js";
import { command, make } from "/static/making.js";
import { saved } from "/static/saving.js";
import { facts, lead, longTable, one, show, table, when } from "/static/page.js";
import { figure, plural, say } from "/static/words.js";

const part = one("[data-part]");
const STATES = { announced: () => say("Announced"), active: () => say("Active"), paused: () => say("Paused"), retired: () => say("Retired"), stored: () => say("Stored answers") };
const SQUARES = { active: "on", announced: "half", stored: "half" };

async function load() {
  const [board, models, changes] = await Promise.all([about(""), api.every("/models", "models"), api.every("/changes", "changes")]);
  return { board, models, changes };
}

function draw({ board, models, changes }) {
  const drawn = models.filter((model) => model.state === "active").length;
  const whole = make("button", { class: "btn", type: "button" }, say("Download all of it, JSON"));
  whole.addEventListener("click", () => saved("transparency.json", { board, models, changes }));
  const battles = models.reduce((sum, model) => sum + model.battles, 0) / 2;
  const voids = models.reduce((sum, model) => sum + model.voids.model, 0);
  const statement = plural(models.length, "Everything that took part is on this page: {n} model, {drawn} of them drawn now.", "Everything that took part is on this page: {n} models, {drawn} of them drawn now.", { drawn: figure(drawn) });
  part.append(
    lead(statement, say("What the board rests on, and what could have been done to it. Whoever may read the board may check it."), [whole]),
    facts([
      [figure(board.counting.counted), say("votes counted, of {all} kept", { all: figure(board.counting.counted + board.counting.held) })],
      [percent(battles ? voids / battles : null), say("of battles void because a model failed")],
      [figure(board.counting.held), make("a", { href: "#held" }, say("votes held, each for a reason"))],
      [board.counting.policy ?? "–", say("policy by which audits hold votes")],
    ]),
    every(models),
    make("div", { class: "cols c2 sec" }, [make("div", {}, [held(board), rules(changes)]), log(changes.filter(({ what }) => what !== "policy"))]),
    check(board),
  );
}

function every(models) {
  const columns = [
    { head: say("Model"), row: true, cell: (model) => (model.votes ? link(model.name) : model.name) },
    { head: say("State"), cell: (model) => make("span", { class: `state ${SQUARES[model.state] ?? "off"}` }, [make("i", { "aria-hidden": "true" }), STATES[model.state]?.() ?? model.state]) },
    { head: say("Since"), cell: (model) => (model.since === null ? say("not noted") : when(model.since)) },
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

function held(board) {
  const rows = Object.entries(board.counting.why).map(([why, votes]) => [because(why), votes]);
  const columns = [{ head: say("Because"), row: true, cell: ([why]) => why }, { head: say("Votes held"), right: true, cell: ([, votes]) => figure(votes) }];
  const whole = make("a", { href: `${api.HERE}/leaderboard?votes=all` }, say("The board with them"));
  return make("section", { id: "held" }, [make("h2", {}, say("What was left out, and why")), table(say("Votes held"), columns, rows, ""), make("p", { class: "sm" }, whole)]);
}

/** Since when votes are held by which policy, and what each changed. */
function rules(changes) {
  const columns = [
    { head: say("Since"), row: true, cell: (change) => when(change.at) },
    { head: say("Policy"), cell: (change) => change.subject },
    { head: say("What changed"), cell: (change) => make("span", { lang: "en", dir: "ltr" }, change.text) },
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
  const columns = [{ head: say("When"), row: true, cell: (change) => when(change.at) }, { head: say("What was done"), cell: (change) => change.text }, { head: say("Line"), right: true, cell: (change) => figure(change.line) }];
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
