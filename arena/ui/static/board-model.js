/* One model: where it is strong and weak, against whom, how often it was shown, what failed, and what changed. */

import * as api from "/static/api.js";
import { about, about95, chooser, choosing, percent, points, range, whole, won, words } from "/static/boards/asked.js";
import { modelStep } from "/static/boards/changes.js";
import { dots, pictured } from "/static/boards/pictures.js";
import * as samples from "/static/boards/samples.js";
import { make } from "/static/making.js";
import { facts, lead, one, show, table, when } from "/static/page.js";
import { figure, plural, say } from "/static/words.js";

const part = one("[data-part]");
const CAUSES = () => ({ model: say("This model failed"), prompt: say("The prompt could not be answered"), rater: say("The rater stopped"), arena: say("The arena failed"), expired: say("Nobody voted in time") });

/** Everything about one model; the leader where the address names none. */
async function load() {
  const board = await about("");
  const ranked = board.entries.filter((entry) => entry.rating !== null);
  const name = words.get("model") ?? ranked[0]?.model ?? board.entries[0]?.model;
  if (name === undefined) return { board };
  const [matches, categories, languages, models, changes, shown] = await Promise.all([
    whole("/matches", "matches", { model: name }),
    about("", { by: "category" }),
    about("", { by: "language" }),
    api.every("/models", "models"),
    api.every("/changes", "changes"),
    samples.fetched({ model: name }),
  ]);
  const of = (found) => found.boards.map(({ value, board: one }) => ({ value, entry: one.entries.find((entry) => entry.model === name) })).filter(({ entry }) => entry);
  return {
    board,
    name,
    matches,
    parts: [...of(categories), ...of(languages).filter(() => languages.boards.length > 1)],
    model: models.find((found) => found.name === name),
    everybody: models,
    changes: changes.filter((change) => change.model && change.subject === name),
    shown,
  };
}

/** Parts whose interval leaves the rating over all votes outside. */
const standingOut = (parts, entry) => parts.filter(({ entry: here }) => entry.rating !== null && here.lower !== null && here.upper !== null && (here.lower > entry.rating || here.upper < entry.rating));

function statement(entry, parts) {
  const share = percent(won(entry));
  const out = standingOut(parts, entry);
  const weak = out.filter(({ entry: here }) => here.rating < entry.rating).map(({ value }) => value);
  const strong = out.filter(({ entry: here }) => here.rating > entry.rating).map(({ value }) => value);
  const values = { model: entry.model, share, weak: weak.join(", "), strong: strong.join(", ") };
  if (weak.length && strong.length) return say("{model} wins {share} of its votes; weaker in {weak}, stronger in {strong}.", values);
  if (weak.length) return say("{model} wins {share} of its votes, and is weaker in {weak}.", values);
  if (strong.length) return say("{model} wins {share} of its votes, and is stronger in {strong}.", values);
  return say("{model} wins {share} of its votes, and no category or language stands out from that.", values);
}

function draw({ board, name, matches, parts, model, everybody, changes, shown: battles }) {
  const models = board.entries.map((entry) => entry.model);
  if (name === undefined) {
    part.append(lead(say("No votes yet."), say("A model's page appears with its first vote.")));
    return;
  }
  const entry = board.entries.find((found) => found.model === name);
  if (!entry) throw new api.Refusal(404, { detail: say("There is no model {model} on this board.", { model: name }) });
  document.title = document.title.replace(/^[^·]*/, `${name} `);
  const rival = board.entries.find((other) => other.model !== name && other.rank !== null);
  const next = rival ? [make("a", { class: "btn", href: `${api.HERE}/leaderboard/compare?${new URLSearchParams({ first: name, second: rival.model })}` }, say("Compare with {model}", { model: rival.model }))] : [];
  const values = { rank: figure(entry.rank ?? 0), all: figure(models.length), range: range(entry) };
  const sure = entry.rank_best === entry.rank_worst ? say("Rank {rank} of {all}, with 95% confidence no other.", values) : say("Rank {rank} of {all}; with 95% confidence it lies in {range}.", values);
  const rank = entry.rank === null ? say("It has no rating yet.") : sure;
  part.append(
    lead(statement(entry, parts), `${rank} ${plural(entry.votes, "{n} vote.", "{n} votes.")}`, next),
    choosing([chooser("model", say("Model"), models, name)]),
    facts([
      [entry.rating === null ? "–" : about95(entry), say("rating, all votes")],
      [entry.rank === null ? "–" : range(entry), say("where its rank can lie")],
      [percent(board.void_rates[name] ?? null), say("of its battles void because it failed")],
      [percent(model?.exposure ?? null), say("of all battles had it")],
    ]),
    make("div", { class: "cols c2 evidence" }, [strengths(entry, parts), against(name, matches)]),
    make("div", { class: "cols c2 sec" }, [shown(model, everybody), changed(model, changes)]),
    make("section", { class: "sec" }, [
      make("h2", {}, say("Sample battles")),
      make("p", { class: "sm mute" }, say("Drawn by their ids, without a look at what was voted.")),
      samples.drawn(battles),
    ]),
  );
}

