/* The votes that speak for a finding over time: a strip for each rater, from the first of their votes to the last. */

import { drawing, part, scrolled } from "/static/drawing.js";
import { short } from "/static/standing/level.js";
import { count } from "/static/making.js";
import { when } from "/static/page.js";
import { figure, plural, say } from "/static/words.js";

const [WIDTH, ROW, TOP, LEFT, END] = [620, 24, 8, 96, 84];
const MOST = 24;

/** The drawing: ticks are the votes that were fetched, the line beneath them all that speak. */
export function strips(finding) {
  const raters = [...finding.of_raters].sort((first, second) => first.first_at.localeCompare(second.first_at));
  const shown = raters.slice(0, MOST);
  if (!shown.length) return null;
  const rest = raters.length > MOST;
  const firsts = plural(raters.length, "The first {shown} of {n} rater", "The first {shown} of {n} raters", { shown: figure(MOST) });
  const begin = Math.min(...shown.map((rater) => Date.parse(rater.first_at)));
  const end = Math.max(...shown.map((rater) => Date.parse(rater.last_at)));
  const x = (moment) => LEFT + ((WIDTH - LEFT - END) * (Date.parse(moment) - begin)) / Math.max(1, end - begin);
  const height = TOP + ROW * shown.length + 24;
  const lines = shown.map((rater) => plural(rater.votes, "{rater}: {n} vote from {first} to {last}", "{rater}: {n} votes from {first} to {last}", { rater: short(rater.rater_id), first: when(rater.first_at), last: when(rater.last_at) }));
  const made = drawing("strips", WIDTH, height, say("Votes over time, a strip for each rater"), `${rest ? `${firsts}. ` : ""}${lines.join("; ")}.`);
  shown.forEach((rater, row) => {
    const y = TOP + ROW * row + ROW / 2;
    made.append(
      part("text", { class: "ink", x: LEFT - 12, y: y + 4, "text-anchor": "end" }, short(rater.rater_id)),
      part("line", { class: "gridl", x1: x(rater.first_at), x2: x(rater.last_at), y1: y, y2: y }),
      part("text", { class: "ax", x: WIDTH - END + 12, y: y + 4 }, count(rater.votes, "vote")),
    );
    for (const vote of finding.spoken.filter((one) => one.rater_id === rater.rater_id)) {
      const at = x(vote.cast_at).toFixed(1);
      made.append(part("line", { class: vote.held ? "tick held" : "tick", x1: at, x2: at, y1: y - 7, y2: y + 7 }));
    }
  });
  made.append(
    part("text", { class: "ax", x: LEFT, y: height - 6 }, when(begin)),
    part("text", { class: "ax", x: WIDTH - END, y: height - 6, "text-anchor": "end" }, when(end)),
  );
  if (rest) made.append(part("text", { class: "ax", x: WIDTH / 2, y: height - 6, "text-anchor": "middle" }, firsts));
  return scrolled(say("Votes over time"), made);
}
