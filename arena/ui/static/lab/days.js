/* The last three weeks of a rater: a bar a day, ochre where votes of it are held, and a dot for known answers beneath. */

import { part } from "/static/drawing.js";
import { count, make } from "/static/making.js";
import { figure, say } from "/static/words.js";

const DAYS = 21;
const [STEP, HEIGHT, DOT] = [8, 24, 30];
const LONG = 86_400_000;

/** The drawing; a dash where there was no vote. */
export function days(rater) {
  const found = rater.days;
  if (!found.length) return "–";
  const today = Math.floor(Date.now() / LONG);
  const place = (one) => DAYS - 1 - (today - Math.floor(Date.parse(one.day) / LONG));
  const sum = (key) => found.reduce((total, one) => total + one[key], 0);
  const words = [
    say("The last {n} days: votes on {days}", { n: DAYS, days: count(found.length, "day") }), count(sum("votes"), "vote"), say("held: {n}", { n: figure(sum("held")) }),
    ...(sum("gold_seen") ? [say("known answers found: {part} of {all}", { part: figure(sum("gold_right")), all: figure(sum("gold_seen")) })] : []),
  ].join("; ");
  const made = part("svg", { viewBox: `0 0 ${DAYS * STEP} ${DOT + 4}`, width: DAYS * STEP, height: DOT + 4, role: "img", "aria-label": words });
  const most = Math.max(1, ...found.map((one) => one.votes));
  for (const one of found) {
    const x = Math.max(0, place(one)) * STEP;
    const height = one.votes ? Math.max(2, (HEIGHT * one.votes) / most) : 0;
    made.append(part("rect", { class: one.held ? "bar held" : "bar", x, y: HEIGHT - height, width: STEP - 1, height }));
    if (one.gold_seen) made.append(part("circle", { class: one.gold_right * 2 > one.gold_seen ? "gold" : "gold missed", cx: x + 3.5, cy: DOT, r: 2.5 }));
  }
  return make("span", { class: "drawn strip" }, made);
}
