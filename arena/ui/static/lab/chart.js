/* Votes of a campaign so far, day by day, beside its plan. */

import { part, scrolled } from "/static/drawing.js";
import { figure, make } from "/static/making.js";
import { LOCALE, say } from "/static/words.js";

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [640, 190, 52, 14, 24];
const DAY = 86_400_000;

const short = (moment) => new Date(moment).toLocaleDateString(LOCALE, { day: "numeric", month: "short", timeZone: "UTC" });

/** The drawing, and its words for whoever does not see it; nothing before the first vote. */
export function votesSoFar({ name, created_at: created, starts, ends, votes, progress }) {
  const days = progress.by_day.map(({ day, votes: cast }) => [Date.parse(day), cast]);
  if (!days.length) return make("p", { class: "mute" }, say("Nobody voted yet."));
  const begin = Math.min(days[0][0], Date.parse(starts ?? created ?? days[0][0]) || days[0][0]);
  const now = days.at(-1)[0] + DAY;
  const end = Math.max(now, ends ? Date.parse(ends) : now);
  const most = Math.max(votes, progress.plan ?? 0);
  const x = (moment) => LEFT + ((WIDTH - LEFT - 8) * (moment - begin)) / (end - begin);
  const y = (count) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * count) / most;
  let sum = 0;
  const line = [[begin, 0], ...days.map(([day, cast]) => [day + DAY, (sum += cast)])];
  const path = line.map(([moment, count], at) => `${at ? "L" : "M"}${x(moment).toFixed(1)} ${y(count).toFixed(1)}`).join("");
  const values = { campaign: name, votes: figure(votes), plan: figure(progress.plan ?? 0), first: short(begin), last: short(now - DAY) };
  const said = progress.plan ? say("{campaign}: Votes so far {votes} of {plan}, from {first} to {last}", values) : say("{campaign}: Votes so far {votes}, from {first} to {last}", values);
  const drawn = part("svg", { class: "fw", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": said });
  for (const count of [0, most / 2, most]) {
    drawn.append(
      part("line", { class: "gridl", x1: LEFT, x2: WIDTH - 8, y1: y(count), y2: y(count) }),
      part("text", { class: "ax", x: LEFT - 6, y: y(count) + 4, "text-anchor": "end" }, figure(Math.round(count))),
    );
  }
  drawn.append(
    part("text", { class: "ax", x: LEFT, y: HEIGHT - 4 }, short(begin)),
    part("text", { class: "ax", x: WIDTH - 8, y: HEIGHT - 4, "text-anchor": "end" }, short(end - 1)),
  );
  if (progress.plan && ends) {
    const plan = { x1: x(begin), y1: y(0), x2: x(Date.parse(ends)), y2: y(progress.plan) };
    drawn.append(part("line", { ...plan, stroke: "var(--edge)", "stroke-width": 1.5, "stroke-dasharray": "4 4" }));
  }
  drawn.append(part("path", { d: path, fill: "none", stroke: "var(--ink)", "stroke-width": 2.5 }));
  const frame = scrolled(say("Votes so far"), drawn);
  setTimeout(() => (frame.scrollLeft = frame.scrollWidth), 0); // today stands at the end
  return frame;
}
