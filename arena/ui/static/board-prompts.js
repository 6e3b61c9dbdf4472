/* What single prompts do to the board: how well each tells models apart, how far raters agree, what turns the board. */

import * as api from "/static/api.js";
import { about, about95, link, percent, points, words } from "/static/boards/asked.js";
import { dots, pictured } from "/static/boards/pictures.js";
import * as samples from "/static/boards/samples.js";
import { part as piece } from "/static/drawing.js";
import { command, make } from "/static/making.js";
import { lead, one, show, table } from "/static/page.js";
import { figure, plural, say } from "/static/words.js";

const part = one("[data-part]");
const LEAST = ["10", "50", "200"]; // votes that a prompt needs to be looked at
const MOST = 24; // rows of a drawing
const [WIDTH, HEIGHT] = [90, 26];
const least = LEAST.includes(words.get("least")) ? words.get("least") : "50";
const asked = { least, category: words.get("category") || null, words: words.get("words") || null, reading: words.get("reading") || null };

const READINGS = () => ({
  steady: [say("steady"), say("Steady: rank as the whole board does")],
  taste: [say("taste"), say("Taste: raters differ more than models")],
  turns: [say("turns the board"), say("Turn the board")],
  nobody: [say("tells nobody apart"), say("Tell nobody apart")],
});

async function load() {
  let found;
  try {
    found = await about("/prompts", { ...asked, limit: 200 });
  } catch (error) {
    if (error.status === 409) return { reason: error.message };
    throw error;
  }
  const values = asked.category ? await about("/prompts", { least }).catch(() => found) : found;
  const chosen = found.prompts.find(({ prompt }) => prompt === words.get("prompt")) ?? found.prompts.find(({ reading }) => reading === "turns") ?? found.prompts[0];
  return { found, values: values.categories.map(({ value }) => value), chosen };
}

function draw({ reason, found, values, chosen }) {
  if (reason) {
    part.append(lead(say("Nothing can be said of single prompts yet."), reason));
    return;
  }
  const number = (reading) => found.readings.find(({ value }) => value === reading)?.prompts ?? 0;
  const all = found.readings.reduce((sum, group) => sum + group.prompts, 0);
  const nobody = number("nobody");
  const turns = number("turns");
  const statement = !all
    ? say("No prompt has {least} votes yet.", { least: figure(Number(least)) })
    : turns ? plural(nobody, "{n} of {all} prompts tells no two models apart, and {turns} turn the board.", "{n} of {all} prompts tell no two models apart, and {turns} turn the board.", { all: figure(all), turns: figure(turns) })
      : plural(nobody, "{n} of {all} prompts tells no two models apart.", "{n} of {all} prompts tell no two models apart.", { all: figure(all) });
  part.append(
    lead(statement, say("Prompts with {least} votes or more. A prompt that turns the board ranks two of the first five the other way round than all votes do.", { least: figure(Number(least)) })),
    choices(values),
    table(say("Prompts"), columns(found), found.prompts, found.hidden ? say("No prompt that is published fits.") : say("No prompt fits. Remove a filter, or ask for fewer votes.")),
    make("p", { class: "sm mute" }, rests(found)),
    make("div", { class: "cols c57 sec" }, [alone(chosen), make("div", {}, [groups(found), topics(found)])]),
  );
}

function choices(values) {
  const option = (value, chosen, told) => make("option", { value, selected: value === (chosen ?? "") }, told);
  const select = (name, label, options) => make("label", { class: "switch" }, [make("span", {}, label), make("select", { class: "sel", name }, options)]);
  const readings = Object.entries(READINGS()).map(([value, [told]]) => option(value, asked.reading, told));
  const search = make("input", { class: "sel", type: "search", name: "words", value: asked.words, maxlength: "200" });
  return make("form", { class: "switches", method: "get" }, [
    select("category", say("Category"), [option("", asked.category, say("All")), ...values.map((value) => option(value, asked.category, value))]),
    select("reading", say("Which"), [option("", asked.reading, say("All")), ...readings]),
    select("least", say("Votes at least"), LEAST.map((value) => option(value, least, figure(Number(value))))),
    make("label", { class: "switch" }, [make("span", {}, say("Search prompts")), search]),
    make("button", { class: "btn s", type: "submit" }, say("Show")),
  ]);
}

const address = (prompt) => `?${new URLSearchParams([...Object.entries(asked).filter(([, value]) => value !== null), ["prompt", prompt]])}#one`;

function columns(found) {
  return [
    { head: say("Prompt"), row: true, cell: (row) => make("a", { href: address(row.prompt), dir: "auto", class: "asked" }, row.text.length > 110 ? `${row.text.slice(0, 109)}…` : row.text) },
    { head: say("Category"), cell: (row) => make("span", { class: "mute" }, row.category) },
    { head: say("Votes"), right: true, cell: (row) => figure(row.votes) },
    { head: say("How well it tells models apart"), cell: (row) => make("span", { class: "gauge" }, [make("i", { class: "amount", style: `width:${Math.round(Math.max(0, (row.share ?? 0.5) - 0.5) * 2 * WIDTH)}px` }), make("span", {}, share(row.share))]) },
    { head: say("Agreement"), cell: (row) => make("span", { class: "gauge" }, [strip(row, found.by_chance), make("span", {}, share(row.agreement))]) },
    { head: say("Wins most"), cell: (row) => (row.best === null ? "–" : link(row.best)) },
    { head: say("Wins least"), cell: (row) => (row.worst === null ? "–" : link(row.worst)) },
    { head: say("Reading"), cell: reading },
  ];
}

