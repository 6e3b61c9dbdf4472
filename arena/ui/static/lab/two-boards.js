/* The board of the votes that count beside the board of all: what the held votes move. */

import * as api from "/static/api.js";
import { part } from "/static/drawing.js";
import { figure, make } from "/static/making.js";
import { table } from "/static/page.js";
import { plural, say, signed } from "/static/words.js";

const [WIDTH, ROOM] = [180, 10];
const DEADLINE = 60_000; // a board of many votes that nobody asked for yet is fitted first
const NONE = "–";

/** Both boards: with the held votes, and without them. */
export async function fetched() {
  const [without, all] = await Promise.all(
    ["counted", "all"].map((votes) => api.ask("GET", `/leaderboards/overall?votes=${votes}`, { deadline: DEADLINE })),
  );
  return { all, without };
}

const rounded = (entry) => (entry?.rating == null ? null : Math.round(entry.rating));
const shown = (rating) => (rating === null ? NONE : figure(rating));
const place = (entry) => (entry?.rank == null ? NONE : figure(entry.rank));

const moved = (change) => (change === null ? NONE : signed(change));

function plot(entry, x, words) {
  if (entry?.rating == null) return NONE;
  const made = part("svg", { viewBox: `0 0 ${WIDTH} 22`, width: WIDTH, height: 22, role: "img", "aria-label": `${words}: ${figure(rounded(entry))}` });
  if (entry.lower !== null && entry.upper !== null) {
    made.append(part("line", { class: "wh", x1: x(entry.lower), x2: x(entry.upper), y1: 11, y2: 11 }));
  }
  made.append(part("circle", { class: "dot", cx: x(entry.rating), cy: 11, r: 4 }));
  return made;
}

/** The table of both, the highest first, and the sentence above it. */
export function compared({ all, without }) {
  const other = new Map(without.entries.map((entry) => [entry.model, entry]));
  const rows = all.entries.map((entry) => ({ model: entry.model, all: entry, without: other.get(entry.model) }));
  const ends = [...all.entries, ...without.entries].flatMap((entry) => [entry.lower, entry.rating, entry.upper]).filter((end) => end !== null);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const x = (rating) => ROOM + ((WIDTH - 2 * ROOM) * (rating - low)) / Math.max(1, high - low);
  const change = (row) => {
    const [before, after] = [rounded(row.all), rounded(row.without)];
    return before === null || after === null ? null : after - before;
  };
  const columns = [
    { head: say("Model"), row: true, cell: (row) => row.model },
    { head: say("With"), cell: (row) => plot(row.all, x, say("with the held votes")) },
    { head: say("Rating with"), right: true, cell: (row) => shown(rounded(row.all)) },
    { head: say("Without"), cell: (row) => plot(row.without, x, say("without the held votes")) },
    { head: say("Rating without"), right: true, cell: (row) => shown(rounded(row.without)) },
    { head: say("Change"), right: true, cell: (row) => moved(change(row)) },
    { head: say("Rank with"), right: true, cell: (row) => place(row.all) },
    { head: say("Rank without"), right: true, cell: (row) => place(row.without) },
  ];
  const { counted, held } = without.counting;
  const sum = plural(counted + held, "{counted} of {n} vote count, {held} are held, for this finding and for whatever else. A change stands out if it is larger than the interval.", "{counted} of {n} votes count, {held} are held, for this finding and for whatever else. A change stands out if it is larger than the interval.", { counted: figure(counted), held: figure(held) });
  return [make("p", { class: "sm mute" }, sum), table(say("Board with and without the held votes"), columns, rows, say("There is no board yet."))];
}
