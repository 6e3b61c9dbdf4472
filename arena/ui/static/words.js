/* The words of the pages in the language of the page. English stands in the code, and is the key of its translations. */

const root = document.documentElement;

/** The language of the page. Gradio writes the browser's own into the document, so it is written back here. */
export const language = (root.lang = root.dataset.language || "en");

const told = globalThis.arenaWords ?? [];
const words = Object.assign({}, ...told.map((one) => one.words));
const forms = told[0]?.forms ?? ["one", "other"];
const rules = new Intl.PluralRules(language);

/** For Intl: English as the British write dates, Arabic with the digits that ids and boards have. */
export const LOCALE = { en: "en-GB", ar: "ar-u-nu-latn" }[language] ?? language;

/** A number as the language groups its digits. */
export const figure = (number, options) => number.toLocaleString(LOCALE, options);

/** A number with so many places behind the point. */
export const fixed = (number, places) => figure(number, { minimumFractionDigits: places, maximumFractionDigits: places });

const MARK = root.dir === "rtl" ? "\u200e" : ""; // else the sign would stand behind the digits

/** A number with its sign. */
export const signed = (number) => `${MARK}${number > 0 ? "+" : number < 0 ? "−" : ""}${figure(Math.abs(number))}`;

/** A share as percent. */
export const percent = (share, places = 1) =>
  figure(share, { style: "percent", minimumFractionDigits: places, maximumFractionDigits: places });

// From the right, a number or a full stop beside a name in Latin letters would stand on its other side.
const apart = root.dir === "rtl" ? (value) => (/[A-Za-z]/.test(value) ? `\u2068${value}\u2069` : value) : (value) => value;

const filled = (message, values) =>
  message.replace(/\{(\w+)\}/g, (place, name) => (name in values ? apart(String(values[name])) : place));

/** English words in the language of the page; `{name}` stands for a value. */
export const say = (message, values = {}) => filled(words[message]?.[0] ?? message, values);

/** The words for a number of things, by the rules of the language; `{n}` stands for the number. */
export function plural(n, one, other, values = {}) {
  const at = forms.indexOf(rules.select(n));
  const message = words[one]?.[at < 0 ? forms.length - 1 : at] ?? (n === 1 ? one : other);
  return filled(message, { n: figure(n), ...values });
}

/** Words with elements in them, as a list for `make`: `sayWith("Needs {field}.", { field: make("b", {}, name) })`. */
export function sayWith(message, values) {
  const named = (piece) => /^\{\w+\}$/.test(piece) && values[piece.slice(1, -1)];
  return say(message).split(/(\{\w+\})/).filter(Boolean).map((piece) => named(piece) || piece);
}