const share = (value) => (value === null ? "–" : figure(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 }));

function reading(row) {
  const [told] = READINGS()[row.reading];
  if (row.reading !== "turns") return make("span", { class: "sm mute" }, told);
  return make("span", { class: "flag", title: say("{lower} wins over {higher} here", { higher: row.turned[0], lower: row.turned[1] }) }, told);
}

/** Agreement from 0 to 1 with its interval; dashed, what chance would give. Its number stands beside it. */
function strip(row, chance) {
  const x = (value) => (4 + value * (WIDTH - 8)).toFixed(1);
  const made = piece("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, "aria-hidden": "true", class: "drawn" });
  made.append(piece("line", { class: "middle", x1: x(chance), x2: x(chance), y1: 0, y2: HEIGHT }));
  if (row.agreement === null) return made;
  made.append(piece("line", { class: "wh", x1: x(row.agreement_lower), x2: x(row.agreement_upper), y1: HEIGHT / 2, y2: HEIGHT / 2 }));
  made.append(piece("circle", { class: "dot", cx: x(row.agreement), cy: HEIGHT / 2, r: 4 }));
  return made;
}

function rests(found) {
  const told = [
    say("How well it tells apart: how often the model that is higher on the board without this prompt wins on it; 0.50 is no better than a coin. Agreement: how often two votes on the same two models are equal; dashed, what chance gives, {chance}.", { chance: share(found.by_chance) }),
  ];
  if (found.hidden) told.push(plural(found.hidden, "Only prompts that a campaign publishes and whose writers agree show their text; {n} other is counted and not shown.", "Only prompts that a campaign publishes and whose writers agree show their text; {n} others are counted and not shown."));
  return told.join(" ");
}

/** The board of one prompt, with its line and some of its battles. */
function alone(chosen) {
  const section = make("section", { id: "one" }, make("h2", {}, say("Board of one prompt")));
  if (!chosen) {
    section.append(make("p", { class: "mute" }, say("There is no prompt to show.")));
    return section;
  }
  section.append(make("p", { class: "sm mute", dir: "auto" }, chosen.text));
  const board = make("div");
  section.append(board);
  const given = { by: "prompt", value: chosen.prompt };
  show(board, () => Promise.all([about("", given), samples.fetched({ ...given, number: 5 })]), ([found, shown]) => board.append(...ranked(chosen, found, shown)));
  return section;
}

function ranked(chosen, found, shown) {
  const rows = found.entries.filter((entry) => entry.rating !== null);
  const title = say("Ratings on this prompt");
  const parts = [make("p", { class: "sm" }, plural(found.votes, "{n} vote, two models in each.", "{n} votes, two models in each."))];
  if (rows.length > 1) {
    const first = rows.slice(0, MOST);
    if (first.length < rows.length) parts.push(make("p", { class: "sm mute" }, plural(rows.length, "The first {shown} of {n} model; the table has all.", "The first {shown} of {n} models; the table has all.", { shown: first.length })));
    const drawn = dots("alone", title, say("Dot and 95% interval; with few votes the intervals are wide."), first.map((entry) => ({ name: entry.model, value: entry.rating, lower: entry.lower, upper: entry.upper, words: about95(entry) })));
    parts.push(pictured(`prompt-${chosen.prompt}`, title, drawn, [
      [say("Model"), say("Rating"), say("Lowest"), say("Highest"), say("Votes")],
      ...rows.map((entry) => [entry.model, points(entry.rating), entry.lower, entry.upper, entry.votes]),
    ]));
  } else parts.push(make("p", { class: "mute" }, found.reason ?? say("Too few models met here for ratings.")));
  if (found.command) parts.push(make("h3", {}, say("The same numbers from the ledger")), ...command(found.command));
  return [...parts, make("h3", {}, say("Answers to it")), samples.drawn(shown)];
}

function groups(found) {
  const told = READINGS();
  const every = Object.keys(told).map((value) => found.readings.find((group) => group.value === value) ?? { value, prompts: 0, votes: 0 });
  const all = { value: null, prompts: every.reduce((sum, group) => sum + group.prompts, 0), votes: every.reduce((sum, group) => sum + group.votes, 0) };
  const columns = [
    { head: say("What they do"), row: true, cell: ({ value }) => (value ? told[value][1] : make("b", {}, say("All"))) },
    { head: say("Prompts"), right: true, cell: ({ prompts }) => figure(prompts) },
    { head: say("Votes"), right: true, cell: ({ votes }) => figure(votes) },
  ];
  return make("section", {}, [make("h2", {}, say("Prompts by what they do")), table(say("Prompts by what they do"), columns, [...every, all], "")]);
}

function topics(found) {
  const board = (value) => make("a", { href: `${api.HERE}/leaderboard?category=${encodeURIComponent(value)}` }, value);
  const columns = [
    { head: say("Category"), row: true, cell: ({ value }) => board(value) },
    { head: say("Prompts"), right: true, cell: ({ prompts }) => figure(prompts) },
    { head: say("Votes"), right: true, cell: ({ votes }) => figure(votes) },
    { head: say("Won by the higher"), right: true, cell: ({ share: won }) => percent(won) },
  ];
  return make("section", {}, [make("h2", {}, say("Topics")), make("p", { class: "sm mute" }, say("Each category has a board of its own.")), table(say("Topics"), columns, found.categories, say("No prompt has enough votes yet."))]);
}

show(part, load, draw);
