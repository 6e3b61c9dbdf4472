/* Draws the state of the data page. Everything on the page follows from the state. */

import { Filters } from "/static/data/filters.js";
import { ROLES } from "/static/frame.js";
import { figure, make } from "/static/making.js";
import { articles } from "/static/data/pairs.js";
import { Releases } from "/static/data/releases.js";
import * as selections from "/static/data/selection.js";
import * as waterfall from "/static/data/waterfall.js";
import { plural, say, sayWith } from "/static/words.js";

const ASKS = say("Prompts, answers and votes are for trainers. Enter a token to see them.");
const IMPORTS = make("code", { class: "mono" }, "arena import battles FILE");
const NOTHING = sayWith("No votes yet. They come from the page Battle, or from elsewhere with {command}.", { command: IMPORTS });
const OFFERS = say("Every release is built from a written selection and described by a manifest that anyone can check.");

/** How many rows there are of a format, by what its rows are. */
const ROWS = {
  "preference pairs": (n, format) => plural(n, "{n} preference pair for {format}.", "{n} preference pairs for {format}.", format),
  "judged answers": (n, format) => plural(n, "{n} judged answer for {format}.", "{n} judged answers for {format}.", format),
  "judged pairs": (n, format) => plural(n, "{n} judged pair for {format}.", "{n} judged pairs for {format}.", format),
  "corrected answers": (n, format) => plural(n, "{n} corrected answer for {format}.", "{n} corrected answers for {format}.", format),
  votes: (n, format) => plural(n, "{n} vote for {format}.", "{n} votes for {format}.", format),
  rows: (n, format) => plural(n, "{n} row for {format}.", "{n} rows for {format}.", format),
};

export class View {
  constructor(root, page) {
    this.root = root;
    this.one = (selector) => root.querySelector(selector);
    this.all = (selector) => [...root.querySelectorAll(selector)];
    this.fields = this.#fields();
    this.labels = new Map(this.fields.map(({ key, label }) => [key, label]));
    this.filters = new Filters(this.one("[data-filters]"), (select) => page.choose(select));
    this.releases = new Releases(this.one("[data-releases]"), {
      purpose: (format) => this.#format(format)?.dataset.purpose ?? "",
      title: (format) => this.title(format),
      again: (select, format) => page.again(select, format),
      trouble: (error) => page.troubled(error),
    });
    this.drawn = {};
    this.announced = "";
  }

  /** What a format is called on this page. */
  title(format) {
    return this.#format(format)?.dataset.title ?? format;
  }

  draw(state) {
    const open = state.screen === "open";
    this.root.dataset.screen = state.screen;
    this.root.toggleAttribute("data-counting", state.counting);
    this.one("[data-token-form]").hidden = state.screen !== "token";
    this.one("[data-workbench]").hidden = !open;
    this.one("[data-session]").hidden = !open || state.account;
    this.#said("[data-token-refused]", state.refused);
    this.one("[data-trouble]").hidden = !state.trouble;
    this.#said("[data-trouble-words]", state.trouble);
    this.one("[data-trouble-sign-in]").hidden = !state.unwelcome;
    this.one("[data-enter]").textContent = state.entering ? say("Opening") : say("Open");
    this.one("[data-statement]").textContent = this.#statement(state);
    this.one("[data-advice]").textContent = state.screen === "token" ? ASKS : this.#worded(state.uncounted) || OFFERS;
    if (open) {
      this.one("[data-role]").textContent = say("You hold a token of the role {role}.", { role: ROLES[state.role] ?? state.role });
      this.#select(state);
      this.#look(state);
      this.#build(state);
    } else if (this.drawn.counts) this.#clear();
    this.#announce(state);
  }

  /** Put the focus where the next key press belongs. */
  focus(selector) {
    this.one(selector)?.focus();
  }

  #statement(state) {
    if (state.screen !== "open") return say("Build training data from the votes.");
    const building = state.building ? say("Release {number} is being built.", { number: state.number }) : "";
    return [this.#counted(state), building].filter(Boolean).join(" ");
  }

  #counted({ counts, counting, format }) {
    if (!counts) return counting ? say("Counting votes.") : say("Nothing is counted.");
    if (!counts.recorded) return say("No votes yet.");
    const rows = total(counts);
    return rows ? ROWS[this.#format(format)?.dataset.rows ?? "rows"](rows, { format: this.title(format) }) : say("No pairs match.");
  }

