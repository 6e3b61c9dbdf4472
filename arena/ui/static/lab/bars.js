/* Votes of each day as bars, today's marked. */

import { drawing, part, scrolled } from "/static/drawing.js";
import { make } from "/static/making.js";
import { figure, LOCALE, plural, say } from "/static/words.js";

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM, DAYS] = [600, 176, 48, 10, 24, 21];
const DAY = 86_400_000;
const short = (moment) => new Date(moment).toLocaleDateString(LOCALE, { day: "numeric", month: "short", timeZone: "UTC" });

/** A round number at or above the most, for the top of the axis. */
function top(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 6, 8, 10].map((step) => step * power).find((end) => end >= most);
}

/** The drawing of the last three weeks; `days` holds votes by the day's name, those without a vote left out. */
export function votesADay(days, now = Date.now()) {
  const today = Math.floor(now / DAY) * DAY;
  const shown = Array.from({ length: DAYS }, (_, place) => today - DAY * (DAYS - 1 - place));
  const votes = shown.map((day) => days.get(new Date(day).toISOString().slice(0, 10)) ?? 0);
  const most = Math.max(...votes);
  if (!most) return make("p", { class: "mute" }, say("Nobody voted in the last three weeks."));
  const end = Math.max(4, top(most));
  const room = (WIDTH - LEFT - 4) / DAYS;
  const y = (number) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * number) / end;
  const said = `${shown.map((day, place) => [day, votes[place]]).filter(([, cast]) => cast).map(([day, cast]) => `${short(day)}: ${figure(cast)}`).join("; ")}.`;
  const made = drawing("votes-a-day", WIDTH, HEIGHT, plural(votes.at(-1), "Votes a day over three weeks, {n} vote today", "Votes a day over three weeks, {n} votes today"), said);
  for (const line of [0, end / 2, end]) {
    made.append(
      part("line", { class: "gridl", x1: LEFT, x2: WIDTH, y1: y(line), y2: y(line) }),
      part("text", { class: "ax", x: LEFT - 8, y: y(line) + 4, "text-anchor": "end" }, figure(line)),
    );
  }
  shown.forEach((day, place) => {
    const x = LEFT + room * place + room * 0.12;
    const fill = place === DAYS - 1 ? "var(--accent)" : "var(--edge)";
    made.append(part("rect", { x, y: y(votes[place]), width: room * 0.76, height: HEIGHT - BOTTOM - y(votes[place]), fill }));
    if (place % 5 === 0) made.append(part("text", { class: "ax", x: x + room * 0.38, y: HEIGHT - 6, "text-anchor": "middle" }, short(day)));
  });
  const frame = scrolled(say("Votes a day"), made);
  setTimeout(() => (frame.scrollLeft = frame.scrollWidth), 0); // today stands at the end
  return frame;
}
