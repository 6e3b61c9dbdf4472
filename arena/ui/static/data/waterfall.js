/* What was left out, and why: from the votes recorded to the rows of a release. The lines add up. */

import { figure, make } from "/static/making.js";
import { say, signed } from "/static/words.js";

/** The lines: `{words, count}` where something stands, `{words, change}` where something leaves or comes. */
export function lines(counts) {
  const found = [{ words: say("Votes recorded"), count: counts.recorded, kind: "tot" }];
  if (counts.withdrawn) found.push({ words: say("Withdrawn by the rater"), change: -counts.withdrawn });
  const held = counts.filters.filter((filter) => filter.reason === "held");
  const others = counts.filters.filter((filter) => filter.reason !== "held");
  const left = (filter) => ({ words: capital(say(filter.explanation)), change: -filter.votes });
  found.push(...held.map(left));
  const words = counts.select?.votes === "all" ? say("Counted or held by the leaderboard") : say("Counted on the leaderboard");
  found.push({ words, count: held.reduce((count, filter) => count - filter.votes, counts.counted), kind: "sub" });
  found.push(...others.map(left));
  if (others.length) found.push({ words: say("Votes selected"), count: counts.votes, kind: "sub" });
  const made = counts.format;
  if (!made) return found;
  if (made.unit === "battle") {
    if (made.units !== counts.votes) found.push({ words: say("Several votes on one battle become one"), change: made.units - counts.votes });
    found.push({ words: say("Battles selected"), count: made.units, kind: "sub" });
  }
  for (const left of made.left_out) found.push({ words: capital(say(left.explanation)), change: -left.count });
  const rows = Object.values(made.rows).reduce((sum, count) => sum + count, 0);
  if (rows !== made.taken) {
    found.push({ words: made.unit === "battle" ? say("Battles with rows") : say("Votes with rows"), count: made.taken, kind: "sub" });
    found.push({ words: say("More than one row each"), change: rows - made.taken });
  }
  return [...found, { words: say("Rows of the release"), count: rows, kind: "tot last" }];
}

/** Table rows with a bar each: how much of the whole stands, or leaves. */
export function rows(counts) {
  const found = lines(counts);
  const whole = Math.max(1, ...found.map((line) => line.count ?? 0));
  let standing = 0;
  return found.map((line) => {
    const before = standing;
    standing = line.count ?? standing + line.change;
    const left = line.count === undefined ? Math.min(before, standing) : 0;
    const width = line.count ?? Math.abs(line.change);
    const bar = make("div", { class: "bar" });
    bar.style.marginInlineStart = `${(100 * left) / whole}%`;
    bar.style.width = `${(100 * width) / whole}%`;
    const change = line.change && signed(line.change);
    return make("tr", { class: line.kind }, [
      make("th", { scope: "row" }, line.words),
      make("td", { class: "of", "aria-hidden": "true" }, bar),
      make("td", { class: "r" }, change ?? figure(line.count ?? 0)),
    ]);
  });
}

function capital(words) {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
