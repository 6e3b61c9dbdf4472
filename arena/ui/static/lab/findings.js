/* Findings of audits in words, and the sums over their votes that pages show. */

import * as api from "/static/api.js";
import { odds } from "/static/boards/kinds.js";
import { count, day, english } from "/static/making.js";
import { fixed, say } from "/static/words.js";

export { KINDS, odds } from "/static/boards/kinds.js";

export const THEN = { note: say("Nothing is held for it."), hold: say("Its votes are held."), probation: say("Its votes are held, and a person looks.") };

/** Where a finding is told whole. */
export const page = (finding) => `${api.HERE}/lab/findings/${encodeURIComponent(finding.finding_id)}`;

/** When it began. */
export const since = (finding) => (finding.since === null ? say("from the first vote on") : say("since {when}", { when: day(finding.since) }));

/** Votes, time and strength of a finding in one line. */
export const weighed = (finding) => [count(finding.votes, "vote"), since(finding), odds(finding.strength)].join(", ");

/** The sentence of a finding, which an audit wrote in English; it is gone with the last of its raters who was erased. */
export const said = (finding) => (finding.sentence ? english(finding.sentence) : say("Everybody whom this finding is about was erased."));

/** What an audit could not have found if it were there, in a sentence. */
export function missed({ kind, deviation }) {
  if (kind === "uncompared") return say("Raters were not compared here. Comparing raters needs at least three raters and two models.");
  if (deviation === null) return say("Rings cannot be found here: the votes do not say of any model how raters differ on it.");
  return say("Rings may be missed here: so few raters cast so few votes on each model that a fifth of all accounts would have to deviate by {logits} logits on every model to be told from chance.", { logits: fixed(deviation, 1) });
}

/** How somebody voted on each model they met: [{ model, wins, losses, ties }], the most lifted first. */
export function onModels(votes) {
  const found = new Map();
  const add = (model, outcome) => {
    if (!found.has(model)) found.set(model, { model, wins: 0, losses: 0, ties: 0 });
    found.get(model)[outcome] += 1;
  };
  for (const { model_a: a, model_b: b, winner } of votes) {
    const decided = winner === "model_a" || winner === "model_b";
    add(a, decided ? (winner === "model_a" ? "wins" : "losses") : "ties");
    add(b, decided ? (winner === "model_b" ? "wins" : "losses") : "ties");
  }
  return [...found.values()].sort((first, second) => net(second) - net(first) || first.model.localeCompare(second.model));
}

/** By how many decided votes a model is ahead. */
export const net = ({ wins, losses }) => wins - losses;
