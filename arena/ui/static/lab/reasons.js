/* What speaks for a finding, and what speaks against it: figures of its raters beside those of everybody else. */

import { net, odds, onModels } from "/static/lab/findings.js";
import { count, make } from "/static/making.js";
import { figure, plural, say } from "/static/words.js";

const FOUND = 0.7; // of known answers, or of repeats: whoever does so looks when they want to
const HURRIED = 0.5; // of the time that others take
const HOUR = 3_600_000;

const middle = (values) => {
  const sorted = [...values].sort((first, second) => first - second);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : null;
};
const total = (raters, key) => raters.reduce((sum, one) => sum + one[key], 0);

/** For and against, each a list of sentences. */
function weighed(finding, raters, all) {
  const [pro, against] = [[], []];
  const theirs = raters.filter((one) => finding.raters.includes(one.rater_id));
  const others = raters.filter((one) => !finding.raters.includes(one.rater_id));
  const side = (speaks, sentence) => (speaks ? pro : against).push(sentence);
  pro.push(say("From honest raters such votes are rarer by {odds}.", { odds: odds(finding.strength) }));
  const pushed = onModels(finding.spoken);
  for (const model of [pushed[0], pushed.at(-1)].filter((one, place, both) => one && net(one) !== 0 && both.indexOf(one) === place)) {
    const entry = all.entries.find((one) => one.model === model.model);
    const rest = entry && { wins: entry.wins - model.wins, losses: entry.losses - model.losses };
    if (!rest || rest.wins < 0 || rest.losses < 0 || rest.wins + rest.losses === 0) continue;
    const [mine, usual] = [model.wins / (model.wins + model.losses), rest.wins / (rest.wins + rest.losses)];
    side(Math.abs(mine - usual) > 0.15, plural(model.wins + model.losses, "{model} wins {wins} of {n} decided vote here, and {share}% of all others.", "{model} wins {wins} of {n} decided votes here, and {share}% of all others.", { model: model.model, wins: figure(model.wins), share: figure(Math.round(100 * usual)) }));
  }
  if (finding.of_raters.length > 1) {
    const firsts = finding.of_raters.map((one) => Date.parse(one.first_at));
    const apart = Math.max(...firsts) - Math.min(...firsts);
    const hours = Math.round(apart / HOUR);
    side(apart <= HOUR, apart <= HOUR ? say("All began within {time}.", { time: count(Math.max(1, Math.round(apart / 60_000)), "minute") }) : say("From the first beginning to the last: {time}.", { time: hours < 48 ? count(hours, "hour") : count(Math.round(hours / 24), "day") }));
  }
  const [took, usual] = [theirs, others].map((some) => middle(some.map((one) => one.median_seconds).filter((value) => value !== null)));
  if (took !== null && usual) side(took < HURRIED * usual, say("They take {seconds} s for a vote, others {usual} s.", { seconds: figure(Math.round(took)), usual: figure(Math.round(usual)) }));
  const [right, seen] = [total(theirs, "gold_right"), total(theirs, "gold_seen")];
  if (seen) side(right < FOUND * seen, say("Known answers: {part} of {all} found.", { part: figure(right), all: figure(seen) }));
  const [same, again] = [total(theirs, "repeats_same"), total(theirs, "repeats_seen")];
  if (again) side(same < FOUND * again, say("Repeats: {part} of {all} with the same outcome again.", { part: figure(same), all: figure(again) }));
  const asked = theirs.filter((one) => one.appeal?.state === "open").length;
  if (asked) against.push(plural(asked, "{n} rater asked for a review: read what they say first.", "{n} raters asked for a review: read what they say first."));
  return { pro, against };
}

/** The table of both. */
export function reasons(finding, raters, all) {
  const { pro, against } = weighed(finding, raters, all);
  const lines = (words, some) => some.map((sentence, place) => make("tr", {}, [place ? make("td") : make("th", { scope: "rowgroup" }, words), make("td", {}, sentence)]));
  const none = [say("Nothing here: that is no proof.")];
  return make("table", { class: "reasons", "aria-label": say("For and against") }, [
    make("tbody", {}, lines(say("For it"), pro)),
    make("tbody", {}, lines(say("Against it"), against.length ? against : none)),
  ]);
}
