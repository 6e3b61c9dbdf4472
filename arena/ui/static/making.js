/* Elements made of text: nothing that came from the arena is ever read as markup. */

import { LOCALE, figure, fixed, plural, say } from "/static/words.js";

export { figure };

/** One element. `attributes` by name; `content` is a text, an element, or a list of them. */
export function make(tag, attributes = {}, content = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...[content].flat());
  return made;
}

/** A button that does something. */
export function button(words, does, attributes = {}) {
  const made = make("button", { type: "button", class: "tbtn", ...attributes }, words);
  made.addEventListener("click", () => does(made));
  return made;
}

/** What was refused, as a sentence; where whoever signed in has to do so again first, with a link that leads back here. */
export function refusal(error) {
  if (error.code !== "sign_in_again") return [error.message];
  const address = `/signin?back=${encodeURIComponent(location.pathname + location.search)}`;
  return [`${error.message} `, make("a", { href: address }, say("Sign in again"))];
}

/** The ballot glyph of an outcome. */
export const glyph = (letter) => make("span", { class: `g ${letter}`, "aria-hidden": "true" });

const COUNTED = {
  vote: (n) => plural(n, "{n} vote", "{n} votes"),
  battle: (n) => plural(n, "{n} battle", "{n} battles"),
  item: (n) => plural(n, "{n} item", "{n} items"),
  credit: (n) => plural(n, "{n} credit", "{n} credits"),
  field: (n) => plural(n, "{n} field", "{n} fields"),
  day: (n) => plural(n, "{n} day", "{n} days"),
  hour: (n) => plural(n, "{n} hour", "{n} hours"),
  minute: (n) => plural(n, "{n} minute", "{n} minutes"),
  second: (n) => plural(n, "{n} second", "{n} seconds"),
  rater: (n) => plural(n, "{n} rater", "{n} raters"),
  model: (n) => plural(n, "{n} model", "{n} models"),
  prompt: (n) => plural(n, "{n} prompt", "{n} prompts"),
  row: (n) => plural(n, "{n} row", "{n} rows"),
  finding: (n) => plural(n, "{n} finding", "{n} findings"),
};

/** How many of something. A noun that is not in the table is counted in English. */
export const count = (number, noun) =>
  COUNTED[noun]?.(number) ?? `${figure(number)} ${noun}${number === 1 ? "" : "s"}`;

/** A name of the arena's, as a heading: "medicine-answers" is "Medicine answers". */
export const titled = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("-", " ");

/** A day, as a person writes it. */
export function day(moment) {
  return new Date(moment).toLocaleDateString(LOCALE, { day: "numeric", month: "long", year: "numeric" });
}

/** Bytes, as a person reads them. */
export function size(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let place = 0;
  while (bytes >= 1000 && place < units.length - 1) {
    bytes /= 1000;
    place += 1;
  }
  return `${fixed(bytes, place && bytes < 10 ? 1 : 0)} ${units[place]}`;
}

/** A command to paste, broken between its words, with a button that copies it where the browser lets it. */
export function command(text) {
  const words = text.split(/(\s+)/).map((piece) => (piece.trim() ? make("span", {}, piece) : piece));
  const code = make("code", { class: "cmd paste", tabindex: "0", role: "group", "aria-label": say("Command") }, words);
  if (!navigator.clipboard) return [code];
  const said = make("span", { "aria-live": "polite" }, say("Copy"));
  const which = make("span", { class: "vh" }, ` ${text.split(/\s+/, 2).join(" ")}`);
  const copy = button([said, which], async () => {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = say("Copied");
    } catch {
      getSelection().selectAllChildren(code);
      said.textContent = say("The browser does not let this page copy; the command is selected");
    }
    setTimeout(() => (said.textContent = say("Copy")), 4_000);
  });
  return [code, copy];
}

/** What the arena says in English in every language: sentences of its API. */
export const english = (text) => make("span", { lang: "en", dir: "ltr" }, text ?? "");

/** Words with `code` between backticks. */
export function coded(words) {
  return words.split("`").map((piece, index) => (index % 2 ? make("code", { class: "mono" }, piece) : piece));
}
