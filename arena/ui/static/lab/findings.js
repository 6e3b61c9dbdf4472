/* Findings of audits in words, and the sums over their votes that pages show. */

import * as api from "/static/api.js";
import { count, day, figure } from "/static/making.js";

const BILLION = Math.log(1e9);

export const KINDS = {
  lopsided: "Votes for one side",
  careless: "Votes like a coin's",
  half: "Half of the votes like a coin's",
  inverted: "Votes for the worse answer",
  push: "Votes for or against one model",
  hunt: "Looks for one model",
  ring: "Votes that move together",
  pooled: "Accounts of one kind",
  cohort: "Accounts that differ together",
  gold: "Known answers missed",
  repeat: "Other votes on the same items",
  quick: "Too fast to have read",
  straight: "Sides that follow each other",
  skip: "Skips until one model comes",
  apart: "Agrees less with others",
};

export const THEN = { note: "Nothing is held for it.", hold: "Its votes are held.", probation: "Its votes are held, and a person looks." };

/** Where a finding is told whole. */
export const page = (finding) => `${api.HERE}/lab/findings/${encodeURIComponent(finding.finding_id)}`;

/** How much more likely the votes are so than from honest raters: the strength is a logarithm. */
export function odds(strength) {
  if (strength > BILLION) return "over a billion to 1";
  return `${figure(Number(Math.exp(strength).toPrecision(2)))} to 1`;
}

/** When it began. */
export const since = (finding) => (finding.since === null ? "from the first vote on" : `since ${day(finding.since)}`);

/** Votes, time and strength of a finding in one line. */
export const weighed = (finding) => `${count(finding.votes, "vote")} ${since(finding)}, ${odds(finding.strength)}`;

/** The sentence of a finding; it is gone with the last of its raters who was erased. */
export const said = (finding) => finding.sentence || "Everybody whom this finding is about was erased.";

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
