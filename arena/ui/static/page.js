/* What every plain page does: its bar, sentences for what was refused, waiting, tables, forms. */

import * as api from "/static/api.js";
import { enliven } from "/static/frame.js";
import { button, make, refusal } from "/static/making.js";
import { showWaiting } from "/static/waiting.js";
import { LOCALE, figure, say } from "/static/words.js";

/** Where the page's own part stands. */
export const main = document.getElementById("main");

/** The part of an address after `/w/NAME`, by its pieces: `/lab/campaigns/x` is ["lab", "campaigns", "x"]. */
export const pieces = location.pathname.slice(api.HERE.length).split("/").filter(Boolean).map(decodeURIComponent);

enliven(document.body);
showWaiting();

/** One hook of the page. */
export const one = (hook, within = main) => within.querySelector(hook);

/** Say what was refused, or what was done, and let a reader of the screen hear it: a sentence, or what stands in one.
 *
 * `section` holds an element [data-note] with role=alert, and one [data-done] with role=status where something is done. */
export function tell(section, sentence, done = false) {
  const note = section.querySelector(done ? "[data-done]" : "[data-note]");
  for (const other of section.querySelectorAll("[data-note], [data-done]")) other.hidden = true;
  note.replaceChildren(...[sentence].flat());
  note.hidden = false;
}

/** Do something at the click of a button, which waits meanwhile; what the arena refuses is told in `section`. */
export async function act(section, pressed, does) {
  pressed.disabled = true;
  try {
    const said = await does();
    if (said) tell(section, said, true);
  } catch (error) {
    if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
    tell(section, refusal(error));
  } finally {
    pressed.disabled = false;
  }
}

/** Send a form: its button waits meanwhile, and a refusal is said above it. `send` gets the fields by name. */
export function submits(section, send) {
  section?.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.target));
    act(section, event.submitter ?? section.querySelector("[type=submit]"), () => send(fields, section));
  });
}

let arrived = false;

/** Go to the element that the address names after its #, which a browser looks for before a part is drawn. */
function arrive(part) {
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (arrived || !named || !part.contains(named)) return;
  arrived = true;
  if (named.matches("details")) named.open = true;
  named.scrollIntoView();
}

const drawn = new WeakSet();

/** Fetch what a page shows, and draw it. Until it is there the part says so; where it does not come, why, and again. */
export async function show(part, load, draw) {
  part.setAttribute("aria-busy", "true");
  part.replaceChildren(make("p", { class: "mute", role: "status" }, say("One moment.")));
  if (drawn.has(part)) showWaiting(); // something was done, so less may wait
  drawn.add(part);
  try {
    const found = await load();
    part.replaceChildren();
    draw(found);
    arrive(part);
  } catch (error) {
    if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
    const again = button(say("Try again"), () => show(part, load, draw));
    part.replaceChildren(make("div", { class: "note", role: "alert" }, [`${error.message} `, again]));
  } finally {
    part.removeAttribute("aria-busy");
  }
}

/** The statement a page opens with, what it rests on, and what comes next. */
export function lead(statement, rests, next = []) {
  const words = make("div", {}, [make("h1", {}, statement), make("p", {}, rests)]);
  return make("div", { class: "lead" }, next.length ? [words, make("div", { class: "act" }, next)] : words);
}

/** The columns that say something: those with `has` only where it holds of a row. */
const filled = (columns, rows) => columns.filter(({ has }) => !has || rows.some(has));

/** A table that scrolls sideways where it has to.
 *
 * `every`: [{ head, cell(row), right?, row?, has?, wide? }], where `row` marks the one that names the line; `cell` gives a
 * text, an element, or a list of them. A column with `has` is left out where it holds of no row, and one that is `wide`
 * on a phone. Without rows the sentence `empty` stands in its place. */
export function table(label, every, rows, empty) {
  if (!rows.length) return make("p", { class: "mute" }, empty);
  const columns = filled(every, rows);
  const classes = ({ right, wide }) => (right || wide ? { class: [right && "r", wide && "wide"].filter(Boolean).join(" ") } : {});
  const heads = columns.map((column) => {
    return column.head ? make("th", { scope: "col", ...classes(column) }, column.head) : make("td", { class: column.wide ? "hd wide" : "hd" });
  });
  const lines = rows.map((row) => make("tr", {}, columns.map((column) => {
    const attributes = column.row ? { scope: "row", ...classes(column) } : classes(column);
    return make(column.row ? "th" : "td", attributes, column.cell(row));
  })));
  const made = make("table", { class: columns.length > 3 && "wt" }, [make("thead", {}, make("tr", {}, heads)), make("tbody", {}, lines)]);
  return make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": say("{table}, scrolls sideways", { table: label }) }, made);
}

const SOME = 25; // rows of a long table that are shown until all are asked for

/** A table of which the first rows are shown, with a button that shows all. */
export function longTable(label, every, rows, empty, some = SOME) {
  const columns = filled(every, rows).map(({ has, ...column }) => column);
  const whole = make("div", {}, table(label, columns, rows.slice(0, some), empty));
  if (rows.length <= some) return whole;
  const all = button(say("Show all {n}", { n: figure(rows.length) }), () => {
    whole.replaceChildren(table(label, columns, rows, empty));
    whole.querySelector(".scroll").focus();
  });
  whole.append(make("p", { class: "sm" }, all));
  return whole;
}

/** The numbers that a page sums up: [[number, words]]. */
export const facts = (pairs) =>
  make("div", { class: "facts" }, pairs.map(([number, words]) => {
    return make("div", {}, [make("b", {}, String(number)), make("span", {}, words)]);
  }));

/** A day and a time of day, as a person writes them. */
export const when = (moment) =>
  new Date(moment).toLocaleString(LOCALE, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
