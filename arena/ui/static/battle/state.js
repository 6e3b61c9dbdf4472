/* The state of the battle page, and what follows from it. Of the DOM it knows only which way the page runs. */

import { plural, say } from "/static/words.js";

export const OUTCOMES = {
  model_a: { glyph: "a", words: say("A is better"), side: "a" },
  model_b: { glyph: "b", words: say("B is better"), side: "b" },
  tie: { glyph: "t", words: say("Tie"), side: null },
  both_bad: { glyph: "", words: say("Both bad"), side: null },
};

/** What the two answers are called on the page. */
export const letters = { a: say("A"), b: say("B") };

const mirrored = document.documentElement.dir === "rtl"; // then A stands first, on the right

/** Which answer an arrow key chooses: the one that stands there. */
export const arrows = mirrored ? { arrowright: "model_a", arrowleft: "model_b" } : { arrowleft: "model_a", arrowright: "model_b" };

/** Screens in which the two answers are being written. */
export const WRITING = ["waiting", "streaming"];

/** Screens in which the two answers are on the page and a vote is possible or coming. */
const VOTING = ["ready", "chosen"];

/** Why a battle is void: what is said first, and what it means. */
const CAUSES = {
  model: [
    say("One of the two could not answer."),
    say("This happens when a model stops early or sends no text. It says nothing about which was better, so neither model gets a vote and no name is shown."),
  ],
  prompt: [
    say("The models could not take this prompt. Shorten it, or ask differently."),
    say("It may be too long for them together with what was said before, or they do not answer questions of this kind. It counts against neither."),
  ],
  rater: [say("You stopped both answers."), say("Half an answer is not compared, so neither model gets a vote and no name is shown.")],
  arena: [
    say("The arena could not finish this battle. It is not your fault."),
    say("It has nothing to do with the two models either, so neither gets a vote and no name is shown."),
  ],
  expired: [say("This battle was left for too long."), say("Its answers were let go, so neither model gets a vote and no name is shown.")],
};

/** Whether a battle is an item that the arena gave out. */
export const isTask = (battle) => Boolean(battle?.number);

const GIVEN_BACK = [say("This item is no longer yours."), say("You gave it back, or its time was over, and it goes to others.")];
const causes = (state) => (isTask(state.battle) ? GIVEN_BACK : CAUSES[state.cause] || CAUSES.model);

/** The heading of a void battle. */
export const voidHeading = (state) => `${causes(state)[0]} ${say("Nothing was recorded.")}`;

/** What it means that the battle is void. */
export const voidMeaning = (state) => causes(state)[1];

/** How many items wait. */
export const waiting = (tasks) => plural(tasks, "{n} item waits for you.", "{n} items wait for you.");

const CUTS = { length: say("Cut off at the model's length limit."), content_filter: say("Ended by the model's content filter.") };

/** How an answer ended, where that is worth a word. */
export const cut = (reason) => CUTS[reason] || "";

/** What the page knows before it has asked anything. */
export function initial() {
  return {
    screen: "loading",
    votes: 0,
    battle: null, // {battle_id, prompt, turn, history}
    follows: null, // the voted battle a follow-up is being written for
    text: { a: "", b: "" },
    lost: false, // the stream broke and is being found again
    thinking: false, // whether the models think before they answer; the same for both sides
    waited: 0, // seconds since the battle was opened, while nothing is written yet
    stopping: false, // the rater has asked to stop both answers
    unstopped: false, // and the arena did not say that it did
    cause: "", // why the battle is void
    next: null, // the battle that the arena opened in its place
    ...freshBallot(),
    seen: { a: true, b: false },
    heard: { a: true, b: true }, // of sounds: whether each was played to its end
    show: "a",
    withdrawn: false, // the rater took their consent back: votes count nowhere
    comparable: true, // there are two models to compare
    tasks: null, // items that wait for this rater; null where raters ask their own prompts
    none: "", // why there is no item
    sending: false,
    waiting: false, // the vote is kept here until the connection is back
    opening: false, // a battle has been asked for
    refused: "", // why the last battle could not be opened
    failure: "", // why the last vote was not saved
    reveal: null,
  };
}

/** Nothing chosen, nothing said about it. */
export function freshBallot() {
  return { choice: null, strength: null, tags: [], reason: "", edits: {}, editing: false, more: false, criteria: {} };
}

