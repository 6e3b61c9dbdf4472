/* The public log in words: what was done to models, and what policies hold votes for. */

import { KINDS, odds } from "/static/boards/kinds.js";
import { make } from "/static/making.js";
import { figure, say } from "/static/words.js";

const BECAME = {
  announced: (name) => say("{name} is announced.", { name }),
  active: (name) => say("{name} takes part.", { name }),
  paused: (name) => say("{name} is paused: it is drawn for no new battle, and its votes stay.", { name }),
  retired: (name) => say("{name} is retired: it is drawn no more, and its votes stay.", { name }),
};
const added = (name, state) => (state === "announced" ? say("{name} was added and announced.", { name }) : say("{name} was added.", { name }));

/** What was done to a model, and why: the reason is as somebody wrote it. */
export function modelStep({ subject, model }) {
  const told = model.added ? added(subject, model.state) : BECAME[model.state](subject);
  return model.reason ? [told, " ", make("span", { dir: "auto" }, model.reason)] : told;
}

const LEADS = { note: () => say("nothing is held"), hold: () => say("votes are held"), probation: () => say("votes are held, and a person looks") };
const GROUPS = [
  ["probation", () => say("Votes are held, and a person looks, for each of these:")],
  ["hold", () => say("Votes are held for each of these:")],
];

/** What a policy holds votes for, or what it changed. */
export function policyStep({ policy }) {
  const { before, rules } = policy;
  if (before === null) return [...GROUPS.flatMap(([then, words]) => group(words(), rules.filter((rule) => rule.then === then))), say("Anything else is noted, and nothing is held for it.")];
  const changed = rules.map((rule) => say("{kind}: {now}; before, {before}.", { kind: named(rule.kind), now: from(LEADS[rule.then](), rule.strength), before: from(LEADS[rule.then_before](), rule.strength_before) }));
  if (policy.looks !== policy.looks_before) changed.push(say("The chance of a false ring is split over {n} audits; before, over {before}.", { n: figure(policy.looks), before: figure(policy.looks_before) }));
  return changed.length ? list(changed) : say("The same rules as version {version}.", { version: before });
}

const named = (kind) => KINDS[kind] ?? kind;
const from = (what, strength) => (strength ? say("{what}, from {odds} on", { what, odds: odds(strength) }) : what);
const list = (lines) => make("ul", { class: "pl" }, lines.map((line) => make("li", {}, line)));
const group = (words, rules) => (rules.length ? [words, list(rules.map(({ kind, strength }) => from(named(kind), strength)))] : []);
