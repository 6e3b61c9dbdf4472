/* What the pages behind a board share: the words of the address, links between them, and sentences about figures. */

import * as api from "/static/api.js";
import { make } from "/static/making.js";
import { LOCALE, figure, say } from "/static/words.js";

export const BOARD = "/leaderboards/overall";
const PATIENCE = 60_000; // milliseconds: a board of many votes may have to be fitted

export const words = new URLSearchParams(location.search);

/** Ask about the board. */
export const about = (part, given = {}) => {
  const query = new URLSearchParams(Object.entries(given).filter(([, value]) => value !== null && value !== undefined));
  return api.ask("GET", `${BOARD}${part}?${query}`, { deadline: PATIENCE });
};

/** Every page of something about the board. */
export async function whole(part, name, given = {}) {
  const found = [];
  for (let after = 0; after !== null; ) {
    const page = await about(part, { ...given, after, limit: 500 });
    found.push(...page[name]);
    after = page.next;
  }
  return found;
}

/** A link to the page of a model. */
export const link = (model) => make("a", { href: `${api.HERE}/leaderboard/model?model=${encodeURIComponent(model)}` }, model);

/** A choice of one model, which opens the page anew. */
export function chooser(name, label, models, chosen) {
  const options = models.map((model) => make("option", { value: model, selected: model === chosen }, model));
  return make("label", { class: "switch" }, [make("span", {}, label), make("select", { class: "sel", name }, options)]);
}

/** A form of choosers that asks for the page with what was chosen. */
export const choosing = (choosers) =>
  make("form", { class: "switches", method: "get" }, [...choosers, make("button", { class: "btn s", type: "submit" }, say("Show"))]);

export const percent = (share, digits = 1) => (share === null || share === undefined ? "–" : share.toLocaleString(LOCALE, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }));

export const points = (value) => figure(Math.round(value));

/** A rating with half of its interval. */
export const about95 = (entry) => (entry.lower === null || entry.upper === null ? points(entry.rating) : `${points(entry.rating)} ±${points((entry.upper - entry.lower) / 2)}`);

/** The share of its votes that a model won, ties as half. */
export const won = (entry) => (entry.votes ? (entry.wins + (entry.ties + entry.both_bad) / 2) / entry.votes : null);

/** The ranks that a model can have. */
export const range = (entry) => (entry.rank === null ? "–" : entry.rank_best === null || entry.rank_best === entry.rank_worst ? figure(entry.rank) : `${figure(entry.rank_best)}–${figure(entry.rank_worst)}`);