/** The side the rater prefers, or null. */
export const side = (state) => (state.choice ? OUTCOMES[state.choice].side : null);

/** Why voting is locked; an empty string when it is open. */
export function lock(state, narrow) {
  if (state.stopping) return say("Stopping both answers.");
  if (WRITING.includes(state.screen) && state.unstopped) return say("The arena did not answer. Press Stop again.");
  if (WRITING.includes(state.screen) && state.lost) return say("The connection was lost. Looking for it.");
  if (state.screen === "waiting") {
    const thinking = state.thinking ? say("Thinking before they answer.") : "";
    const waited = state.waited ? plural(state.waited, "{n} second so far.", "{n} seconds so far.") : "";
    return [thinking, say("Both answers start together."), waited].filter(Boolean).join(" ");
  }
  if (state.screen === "streaming") return say("You can vote when both have finished.");
  if (!VOTING.includes(state.screen)) return say("Nothing to vote on.");
  if (narrow && !(state.seen.a && state.seen.b)) return say("Open {letter} to unlock voting.", { letter: letters[state.seen.a ? "b" : "a"] });
  const unheard = ["a", "b"].filter((letter) => !state.heard[letter]).map((letter) => letters[letter]);
  if (unheard.length > 1) return say("Listen to A and B to unlock voting.");
  if (unheard.length) return say("Listen to {letter} to unlock voting.", { letter: unheard[0] });
  return "";
}

/** The pictures, sounds and films of a battle. */
export const media = (battle) => [battle.media, battle.media_a, battle.media_b].flatMap((one) => one || []);

/** Which answers need not be listened to any more: those that are no sounds, and all of a battle that was voted on. */
export function heard(battle) {
  const silent = (letter) => battle.state === "voted" || !(battle[`media_${letter}`] || []).some((one) => one.kind === "audio");
  return { a: silent("a"), b: silent("b") };
}

/** The sentence beside the question. */
export function hint(state, narrow) {
  const locked = lock(state, narrow);
  if (locked) return locked;
  if (state.waiting) return say("Your choice is kept in this browser and sent once when the connection is back.");
  if (state.sending) return say("Recording.");
  if (state.screen === "chosen") return say("Press Enter to record, or choose again to change your mind.");
  return "";
}

/** The vote as it is posted. */
export function ballot(state) {
  const chosen = side(state);
  const body = { winner: state.choice };
  if (chosen && state.strength) body.strength = state.strength;
  if (state.tags.length) body.tags = [...state.tags].sort();
  if (Object.keys(state.criteria).length) body.criteria = { ...state.criteria };
  if (state.reason.trim()) body.reason = state.reason.trim();
  const edit = chosen ? state.edits[chosen] : undefined;
  if (edit !== undefined && edit.trim() && edit !== state.text[chosen]) body.edit = edit;
  return body;
}

/** Take a kept vote back onto the page. */
export function fromBallot(state, body) {
  const chosen = OUTCOMES[body.winner].side;
  return {
    choice: body.winner,
    strength: body.strength ?? null,
    tags: body.tags ?? [],
    reason: body.reason ?? "",
    criteria: body.criteria ?? {},
    edits: body.edit === undefined ? {} : { [chosen]: body.edit },
    editing: body.edit !== undefined,
  };
}

const STRENGTHS = {
  model_a: { slightly: say("A is slightly better"), clearly: say("A is clearly better") },
  model_b: { slightly: say("B is slightly better"), clearly: say("B is clearly better") },
};

/** "A is clearly better". */
export const said = (winner, strength) => STRENGTHS[winner]?.[strength] ?? OUTCOMES[winner].words;

/** The choice, inside a sentence. */
export const chosen = (state) => said(state.choice, side(state) && state.strength);

/** What a follow-up on a voted battle will read: the turns so far, the last answer null when it is drawn after a tie. */
export function turnsAfter(battle, text, winner) {
  const preferred = OUTCOMES[winner].side;
  return [...turnsBefore(battle), { prompt: battle.prompt, answer: preferred ? text[preferred] : null }];
}

/** The turns before a battle, from its history. */
export function turnsBefore(battle) {
  const turns = [];
  for (const message of battle.history || []) {
    if (message.role === "user") turns.push({ prompt: message.content, answer: "" });
    else if (turns.length) turns.at(-1).answer = message.content;
  }
  return turns;
}

