/* What a campaign adds to the battle page: its guidelines, what is agreed to before the first item, the place among
   today's items, and what a vote earned. */

import { Writer } from "/static/battle/writer.js";
import * as states from "/static/battle/state.js";
import { make, titled } from "/static/making.js";
import { figure, plural, say } from "/static/words.js";

const TICKS = 60; // more items than this are told in figures alone
const SAME = { model_a: states.letters.a, model_b: states.letters.b, tie: say("same") };

/** The campaign of a battle page, as its rater finds it. */
export class Guide {
  constructor(root, element, work) {
    this.one = (selector) => root.querySelector(selector);
    this.work = work;
    this.agreed = false;
    const dialog = element.querySelector("#guidelines");
    dialog.querySelector("h2").textContent = say("{campaign}: guidelines", { campaign: titled(work.campaign) });
    for (const place of [dialog.querySelector("[data-guidelines]"), this.one("[data-guidelines-first]")]) this.#explain(place);
    this.one("[data-consent-text]").textContent = work.consent;
    const box = this.one("[data-agree]");
    box.addEventListener("change", () => (this.agreed = box.checked));
    this.one("[data-campaign]").textContent = titled(work.campaign);
    for (const hook of ["[data-campaign]", "[data-pause]", "[data-guide]", "[data-to-work]"]) this.one(hook).hidden = false;
  }

  /** What each question means, then the lab's own words. */
  #explain(place) {
    const questions = this.work.criteria.filter((one) => one.question);
    place.replaceChildren(...questions.flatMap((one) => [make("h3", {}, titled(one.name)), make("p", { class: "sm" }, one.question)]));
    if (!this.work.guidelines.trim()) return;
    const text = make("div", { class: "pa-prose" });
    place.append(text);
    new Writer(text).show(this.work.guidelines, false);
  }

  /** Whether the text is to be agreed to before the next item. */
  get asks() {
    return Boolean(this.work.consent) && !this.work.agreed;
  }

  /** Why nothing can be begun in this window; an empty string where it can. */
  get narrow() {
    return innerWidth < this.work.min_width ? say("Needs a screen at least {n} px wide.", { n: figure(this.work.min_width) }) : "";
  }

  /** Why nothing is open to this rater. What the arena says of a missing field is for programs. */
  get #locked() {
    const { state, code, reason, qualifications } = this.work;
    if (state !== "locked") return "";
    return code === "not_qualified" ? say("Needs {fields}. My work says how one qualifies.", { fields: qualifications.map(titled).join(", ") }) : reason;
  }

  draw(state) {
    this.#place(state);
    if (state.screen === "compose") this.#begin(state);
    if (state.screen === "revealed") this.#receipt(state);
  }

  #place({ battle, screen }) {
    const task = states.isTask(battle) ? battle : null;
    const ticks = this.one("[data-ticks]");
    ticks.hidden = !task?.of || task.of > TICKS;
    const done = task ? task.number - (screen === "revealed" ? 0 : 1) : 0;
    const classes = ticks.hidden ? [] : Array.from({ length: task.of }, (_, at) => (at < done ? "d" : at === done ? "n" : ""));
    if (ticks.dataset.drawn !== classes.join()) {
      ticks.dataset.drawn = classes.join();
      ticks.replaceChildren(...classes.map((name) => make("i", { class: name })));
    }
    this.one("[data-replay]").hidden = !task;
  }

  #begin(state) {
    const words = titled(this.work.campaign);
    const locked = this.narrow || this.#locked;
    const waiting = state.tasks ? plural(state.tasks, "{n} item of {campaign} is open to you.", "{n} items of {campaign} are open to you.", { campaign: words }) : "";
    const none = this.work.kind === "open" ? say("{campaign}: ask your own prompts.", { campaign: words }) : say("Nothing is open to you here at the moment.");
    this.one("[data-statement]").textContent = this.narrow ? this.narrow : waiting || none;
    this.one("[data-advice]").textContent = this.narrow
      ? say("Open this page on a computer or tablet; what you did is kept.")
      : state.none || locked || say("Read the guidelines first. They stay one key away: G. Stop whenever you like and go on here, or on any device where you are signed in.");
    this.one("[data-consent]").hidden = !this.asks;
    const begin = this.one("[data-begin]");
    begin.disabled ||= Boolean(this.narrow);
    if (this.work.begun && !state.opening && state.tasks) begin.firstElementChild.textContent = say("Continue");
  }

  #receipt(state) {
    const { reveal, criteria, votes } = state;
    const { reward, reward_edit: extra, audit_window: days } = this.work;
    const earned = reward + (states.ballot(state).edit === undefined ? 0 : extra);
    if (earned && !this.work.withdrawn) {
      const told = [
        plural(earned, "{n} credit for this vote.", "{n} credits for this vote."),
        plural(votes, "You have cast {n} vote.", "You have cast {n} votes."),
        days ? plural(days, "It is held until {n} day after the campaign closes.", "It is held until {n} days after the campaign closes.") : "",
      ];
      this.one("[data-counted]").textContent = told.filter(Boolean).join(" ");
    }
    const answered = Object.entries(reveal.criteria ?? criteria).map(([name, winner]) => `${titled(name)}: ${SAME[winner]}.`);
    const line = this.one("[data-answered]");
    line.hidden = !answered.length;
    line.textContent = `${answered.join(" ")} ${say("Kept beside the vote, not in the board.")}`;
  }
}
