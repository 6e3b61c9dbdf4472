/* What the pages of models say alike: states, what each may become, what follows from it. */

import { drawing, part } from "/static/drawing.js";
import { make } from "/static/making.js";
import { figure, percent, plural, say } from "/static/words.js";

const STATES = {
  announced: ["half", say("Announced")],
  active: ["on", say("Active")],
  paused: ["off", say("Paused")],
  retired: ["off", say("Retired")],
  stored: ["off", say("Stored")],
};

/** The square of a state, and its word. */
export function stateOf({ state }) {
  const [square, word] = STATES[state];
  return make("span", { class: `state ${square}` }, [make("i", { "aria-hidden": "true" }), word]);
}

/** The word of a state. */
export const word = (state) => STATES[state][1];

const PAUSE = { to: "paused", word: say("Pause"), said: say("It is drawn no more until you resume it, at any time.") };
const RESUME = { to: "active", word: say("Resume"), said: say("It is drawn from the next battle on.") };
const RETIRE = { to: "retired", word: say("Retire"), said: say("For good, and it cannot be undone. It stays on every board that it is on, marked as retired. A new version is a new model.") };
const ACTIVATE = { to: "active", word: say("Make active"), said: say("It is drawn from the next battle on, and everybody may know of it. It cannot be announced again; it can be paused.") };

/** What a model may become, the usual first. */
export const CHOICES = { announced: [ACTIVATE, RETIRE], active: [PAUSE, RETIRE], paused: [RESUME, RETIRE], retired: [], stored: [] };

/** What takes a change back: the state to return to, or null where nothing does. */
export const undoOf = (from, to) => ({ "active paused": "active", "paused active": "paused" })[`${from} ${to}`] ?? null;

const named = (campaigns) => campaigns.map(({ name }) => name).join(", ");

/** What is so before a model is changed, a sentence each: its votes, and the campaigns that collect with it now. */
export function before(model, models, campaigns) {
  const said = [];
  if (model.votes) said.push(plural(model.votes, "Its {n} vote and its place on boards stay, whatever you choose.", "Its {n} votes and its place on boards stay, whatever you choose."));
  if (model.state !== "active") return said;
  said.push(say("Battles that are being written now go on with it."));
  const collecting = campaigns.filter((campaign) => campaign.state === "running" && campaign.answers === "live");
  const its = collecting.filter(({ models: own }) => !own.length || own.includes(model.name));
  if (!its.length) return said;
  said.push(say("Campaigns that draw from the other models without it: {names}.", { names: named(its) }));
  const active = new Set(models.filter((one) => one.state === "active" && one.name !== model.name).map((one) => one.name));
  const stops = its.filter(({ models: own }) => (own.length ? own.filter((name) => active.has(name)).length : active.size) < 2);
  if (stops.length) said.push(say("Left with fewer than two active models, so that no new battle can be opened: {names}.", { names: named(stops) }));
  const focused = its.filter(({ focus }) => focus === model.name);
  if (focused.length) said.push(say("It is the focus, in half of all draws, of: {names}.", { names: named(focused) }));
  return said;
}

/** Battles in which it was seen whether the model answers: those that were voted on, and those that a model failed. */
const answered = ({ battles, voids }) => battles - voids.prompt - voids.rater - voids.arena - voids.expired;

/** A share with the 95% interval of Wilson: [low, high]. */
function wilson(share, number) {
  const z = 1.96;
  const middle = (share + (z * z) / (2 * number)) / (1 + (z * z) / number);
  const half = (z / (1 + (z * z) / number)) * Math.sqrt((share * (1 - share)) / number + (z * z) / (4 * number * number));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

const WIDTH = 110;
const WIDEST = 0.16;
/** Above this share of failed battles, with its whole interval, a person should look. */
const OFTEN = 0.02;

/** Whether a model surely fails more often than it should. */
export const failsOften = (model) => model.void_rate !== null && wilson(model.void_rate, answered(model))[0] > OFTEN;

/** Its share of failed battles in a drawing with its interval; nothing before the first battle. */
export function failures(model) {
  if (model.void_rate === null) return [];
  const [low, high] = wilson(model.void_rate, answered(model));
  const x = (share) => 4 + ((WIDTH - 8) * Math.min(share, WIDEST)) / WIDEST;
  const said = plural(answered(model), "{share} of {n} battle, interval {low} to {high}", "{share} of {n} battles, interval {low} to {high}", {
    share: percent(model.void_rate), low: percent(low), high: percent(high),
  });
  const made = drawing(`void-${model.name}`, WIDTH, 22, say("Void because of {model}", { model: model.name }), said);
  made.append(
    part("line", { class: "gridl", x1: x(OFTEN), x2: x(OFTEN), y1: 0, y2: 22 }),
    part("line", { class: "wh", x1: x(low), x2: x(high), y1: 11, y2: 11 }),
    part("circle", { class: "dot", cx: x(model.void_rate), cy: 11, r: 4 }),
  );
  return made;
}

/** Its share of failed battles as text. */
export function failed(model) {
  if (model.void_rate === null) return "–";
  return failsOften(model) ? make("b", { class: "err" }, percent(model.void_rate)) : percent(model.void_rate);
}

/** Why a battle became void. */
export const CAUSES = {
  model: say("A model failed"),
  prompt: say("No model could take the prompt"),
  rater: say("The rater stopped it"),
  arena: say("The arena stopped"),
  expired: say("Nobody was reading"),
};

/** Its void battles by cause, in words; nothing where it has none. */
export function causes({ voids }) {
  const some = Object.entries(voids).filter(([, number]) => number);
  return some.map(([cause, number]) => `${CAUSES[cause]}: ${figure(number)}`).join("; ");
}
