/* A ring drawn: its raters on one side, the models they lift or lower on the other, and a line where they agree. */

import { net, onModels } from "/static/lab/findings.js";
import { drawing, part, scrolled } from "/static/lab/svg.js";
import { count } from "/static/making.js";
import { short } from "/static/lab/standing.js";

const [WIDTH, ROW, TOP, LEFT, RIGHT] = [620, 26, 30, 96, 392];
const MOST_RATERS = 24;
const MOST_MODELS = 3; // lifted, and as many lowered

/** The models that the votes lift most and lower most, each at most once. */
function pushed(votes) {
  const models = onModels(votes);
  const lifted = models.filter((model) => net(model) > 0).slice(0, MOST_MODELS);
  const lowered = models.filter((model) => net(model) < 0).slice(-MOST_MODELS);
  return [...lifted, ...lowered];
}

const told = (model) => `${model.model}: won ${model.wins}, lost ${model.losses}`;

/** The drawing; null where the votes push nothing. */
export function ring(finding) {
  const models = pushed(finding.spoken);
  const raters = [...finding.of_raters].sort((first, second) => second.votes - first.votes).slice(0, MOST_RATERS);
  if (!models.length || !raters.length) return null;
  const height = TOP + ROW * Math.max(raters.length, models.length) + 8;
  const spread = (place, number) => TOP + ((height - TOP - 8) * (place + 0.5)) / number;
  const rest = finding.of_raters.length - raters.length;
  const description =
    `${count(raters.length, "rater")}${rest ? ` with the most votes, of ${finding.of_raters.length},` : ""} and ` +
    `${count(models.length, "model")}. ${models.map(told).join("; ")}. ` +
    "A full line: the rater prefers the model; a dashed one: its rival. The thicker, the more votes.";
  const made = drawing("ring", WIDTH, height, "Raters and the models they push", description);
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
  made.append(part("text", { class: "ax", x: LEFT, y: 14, "text-anchor": "end" }, "Rater"), part("text", { class: "ax", x: RIGHT, y: 14 }, "Model"));
  raters.forEach((rater, row) => {
    const y = spread(row, raters.length);
    made.append(part("circle", { class: "dot", cx: LEFT, cy: y, r: 5 }));
    made.append(part("text", { class: "ink", x: LEFT - 12, y: y + 4, "text-anchor": "end" }, short(rater.rater_id)));
  });
  models.forEach((model, column) => {
    const y = spread(column, models.length);
    made.append(part("rect", { class: "dot", x: RIGHT - 5, y: y - 5, width: 10, height: 10 }));
    made.append(part("text", { class: "ink", x: RIGHT + 14, y: y }, model.model));
    made.append(part("text", { class: "ax", x: RIGHT + 14, y: y + 15 }, `won ${model.wins}, lost ${model.losses}`));
  });
  return scrolled("Raters and models", made);
}
