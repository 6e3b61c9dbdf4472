/* Hands on the page: every key, button, box and change of connection, and which of the page's actions it asks for. */

import { arrows } from "/static/battle/state.js";

const VOTES = { a: "model_a", b: "model_b", t: "tie", x: "both_bad", ...arrows };
const STRENGTHS = { 1: "slightly", 2: "clearly" };
const PLAYING = { Space: "play", Comma: "back", Period: "forward", BracketLeft: "a", BracketRight: "b" };
const READING = ["waiting", "streaming", "ready", "chosen", "revealed"];
const WRITING = ["waiting", "streaming"];
const TYPED = "textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox]):not([type=range])";
const PRESSED = "a, button, summary, select";

/** Tie what a person does inside `element` to a battle page. */
export function listen(page, element) {
  const { all } = page.view;
  addEventListener("keydown", (event) => {
    const action = asked(event, page.state, page.settings.keys);
    if (!action) return;
    event.preventDefault();
    // the next Enter records; it must not press a button that was used before this key
    if (action[0] === "choose" && event.target.matches("button, summary, a")) event.target.blur();
    page.act(...action);
  });
  for (const button of all("[data-act]")) button.addEventListener("click", () => page.act(button.dataset.act));
  for (const button of all("[data-vote]")) {
    button.addEventListener("click", () => page.choose(button.dataset.vote));
    for (const [event, meaning] of [["pointerenter", button.title], ["focus", button.title], ["pointerleave", ""], ["blur", ""]]) {
      button.addEventListener(event, () => page.view.tell(meaning));
    }
  }
  for (const button of all(".pa-tabs [data-show]")) button.addEventListener("click", () => page.look(button.dataset.show));
  for (const button of all("[data-open]")) {
    button.addEventListener("click", () => page.ask(button.dataset.open));
  }
  for (const box of element.querySelectorAll("[data-setting]")) {
    box.addEventListener("change", () => page.setting(box.dataset.setting, box.checked));
  }
  for (const button of all("[data-ask]")) button.addEventListener("click", () => page.ask(button.dataset.ask));
  page.view.heard = (letter) => page.set({ heard: { ...page.state.heard, [letter]: true } });
  element.querySelector("#guidelines").addEventListener("keydown", (event) => {
    if (event.code !== "KeyG" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault(); // or the page would open them again
    event.currentTarget.close();
  });
  prompt(page);
  details(page);
  leaving(page, element);
  addEventListener("online", () => (page.state.waiting ? page.record() : page.view.draw(page.state)));
  addEventListener("offline", () => page.view.draw(page.state));
  page.view.onNarrow(() => page.view.draw(page.state));
}

function prompt(page) {
  const { one, all } = page.view;
  for (const button of all("[data-example]")) {
    button.addEventListener("click", () => {
      page.draft(button.dataset.example);
      page.view.focus("#pr");
    });
  }
  one("#pr").addEventListener("input", () => {
    page.view.read();
    page.keepDraft();
  });
  one("[data-form]").addEventListener("submit", (event) => {
    event.preventDefault();
    page.start();
  });
}

/** The dialogs in which an item is given back or reported. */
function leaving(page, element) {
  for (const [name, leave] of [
    ["skip", (form) => page.skip(form.get("why"))],
    ["report", (form) => page.report(form.get("kind"), form.get("said").trim() || "No reason in words.")],
  ]) {
    const dialog = element.querySelector(`#${name}`);
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      dialog.close();
      leave(new FormData(event.target));
    });
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  }
}

function details(page) {
  const { one, all } = page.view;
  for (const input of all("[name=strength]")) input.addEventListener("change", () => page.strength(input.value));
  for (const input of all(".tags input")) {
    input.addEventListener("change", () => page.set({ tags: all(".tags input:checked").map((tag) => tag.value) }));
  }
  for (const letter of ["a", "b"]) {
    const box = one(`#edit-${letter}`);
    box.addEventListener("input", () => page.set({ edits: { ...page.state.edits, [letter]: box.value } }));
  }
  one("[data-criteria]").addEventListener("change", (event) => {
    page.criterion(event.target.closest("fieldset").dataset.criterion, event.target.value);
  });
  one("#why").addEventListener("input", (event) => page.set({ reason: event.target.value }));
}

/** The action of a key press as `[name, argument]`, or null to leave the key alone.

    `state` is the page's; `single` says whether single keys are on. */
function asked(event, state, single) {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return null;
  if (document.querySelector("dialog[open]")) return null;
  const key = letter(event);
  const { target } = event;
  const { screen } = state;
  if (key === "enter") return event.altKey || event.shiftKey ? null : enter(event, target, state);
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches(TYPED)) return null;
  if (key === "escape") return screen === "chosen" ? ["clear"] : WRITING.includes(screen) && !state.battle.number ? ["stop"] : null;
  if (!single) return null;
  if (screen === "ready" || screen === "chosen") {
    if (target.matches("input[type=radio], input[type=range]") && key.startsWith("arrow")) return null;
    if (VOTES[key]) return ["choose", VOTES[key]];
    if (key === "arrowdown" && target.closest("[data-vote]")) return ["choose", "tie"];
  }
  if (key === "g") return ["ask", "guidelines"];
  if (key === "s" && ["ready", "chosen"].includes(screen) && state.battle.number) return ["ask", "skip"];
  if (screen === "chosen") {
    if (STRENGTHS[key]) return ["strength", STRENGTHS[key]];
    if (key === "r") return ["reason"];
    if (key === "e") return ["edit"];
  }
  if (PLAYING[event.code] && READING.includes(screen) && plays(state.battle, event, target)) return ["media", PLAYING[event.code]];
  if ((key === "[" || key === "]") && READING.includes(screen)) return ["jump", key === "[" ? "a" : "b"];
  if (key === "n" && ["revealed", "void", "follow"].includes(screen)) return ["compose"];
  if (key === "f" && screen === "revealed") return ["follow"];
  if (key === "s" && screen === "revealed") return ["again"];
  return null;
}

/** What a key says. Keyboards of other scripts say nothing of ours: there the place of the key decides. */
function letter(event) {
  const foreign = event.key.length === 1 && event.key > "\u007f" ? /^Key([A-Z])$/.exec(event.code) : null;
  return (foreign ? foreign[1] : event.key).toLowerCase();
}

/** Whether a key is for what plays in the answers. Of films, brackets jump to an answer as everywhere. */
function plays(battle, event, target) {
  const kinds = [...(battle.media_a || []), ...(battle.media_b || [])].map((one) => one.kind);
  if (event.code.startsWith("Bracket")) return kinds.includes("audio");
  if (event.code === "Space" && target.closest(`${PRESSED}, input:not([type=range])`)) return false;
  return kinds.includes("audio") || kinds.includes("video");
}

function enter(event, target, { screen, cause, next }) {
  const chord = event.ctrlKey || event.metaKey;
  if (target.id === "pr") return event.repeat ? ["nothing"] : ["start"];
  if (target.matches("textarea")) return chord && screen === "chosen" ? ["record"] : null;
  if (chord) return null;
  const pressed = target.closest(PRESSED);
  if (pressed && !(screen === "chosen" && pressed.matches("[data-vote][aria-pressed=true]"))) return null;
  if (event.repeat) return ["nothing"];
  const afterVoid = next ? ["goOn"] : cause === "prompt" ? ["reword"] : ["again"];
  return { chosen: ["record"], revealed: ["compose"], void: afterVoid, error: ["resend"] }[screen] || null;
}
