/* The questions of a selection: draws what is asked and how many votes each answer has or took. */

import { button, figure, make } from "/static/making.js";
import * as selections from "/static/data/selection.js";
import { language, plural, say, signed } from "/static/words.js";

const SHOWN = 8; // values of one key in sight; more are unfolded
const WORDS = {
  sources: { arena: say("This arena") },
  categories: { none: say("Without a category") },
  strengths: { clearly: say("Clearly"), slightly: say("Slightly"), not_given: say("Not given") },
  languages: { und: say("Not determined") },
};
const tongues = new Intl.DisplayNames([language], { type: "language", fallback: "code" });

/** How a value is called. */
function words(key, value) {
  const said = WORDS[key]?.[value];
  if (said || key !== "languages") return said ?? value;
  try {
    return tongues.of(value);
  } catch {
    return value;
  }
}

export class Filters {
  /** `choose` is told a new selection whenever a person changes one. */
  constructor(root, choose) {
    this.root = root;
    this.choose = choose;
    this.select = {};
    this.values = {};
    this.drawn = new Map(); // what each list of values was drawn from
    this.all = (selector) => [...root.querySelectorAll(selector)];
    this.#listen();
  }

  /** Show a selection, and its figures where there are any. */
  draw(select, counts) {
    this.select = select;
    // languages come after the rest, and until then those of before stay
    if (counts) this.values = { languages: this.values.languages, ...counts.values };
    for (const group of this.all("[data-values]")) this.#values(group);
    for (const box of this.all("[data-keep]")) box.checked = select[box.dataset.keep] !== dropping(box);
    for (const box of this.all("[data-also]")) box.checked = select[box.dataset.also] === "all";
    for (const choice of this.all("[data-choice]")) choice.checked = choice.value === (select[choice.name] ?? first(choice));
    for (const field of this.all("[data-text]")) fill(field, select[field.dataset.text] ?? "");
    for (const field of this.all("[data-number]")) fill(field, select[field.dataset.number] ?? "");
    for (const field of this.all("[data-percent]")) {
      const share = select[field.dataset.percent];
      fill(field, typeof share === "number" ? Number((share * 100).toPrecision(12)) : "");
    }
    for (const field of this.all("[data-day]")) fill(field, String(select[field.dataset.day] ?? "").slice(0, 10));
    for (const box of this.all("[data-switch]")) box.checked = select[box.dataset.switch] === true;
    this.#masking();
    this.#others();
    if (counts) this.#took(counts);
    for (const details of this.all("[data-details]")) {
      const asked = [...details.querySelectorAll("input")].some((field) => (field.type === "checkbox" ? field.checked : field.value));
      if (asked) details.open = true;
    }
  }

  /** Forget every figure. */
  clear() {
    this.draw({}, { values: { languages: {} }, filters: [] });
    this.values = {};
  }

  #values(group) {
    const key = group.dataset.values;
    const asked = selections.names(this.select, key);
    const awaited = key in this.values && !this.values[key];
    const state = JSON.stringify([this.values[key] ?? null, awaited, asked]);
    if (this.drawn.get(key) === state) return; // what is drawn again loses the focus
    this.drawn.set(key, state);
    const found = this.values[key] ?? {};
    const names = [...Object.keys(found), ...(asked ?? []).filter((name) => !(name in found))];
    group.hidden = names.length === 0 && !awaited;
    const unfolded = group.querySelector("details")?.open || names.slice(SHOWN).some((name) => asked?.includes(name));
    const focused = group.contains(document.activeElement) ? document.activeElement.dataset.value : undefined;
    for (const old of group.querySelectorAll(":scope > :not(legend, [data-hint]), .all-none")) old.remove();
    if (awaited) group.append(make("p", { class: "sm mute" }, say("Counting: every prompt is read once.")));
    if (names.length === 1 && !asked) return void group.append(this.#only(key, names[0], found[names[0]]));
    const lines = names.map((name) => this.#value(key, name, !asked || asked.includes(name), found[name] ?? 0, names));
    if (names.length > 3) group.querySelector("legend").append(this.#none(group, key, asked));
    group.append(...lines.slice(0, SHOWN));
    if (lines.length > SHOWN) {
      const more = make("summary", { class: "sm" }, plural(lines.length - SHOWN, "{n} more", "{n} more"));
      group.append(make("details", { open: unfolded }, [more, ...lines.slice(SHOWN)]));
    }
    if (key === "languages" && asked && !asked.includes("und") && found.und) {
      group.append(make("p", { class: "sm mute" }, plural(found.und, "{n} vote is on a prompt too short to tell: tick Not determined to keep it.", "{n} votes are on prompts too short to tell: tick Not determined to keep them.")));
    }
    if (focused !== undefined) [...group.querySelectorAll("[data-value]")].find((box) => box.dataset.value === focused)?.focus();
  }

  #value(key, name, on, votes, all) {
    const box = make("input", { type: "checkbox", "data-value": name });
    box.checked = on;
    box.addEventListener("change", () => this.choose(selections.listed(this.select, key, name, box.checked, all)));
    return make("label", { class: "ck" }, [box, make("span", { class: "name" }, words(key, name)), make("span", { class: "ct" }, figure(votes))]);
  }

  /** The one value there is: nothing to choose. */
  #only(key, name, votes) {
    return make("p", { class: "ck" }, [make("span", { class: "name" }, words(key, name)), make("span", { class: "ct" }, figure(votes))]);
  }

