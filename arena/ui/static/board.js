/* The leaderboard's page: find a model, sort, fold bands, and the board as it is now, without losing the reader's place. */

import * as api from "/static/api.js";
import { LOCALE, plural, say } from "/static/words.js";

const EVERY = 60_000;

const rows = (board) => [...board.querySelectorAll("tr[data-model]")];

/** Bring every folded row into sight, or fold the bands again. */
function unfold(board, open) {
  for (const button of board.querySelectorAll("[data-fold]")) fold(button, open);
}

function fold(button, open) {
  button.setAttribute("aria-expanded", open);
  for (const row of button.closest("tbody").querySelectorAll("tr[data-model]")) row.hidden = !open;
}

/** Show the rows whose name holds what was typed; nothing typed folds the bands as they were. */
function find(page, typed) {
  const board = page.querySelector("[data-board]");
  const words = typed.trim().toLowerCase();
  let found = 0;
  board.classList.toggle("found", words !== "");
  for (const row of rows(board)) {
    const fits = row.dataset.model.toLowerCase().includes(words);
    const folded = row.closest("tbody").querySelector("[data-fold][aria-expanded=false]");
    row.hidden = words ? !fits : Boolean(folded);
    found += words && fits ? 1 : 0;
  }
  page.querySelector("[data-found]").textContent = words ? plural(found, "{n} found", "{n} found") : "";
}

/** Sort by a column, the other way round at the second press; by rank the bands come back. */
function sort(board, key, button) {
  const was = button.closest("th").getAttribute("aria-sort");
  const usual = key === "rank" || key === "model" ? "ascending" : "descending";
  const order = was === usual ? { ascending: "descending", descending: "ascending" }[usual] : usual;
  for (const head of board.querySelectorAll("[aria-sort]")) head.removeAttribute("aria-sort");
  button.closest("th").setAttribute("aria-sort", order);
  const value = (row) => (key === "model" ? row.dataset.model : Number(row.dataset[key] ?? NaN));
  const compared = (one, other) => {
    const [a, b] = [value(one), value(other)];
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b); // without a rating: last
    const less = typeof a === "string" ? a.localeCompare(b) : a - b;
    return order === "ascending" ? less : -less;
  };
  unfold(board, true);
  board.classList.add("sorted");
  const body = document.createElement("tbody");
  body.append(...rows(board).sort(compared));
  for (const old of board.tBodies) old.hidden = true;
  board.querySelector("tbody.flat")?.remove();
  body.className = "flat";
  board.append(body);
}

/** Ask for the board anew once it has moved, where somebody sees it and nothing is being chosen or marked. */
async function look(page, ask) {
  const shown = page.querySelector("[data-head]")?.dataset.head;
  const busy = page.querySelector("[data-switches]")?.contains(document.activeElement) || !getSelection().isCollapsed;
  if (document.hidden || !shown || busy) return;
  const query = new URLSearchParams([...new URLSearchParams(location.search)].filter(([name, value]) => value && !name.startsWith("_")));
  const now = await api.ask("GET", `/leaderboards/overall?${query}`).catch(() => null);
  if (now && now.ledger_head !== shown) ask();
}

/** What the reader has made of the page: what was found, sorted and unfolded, where it is scrolled to, and the focus. */
function state(page) {
  const focused = page.contains(document.activeElement) ? document.activeElement : null;
  return {
    head: page.querySelector("[data-head]")?.dataset.head,
    found: page.querySelector("[data-find]")?.value ?? "",
    open: [...page.querySelectorAll("[data-fold][aria-expanded=true]")].map((button) => button.dataset.fold),
    sorted: [...page.querySelectorAll("th[aria-sort] [data-sort]")].map((button) => [button.dataset.sort, button.closest("th").getAttribute("aria-sort")]),
    scrolled: [...page.querySelectorAll(".scroll")].map((part) => [part.scrollLeft, part.scrollTop]),
    window: scrollY,
    focus: focused && ["data-fold", "data-sort", "data-find", "data-unfold", "data-switch"].map((name) => focused.hasAttribute(name) && `[${name}="${CSS.escape(focused.getAttribute(name))}"]`).find(Boolean),
  };
}

/** Bring a board that was drawn anew to where its reader had it, and say that it moved. */
function restore(page, was) {
  for (const name of was.open) {
    const button = page.querySelector(`[data-fold="${CSS.escape(name)}"]`);
    if (button) fold(button, true);
  }
  for (const [key, order] of was.sorted) {
    const button = page.querySelector(`[data-sort="${key}"]`);
    for (let press = 0; button && press < 2 && button.closest("th").getAttribute("aria-sort") !== order; press += 1) sort(button.closest("[data-board]"), key, button);
  }
  const field = page.querySelector("[data-find]");
  if (field && was.found) {
    field.value = was.found;
    find(page, was.found);
  }
  page.querySelectorAll(".scroll").forEach((part, place) => ([part.scrollLeft, part.scrollTop] = was.scrolled[place] ?? [0, 0]));
  scrollTo(0, was.window);
  if (was.focus) page.querySelector(was.focus)?.focus({ preventScroll: true });
  const time = new Date().toLocaleTimeString(LOCALE, { hour: "2-digit", minute: "2-digit" });
  page.querySelector("[data-moved]").textContent = say("Brought up to date at {time}.", { time });
}

/** Send only what was chosen, so that a link to the board says no more than it has to. */
function leaveOutEmpty(form) {
  for (const field of form.elements) field.disabled = field.name !== "" && !field.value;
}

/** `trigger` asks the server for the board anew; `watch` tells when it was drawn. */
export function mount(element, trigger, watch) {
  let before = null;
  const ask = () => {
    before = state(element);
    trigger("submit");
  };
  watch("value", () => {
    const now = element.querySelector("[data-head]")?.dataset.head;
    if (before?.head && now && now !== before.head) restore(element, before);
    before = null;
  });
  element.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const board = button.closest("[data-board]") ?? button.closest(".board-page")?.querySelector("[data-board]");
    if (button.matches("[data-fold]")) fold(button, button.getAttribute("aria-expanded") !== "true");
    if (button.matches("[data-unfold]")) unfold(board, true);
    if (button.matches("[data-sort]")) sort(board, button.dataset.sort, button);
  });
  element.addEventListener("input", (event) => {
    if (event.target.matches("[data-find]")) find(element, event.target.value);
  });
  element.addEventListener("submit", (event) => {
    event.target.action = api.HERE + event.target.getAttribute("action").replace(api.HERE, "");
    leaveOutEmpty(event.target);
  });
  addEventListener("pageshow", () => {
    for (const field of element.querySelectorAll("[data-switches] :disabled")) field.disabled = false;
  });
  setInterval(() => look(element, ask), EVERY);
}
