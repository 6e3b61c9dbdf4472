/* The board that a rater's own votes make, beside everyone's. */

import * as api from "/static/api.js";
import { figure, make } from "/static/making.js";
import { lead, one, show } from "/static/page.js";
import { plural, say } from "/static/words.js";

const RESTS = say("Fitted from your votes alone, by the same method as everyone’s board. Few votes make wide intervals: a model could as well be at any of its ranks. Being different is not being wrong, and credits do not depend on it.");
const WIDTH = 330; // pixels of the plot
const ROOM = 12; // pixels at its ends
const FEW = 50; // votes under which a board says little

const part = one("[data-part]");

show(part, load, draw);

/** The own board, and everyone's where it may be seen. */
async function load() {
  const [own, everyone] = await Promise.all([
    api.ask("GET", "/me/board"),
    api.ask("GET", "/leaderboards/overall").catch(() => null),
  ]);
  return { own, everyone };
}

function draw({ own, everyone }) {
  part.append(lead(statement(own), RESTS));
  if (own.votes && own.votes < FEW) part.append(make("p", { class: "note calm few" }, plural(own.votes, "{n} vote so far: {few} make a board that says a little.", "{n} votes so far: {few} make a board that says a little.", { few: FEW })));
  if (!own.entries.length) return;
  const names = new Map((everyone?.entries ?? []).map((entry) => [entry.model, entry]));
  const scale = scaled(own.entries);
  const right = [say("Rating"), say("Everyone’s"), say("My votes")];
  const heads = ["", say("Could be"), say("Model"), right[0], say("Its interval"), ...(everyone ? [right[1]] : []), right[2]];
  const row = make("tr", {}, heads.map((head) => (head ? make("th", { scope: "col", class: right.includes(head) ? "r" : null }, head) : make("td", { class: "hd" }))));
  const lines = own.entries.map((entry) => line(entry, scale, everyone ? names.get(entry.model) : null, Boolean(everyone)));
  const made = make("table", { class: "wt" }, [make("caption", { class: "vh" }, say("The board of my votes")), make("thead", {}, row), make("tbody", {}, lines)]);
  part.append(make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": say("{table}, scrolls sideways", { table: say("My board") }) }, made));
  part.append(make("p", { class: "sm mute under" }, plural(own.votes, "{n} vote of yours is in it. Each has two models, so the column adds to {sum}.", "{n} votes of yours are in it. Each has two models, so the column adds to {sum}.", { sum: figure(2 * own.votes) })));
}

/** The sentence the page opens with. */
function statement(own) {
  if (!own.votes) return say("You have no board yet: vote in a battle first.");
  if (own.reason) return own.reason;
  const ranked = own.entries.filter((entry) => entry.rank !== null);
  if (!ranked.length) return say("Your votes do not yet tell any two models apart.");
  const first = ranked.reduce((best, entry) => (entry.rank < best.rank ? entry : best));
  const others = ranked.filter((entry) => entry !== first && entry.rank_best === 1).length;
  if (!others) return say("For you, {model} comes first.", { model: first.model });
  return plural(others, "For you, {model} comes first, and {n} other could as well.", "For you, {model} comes first, and {n} others could as well.", { model: first.model });
}

function line(entry, scale, everyones, compared) {
  const range = entry.rank === null ? "" : entry.rank_best === entry.rank_worst ? figure(entry.rank_best) : `${entry.rank_best}–${entry.rank_worst}`;
  const half = entry.lower === null || entry.upper === null ? null : (entry.upper - entry.lower) / 2;
  const rating = entry.rating === null ? say("not yet") : [make("b", {}, figure(Math.round(entry.rating))), half === null ? "" : make("span", { class: "mute" }, ` ±${figure(Math.round(half))}`)];
  const cells = [
    make("td", { class: "rk" }, entry.rank === null ? "" : figure(entry.rank)),
    make("td", { class: "rr nowrap" }, range),
    make("th", { scope: "row" }, entry.model),
    make("td", { class: "r nowrap" }, rating),
    make("td", { class: "pl" }, scale ? plot(entry, scale) : ""),
  ];
  if (compared) cells.push(make("td", { class: "r mute" }, everyones?.rating == null ? say("none") : figure(Math.round(everyones.rating))));
  return make("tr", {}, [...cells, make("td", { class: "r" }, figure(entry.votes))]);
}

/** From ratings to pixels; null where nothing is fitted. */
function scaled(entries) {
  const ends = entries.flatMap((entry) => [entry.lower, entry.rating, entry.upper]).filter((number) => number !== null);
  if (!ends.length) return null;
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return (rating) => ROOM + ((rating - low) / Math.max(1, high - low)) * (WIDTH - 2 * ROOM);
}

/** A rating with its interval; an end that nobody knows runs to the edge. */
function plot(entry, scale) {
  const known = [entry.lower, entry.upper].some((number) => number !== null);
  const words = entry.rating === null ? say("{model}, not fitted yet", { model: entry.model }) : say("{rating}, from {lower} to {upper}", { rating: figure(Math.round(entry.rating)), lower: bound(entry.lower), upper: bound(entry.upper) });
  const made = svg("svg", { viewBox: `0 0 ${WIDTH} 34`, width: WIDTH, height: 34, role: "img", "aria-label": words });
  if (known) {
    const [from, to] = [entry.lower === null ? 0 : scale(entry.lower), entry.upper === null ? WIDTH : scale(entry.upper)];
    made.append(svg("line", { class: "wh", x1: from, x2: to, y1: 17, y2: 17 }));
  }
  if (entry.rating !== null) made.append(svg("circle", { class: "dot", cx: scale(entry.rating), cy: 17, r: 4 }));
  return made;
}

const bound = (number) => (number === null ? say("no known end") : figure(Math.round(number)));

function svg(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