function strengths(entry, parts) {
  const rows = parts.filter(({ entry: here }) => here.rating !== null);
  const title = say("Rating by category and language");
  const content = rows.length
    ? pictured(`${entry.model}-by-category`, title, dots("strengths", title, say("The dashed line is the rating over all votes, {rating}.", { rating: entry.rating === null ? "–" : points(entry.rating) }), rows.map(({ value, entry: here }) => ({ name: value, value: here.rating, lower: here.lower, upper: here.upper, words: points(here.rating), bold: standingOut([{ entry: here }], entry).length > 0 })), entry.rating), [
        [say("Part"), say("Rating"), say("Lowest"), say("Highest"), say("Votes")],
        ...rows.map(({ value, entry: here }) => [value, here.rating, here.lower, here.upper, here.votes]),
      ])
    : make("p", { class: "mute" }, say("No category or language has enough votes yet."));
  return make("section", {}, [make("h2", {}, say("Where it is strong or weak")), make("p", { class: "sm mute" }, say("Dot and 95% interval in that part; dashed: over all votes. Bold: further from it than chance explains.")), content]);
}

const MOST = 24; // rows of a drawing: more are told apart by nobody

function against(name, matches) {
  const most = [...matches].sort((first, second) => second.votes - first.votes).slice(0, MOST);
  const drawn = matches.length > MOST ? matches.filter((match) => most.includes(match)) : matches;
  const title = say("Share won against each model");
  const content = matches.length
    ? pictured(`${name}-against`, title, dots("against", title, say("The dashed line is one half."), drawn.map((match) => ({ name: match.model, value: match.share, lower: match.lower, upper: match.upper, words: `${percent(match.share, 0)} / ${figure(match.votes)}` })), 0.5), [
        [say("Against"), say("Share won"), say("Lowest"), say("Highest"), say("Votes")],
        ...matches.map((match) => [match.model, match.share, match.lower, match.upper, match.votes]),
      ])
    : make("p", { class: "mute" }, say("It met nobody yet."));
  return make("section", {}, [make("h2", {}, say("Against each model")), make("p", { class: "sm mute" }, say("Percent of the votes between the two, ties and both bad as half; beside it how many votes.")), ...(drawn.length < matches.length ? [make("p", { class: "sm mute" }, say("The {n} it met most often of {all}; the table has all.", { n: figure(drawn.length), all: figure(matches.length) }))] : []), content]);
}

function shown(model, everybody) {
  if (!model) return make("section", {});
  const rows = [
    [say("Battles, voted on or void"), figure(model.battles)],
    [say("Votes that count"), figure(model.votes)],
    [say("Share of all battles"), percent(model.exposure)],
    [say("Usual share, were all drawn alike"), percent(2 / Math.max(2, everybody.filter((one) => one.battles).length))],
    ...Object.entries(CAUSES()).map(([cause, told]) => [say("Void: {cause}", { cause: told }), figure(model.voids[cause])]),
  ];
  const columns = [{ head: say("How often"), row: true, cell: ([told]) => told }, { head: say("Here"), right: true, cell: ([, number]) => number }];
  return make("section", {}, [make("h2", {}, say("How often it was shown")), table(say("How often it was shown"), columns, rows, "")]);
}

function changed(model, changes) {
  const columns = [{ head: say("When"), row: true, cell: (change) => when(change.at) }, { head: say("What changed"), cell: modelStep }];
  const parts = [make("h2", {}, say("What it is, and what changed"))];
  if (model?.fingerprint) parts.push(make("p", { class: "sm mute hash" }, say("Fingerprint of its settings: {hash}", { hash: model.fingerprint.slice(0, 16) })));
  return make("section", {}, [...parts, table(say("What changed"), columns, [...changes].reverse(), say("Nothing was noted of it here."))]);
}

show(part, load, draw);
