/* A ring drawn: its raters on one side, the models they lift or lower on the other, and a line where they agree. */

import { net, onModels } from "/static/lab/findings.js";
import { drawing, part, scrolled } from "/static/drawing.js";
import { count } from "/static/making.js";
import { short } from "/static/standing/level.js";
import { figure, plural, say } from "/static/words.js";

const [WIDTH, ROW, TOP, LEFT, RIGHT] = [620, 34, 30, 96, 392];
const MOST_RATERS = 24;
const MOST_MODELS = 3; // lifted, and as many lowered
/** What the lines of the drawing mean. */
export const LINES = say("A full line: the rater prefers the model; dashed: its rival. The thicker, the more votes.");

/** The models that the votes lift most and lower most, each at most once. */
function pushed(votes) {
  const models = onModels(votes);
  const lifted = models.filter((model) => net(model) > 0).slice(0, MOST_MODELS);
  const lowered = models.filter((model) => net(model) < 0).slice(-MOST_MODELS);
  return [...lifted, ...lowered];
}

const score = (model) => say("won {wins}, lost {losses}", { wins: figure(model.wins), losses: figure(model.losses) });
const told = (model) => `${model.model}: ${score(model)}`;

/** The drawing; null where the votes push nothing. */
export function ring(finding) {
  const models = pushed(finding.spoken);
  const raters = [...finding.of_raters].sort((first, second) => second.votes - first.votes).slice(0, MOST_RATERS);
  if (!models.length || !raters.length) return null;
  const height = TOP + ROW * Math.max(raters.length, models.length) + 8;
  const spread = (place, number) => TOP + ((height - TOP - 8) * (place + 0.5)) / number;
  const rest = finding.of_raters.length - raters.length;
  const description = [
    `${count(raters.length, "rater")}, ${count(models.length, "model")}.`,
    rest > 0 ? plural(finding.of_raters.length, "Those with the most votes, of {n} rater.", "Those with the most votes, of {n} raters.") : "",
    `${models.map(told).join("; ")}.`,
    LINES,
  ].filter(Boolean).join(" ");
  const made = drawing("ring", WIDTH, height, say("Raters and the models they push"), description);
  const lines = raters.flatMap((rater, row) => {
    const theirs = new Map(onModels(finding.spoken.filter((vote) => vote.rater_id === rater.rater_id)).map((model) => [model.model, model]));
    return models.map((model, column) => ({ row, column, by: theirs.has(model.model) ? net(theirs.get(model.model)) : 0 }));
  });
  const most = Math.max(1, ...lines.map(({ by }) => Math.abs(by)));
  for (const { row, column, by } of lines.filter((line) => line.by)) {
    const ends = { x1: LEFT, y1: spread(row, raters.length), x2: RIGHT, y2: spread(column, models.length) };
    const width = (0.75 + (4.25 * Math.abs(by)) / most).toFixed(2);
    made.append(part("line", { class: by > 0 ? "lifts" : "lowers", ...ends, "stroke-width": width }));
  }
  made.append(part("text", { class: "ax", x: LEFT, y: 14, "text-anchor": "end" }, say("Rater")), part("text", { class: "ax", x: RIGHT, y: 14 }, say("Model")));
  raters.forEach((rater, row) => {
    const y = spread(row, raters.length);
    made.append(part("circle", { class: "dot", cx: LEFT, cy: y, r: 5 }));
    made.append(part("text", { class: "ink", x: LEFT - 12, y: y + 4, "text-anchor": "end" }, short(rater.rater_id)));
  });
  models.forEach((model, column) => {
    const y = spread(column, models.length);
    made.append(part("rect", { class: "dot", x: RIGHT - 5, y: y - 5, width: 10, height: 10 }));
    made.append(part("text", { class: "ink", x: RIGHT + 14, y: y }, model.model));
    made.append(part("text", { class: "ax", x: RIGHT + 14, y: y + 15 }, score(model)));
  });
  return scrolled(say("Raters and models"), made);
}
