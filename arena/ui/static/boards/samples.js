/* Battles that stand for others: what was asked, both answers, and what was voted. */

import { about } from "/static/boards/asked.js";
import { make } from "/static/making.js";
import { figure, plural, say } from "/static/words.js";

const LONG = 90; // letters of a prompt that stand in one line

/** Some battles of a board. */
export const fetched = (given) => about("/samples", given);

/** The battles, each to be opened; where there are none, why. */
export function drawn({ battles, publish }) {
  if (!battles.length) return make("p", { class: "mute" }, none(publish));
  return make("div", { class: "samples" }, battles.map(battle));
}

function none(publish) {
  if (publish === "all") return say("No battle of this board has a vote that counts.");
  if (publish === "battles") return say("No battle of this kind is published: its campaign keeps it, or who wrote or voted does not agree to publication.");
  return say("No campaign of this arena publishes its battles. A lab decides that for each campaign.");
}

function battle(told) {
  const prompt = told.prompt.length > LONG ? `${told.prompt.slice(0, LONG - 1)}…` : told.prompt;
  return make("details", { class: "sample" }, [
    make("summary", {}, [make("span", { dir: "auto" }, prompt), make("span", { class: "mute sm" }, outcome(told))]),
    make("p", { class: "quoted", dir: "auto" }, told.prompt),
    make("div", { class: "cols c2" }, ["a", "b"].map((side) => make("section", {}, [
      make("h3", {}, told[`model_${side}`]),
      make("p", { class: "quoted", dir: "auto" }, told[`response_${side}`]),
    ]))),
    ...(told.cut ? [make("p", { class: "sm mute" }, say("Long texts are shown up to 4,000 characters."))] : []),
  ]);
}

function outcome({ votes, model_a: first, model_b: second }) {
  const named = { model_a: say("{model} won", { model: first }), model_b: say("{model} won", { model: second }), tie: say("Tie"), both_bad: say("Both bad") };
  const cast = Object.entries(votes).filter(([, number]) => number);
  if (cast.length === 1 && cast[0][1] === 1) return named[cast[0][0]];
  return cast.map(([winner, number]) => `${named[winner]}: ${figure(number)}`).join(" · ") || plural(0, "{n} vote", "{n} votes");
}