  /** All on, or all off so that one can be picked. */
  #none(group, key, asked) {
    const off = asked?.length === 0;
    const pressed = () => this.choose(off ? selections.changed(this.select, key, null) : { ...this.select, [key]: [] });
    const words = off ? say("All") : say("None");
    return button(words, pressed, { "data-value": "", class: "tbtn all-none", "aria-label": `${words}: ${group.getAttribute("aria-label")}` });
  }

  #masking() {
    const kinds = selections.names(this.select, "mask") ?? [];
    for (const box of this.all("[data-mask]")) box.checked = kinds.includes(box.dataset.mask);
    this.root.querySelector("[data-masking]").textContent = kinds.length ? plural(kinds.length, "{n} kind", "{n} kinds") : say("off");
    this.root.querySelector("[data-masking-note]").textContent = kinds.length
      ? say("What is found is replaced, a mail address by [EMAIL]. Names and stories stay: a release is never anonymous.")
      : say("Off: texts leave as they were written.");
  }

  /** What the address asks for and no control here shows. */
  #others() {
    const shown = new Set(["mask", "until", "last_turn"]);
    for (const name of ["values", "keep", "also", "choice", "text", "number", "percent", "day", "switch"]) {
      for (const part of this.all(`[data-${name}]`)) shown.add(part.dataset[name]);
    }
    const lines = Object.keys(this.select).filter((key) => !shown.has(key)).map((key) => {
      const remove = button(say("Remove"), () => this.choose(selections.changed(this.select, key, null)), { "aria-label": say("Remove {filter}", { filter: key }) });
      return make("p", { class: "sm" }, [make("span", { class: "mono" }, `${key} = ${JSON.stringify(this.select[key])}`), " ", remove]);
    });
    const box = this.root.querySelector("[data-others]");
    box.hidden = lines.length === 0;
    box.replaceChildren(make("p", { class: "lab" }, say("Also asked")), ...lines);
  }

  #took(counts) {
    const took = Object.fromEntries(counts.filters.map((filter) => [filter.key, filter.votes]));
    for (const place of this.all("[data-took]")) {
      const votes = took[place.dataset.took];
      place.textContent = votes === undefined ? "" : signed(-votes);
    }
  }

  #listen() {
    const on = (selector, value) => {
      for (const field of this.all(selector)) {
        field.addEventListener("change", () => {
          const [key, found] = value(field);
          this.choose(selections.changed(this.select, key, found));
        });
      }
    };
    on("[data-keep]", (box) => [box.dataset.keep, box.checked ? null : dropping(box)]);
    on("[data-also]", (box) => [box.dataset.also, box.checked ? "all" : null]);
    on("[data-choice]", (choice) => [choice.name, choice.value === first(choice) ? null : choice.value]);
    on("[data-text]", (field) => [field.dataset.text, field.value.trim()]);
    on("[data-number]", (field) => [field.dataset.number, field.value === "" ? null : Number(field.value)]);
    on("[data-percent]", (field) => [field.dataset.percent, field.value === "" ? null : Number(field.value) / 100]);
    on("[data-day]", (field) => [field.dataset.day, field.value]);
    on("[data-switch]", (box) => [box.dataset.switch, box.checked]);
    on("[data-mask]", () => {
      const boxes = this.all("[data-mask]");
      const unshown = (selections.names(this.select, "mask") ?? []).filter((kind) => boxes.every((box) => box.dataset.mask !== kind));
      const kinds = [...unshown, ...boxes.filter((box) => box.checked).map((box) => box.dataset.mask)].sort();
      return ["mask", kinds.length ? kinds : null];
    });
  }
}

/** What leaves out what a box keeps. */
const dropping = (box) => box.dataset.drop ?? "drop";

/** Of a few choices the one that asks for nothing. */
const first = (choice) => choice.closest(".seg").querySelector("input").value;

/** Put a value into a field, unless somebody is writing there. */
function fill(field, value) {
  if (field !== document.activeElement || field.type === "checkbox") field.value = value;
}