  #select(state) {
    this.#stored(state);
    this.filters.draw(state.select, state.counts);
    const votes = state.counts?.votes ?? 0;
    this.one("[data-selected]").textContent = state.counts ? figure(votes) : "";
    const words = state.counts ? plural(votes, "vote selected", "votes selected") : say("Nothing is counted");
    this.one("[data-selected-words]").textContent = state.counting ? say("counting") : words;
    this.one("[data-reset]").hidden = selections.write(state.select) === selections.write(state.promised.select);
    this.#said("[data-promised]", selections.promisedWords(state.promised));
    this.#said("[data-refused]", this.#worded(state.uncounted));
    const blamed = selections.blamed(state.uncounted);
    for (const { field, key } of this.fields) if (field.matches("input")) field.setAttribute("aria-invalid", blamed.has(key));
  }

  /** The selections that are stored under a name; the one that is asked now is the one shown. */
  #stored(state) {
    const choice = this.one("[data-stored]");
    this.one("[data-stored-box]").hidden = state.stored.length === 0;
    if (this.drawn.stored !== state.stored) {
      const names = state.stored.map(({ name }) => make("option", { value: name }, name));
      choice.replaceChildren(make("option", { value: "" }, say("Your own")), ...names);
    }
    this.drawn.stored = state.stored;
    const asked = selections.write(state.select);
    const same = (one) => selections.write(selections.keeping(state.promised, one.select)) === asked;
    choice.value = state.stored.find(same)?.name ?? "";
  }

  #look(state) {
    const box = this.one("[data-pairs]");
    box.setAttribute("aria-busy", state.looking);
    if (this.drawn.pairs !== state.pairs) box.replaceChildren(...articles(state.pairs ?? []));
    this.drawn.pairs = state.pairs;
    const none = state.counts && total(state.counts) === 0;
    const words = state.counts && !state.counts.recorded ? NOTHING : say("No pairs match. Remove a filter.");
    this.one("[data-no-pairs]").hidden = !none;
    this.one("[data-no-pairs]").replaceChildren(...[words].flat());
    this.one("[data-others-button]").hidden = !state.pairs?.length;
    if (this.drawn.counts !== state.counts) {
      this.one("[data-waterfall]").replaceChildren(...(state.counts ? waterfall.rows(state.counts) : []));
    }
    this.drawn.counts = state.counts;
  }

  #build(state) {
    for (const choice of this.all("[name=format]")) choice.checked = choice.value === state.format;
    const rows = state.counts?.format?.rows;
    const words = rows && total(state.counts)
      ? sayWith("Train {train}, test {test}. A conversation is never in both.", { train: make("b", {}, figure(rows.train)), test: make("b", {}, figure(rows.test)) })
      : [];
    this.one("[data-splits]").replaceChildren(...words);
    const kept = state.counts?.private;
    this.#said("[data-private]", kept ? plural(kept, "Keep it to yourselves: the raters of {n} vote do not agree to publication. Without “Votes not to be published” it may leave the house.", "Keep it to yourselves: the raters of {n} votes do not agree to publication. Without “Votes not to be published” it may leave the house.") : "");
    const start = this.one("[data-build]");
    start.textContent = state.building ? say("Building release {number}", state) : say("Build release {number}", state);
    start.disabled = Boolean(state.building) || state.counting || !state.counts || !total(state.counts);
    this.#progress(state);
    this.#said("[data-build-failed]", this.#worded(state.failed));
    if (this.drawn.list !== state.list || this.drawn.made !== state.made) this.releases.draw(state.list, state.key, state.made);
    Object.assign(this.drawn, { list: state.list, made: state.made });
  }

  #progress(state) {
    this.one("[data-building]").hidden = !state.building;
    if (!state.building) return;
    const read = state.building.battles;
    const all = Math.max(read, state.counts?.counted_battles ?? 0);
    const share = all ? Math.floor((100 * read) / all) : 0;
    const bar = this.one("[data-progress]");
    bar.setAttribute("aria-valuenow", share);
    bar.querySelector("i").style.width = `${share}%`;
    const some = read < all || !read;
    const words = some ? plural(all, "{read} of {n} battle read.", "{read} of {n} battles read.", { read: figure(read) }) : say("All battles read. Writing the manifest and signing it.");
    const told = [state.lost ? say("The arena does not answer; asking again.") : words, state.stopping ? say("Stopping.") : ""];
    this.one("[data-building-words]").textContent = told.filter(Boolean).join(" ");
    this.one("[data-stop]").setAttribute("aria-disabled", state.stopping); // disabled, it would lose the focus
  }

  /** Nothing of the workspace stays on the page without a token. */
  #clear() {
    this.filters.clear();
    this.releases.clear();
    for (const place of ["[data-pairs]", "[data-waterfall]", "[data-splits]", "[data-selected]", "[data-role]", "[data-stored]"]) this.one(place).replaceChildren();
    this.drawn = {};
  }

  #said(selector, sentence) {
    const note = this.one(selector);
    note.hidden = !sentence;
    if (note.textContent !== sentence) note.textContent = sentence;
  }

  /** One polite sentence when something has come to an end. */
  #announce(state) {
    let sentence = "";
    if (state.screen !== "open" || state.counting) return;
    if (state.building) sentence = say("Building release {number}.", state);
    else if (state.made) sentence = say("Release {number} is ready.", { number: state.number - 1 });
    else if (state.counts) sentence = `${this.#statement(state)} ${plural(state.counts.votes, "{n} vote selected.", "{n} votes selected.")}`;
    if (sentence === this.announced) return;
    this.announced = sentence;
    this.one("[data-live]").textContent = sentence;
  }

  #worded(sentence) {
    return selections.worded(sentence, this.labels);
  }

  /** Every field of the selection with its key and what it is called here. */
  #fields() {
    const called = (field) => field.getAttribute("aria-label") ?? (field.querySelector("legend") ?? field.closest("label")).innerText.trim();
    return ["number", "percent", "day", "switch", "text", "values"].flatMap((kind) =>
      this.all(`[data-${kind}]`).map((field) => ({ field, key: field.dataset[kind], label: called(field) })),
    );
  }

  #format(name) {
    return this.all("[name=format]").find((choice) => choice.value === name);
  }
}

/** Rows of every split. */
function total(counts) {
  return Object.values(counts.format?.rows ?? {}).reduce((sum, rows) => sum + rows, 0);
}
