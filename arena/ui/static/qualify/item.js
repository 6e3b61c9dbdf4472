/* One item of practice or a test: the prompt, both answers, four votes, and what is told of one. */

import { OUTCOMES, arrows, letters } from "/static/battle/state.js";
import { Writer } from "/static/battle/writer.js";
import { button, figure, glyph, make } from "/static/making.js";
import { say } from "/static/words.js";

const KEYS = { a: "model_a", b: "model_b", t: "tie", x: "both_bad", ...arrows };
const ROLES = { user: say("user"), assistant: say("assistant"), system: say("system") };
const PLACES = { model_a: "w o1", model_b: "w rv o2", tie: "o3", both_bad: "o4" };

/** Draws an item and hears its vote. */
export class Item {
  #buttons = {};
  #open = true;
  #cast;
  #below = make("div");
  #note = make("p", { class: "sm mute", role: "status" });
  #heading;

  constructor(task, battle, cast) {
    this.#cast = cast;
    const practice = task.part === "practice";
    const ticks = Array.from({ length: task.of }, (_, at) => make("i", { class: at < task.number - 1 ? "d" : at === task.number - 1 ? "n" : "" }));
    const values = { number: figure(task.number), of: figure(task.of) };
    const named = practice ? say("Practice item {number} of {of}", values) : say("Test item {number} of {of}", values);
    this.#heading = make("h2", { tabindex: "-1" }, named);
    const head = make("div", { class: "prh" }, [
      make("span", { class: "ticks", "aria-hidden": "true" }, ticks),
      this.#heading,
      make("span", { class: "sm mute" }, practice ? say("Not counted") : say("No feedback until the end")),
    ]);
    const prompt = make("div", { class: "asked" }, [
      ...battle.history.map((said) => make("p", { class: "sm mute", dir: "auto" }, `${ROLES[said.role] ?? said.role}: ${said.content}`)),
      make("p", { class: "q", dir: "auto" }, battle.prompt),
      ...battle.media.map(shown),
    ]);
    const answers = make("div", { class: "mini" }, [
      answer(letters.a, "a", battle.text_a, battle.media_a),
      answer(letters.b, "b", battle.text_b, battle.media_b),
    ]);
    this.element = [head, prompt, answers, this.#votes(), this.#below, this.#note];
    this.listening = (event) => this.#key(event);
    document.addEventListener("keydown", this.listening);
  }

  /** Let who reads with a screen reader begin at the item. */
  focus() {
    this.#heading.focus({ preventScroll: true });
  }

  #votes() {
    const vote = (winner) => {
      const { glyph: letter, words } = OUTCOMES[winner];
      const attributes = { class: `vote ${PLACES[winner]}`, "aria-pressed": "false" };
      this.#buttons[winner] = button([glyph(letter), make("span", {}, words)], () => this.#choose(winner), attributes);
      return this.#buttons[winner];
    };
    const halves = [["model_a", "tie"], ["both_bad", "model_b"]].map((two) => make("div", { class: "half" }, two.map(vote)));
    return make("div", { class: "votes", role: "group", "aria-label": say("Your vote") }, halves);
  }

  #choose(winner) {
    if (!this.#open) return;
    this.#open = false;
    this.#cast(winner);
  }

  #key(event) {
    if (!this.#heading.isConnected) {
      document.removeEventListener("keydown", this.listening);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || document.querySelector("dialog[open]")) return;
    if (event.target.matches("input, textarea, select")) return;
    const key = event.key.toLowerCase();
    if (key === "enter" && !event.target.closest("a, button, summary")) this.#below.querySelector("[data-enter]")?.click();
    else if (KEYS[key] && this.#open) {
      event.preventDefault();
      this.#choose(KEYS[key]);
    }
  }

  /** Show what was chosen while it is on its way. */
  wait(winner) {
    for (const [name, pressed] of Object.entries(this.#buttons)) {
      pressed.disabled = name !== winner;
      pressed.setAttribute("aria-pressed", String(name === winner));
    }
    this.note("");
  }

  /** Nothing was recorded: say why, and let it be voted on. */
  again(sentence) {
    for (const pressed of Object.values(this.#buttons)) {
      pressed.disabled = false;
      pressed.setAttribute("aria-pressed", "false");
    }
    this.#open = true;
    this.note(sentence);
  }

  /** What is known of the item, and why. */
  tell(says, explanation, actions, right) {
    this.#below.replaceChildren(make("div", { class: right ? "fb" : "fb no", role: "status" }, [
      make("h3", {}, says),
      make("p", { class: "because", dir: "auto" }, explanation),
      make("div", { class: "act" }, actions),
    ]));
    this.#below.querySelector("[data-enter]").focus({ preventScroll: true });
    this.#below.scrollIntoView({ block: "nearest" });
  }

  /** One line under the item. */
  note(sentence) {
    this.#note.textContent = sentence;
  }
}

function answer(letter, side, text, media) {
  const prose = make("div", { class: "pa-prose", dir: "auto" });
  new Writer(prose).show(text, false);
  const title = make("h3", { id: `answer-${side}` }, [glyph(side), make("span", { class: "vh" }, `${say("Answer")} `), letter]);
  return make("article", { "aria-labelledby": `answer-${side}` }, [title, prose, ...media.map(shown)]);
}

/** A picture, a sound or a film. */
function shown({ kind, url }) {
  if (kind === "image") return make("img", { src: url, alt: say("Picture of this item"), class: "pic" });
  return make(kind, { src: url, controls: true, preload: "metadata" });
}
