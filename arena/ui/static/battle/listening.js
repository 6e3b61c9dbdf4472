/* Hands on the page: every key, button, box and change of connection, and which of the page's actions it asks for. */

import * as keyboard from "/static/battle/keyboard.js";

/** Tie what a person does inside `element` to a battle page. */
export function listen(page, element) {
  const { all } = page.view;
  addEventListener("keydown", (event) => {
    const action = keyboard.action(event, page.state, page.settings.keys);
    if (!action) return;
    event.preventDefault();
    // the next Enter records; it must not press a button that was used before this key
    if (action[0] === "choose" && event.target.matches("button, summary, a")) event.target.blur();
    page.act(...action);
  });
  for (const button of all("[data-act]")) button.addEventListener("click", () => page.act(button.dataset.act));
  for (const button of all("[data-vote]")) button.addEventListener("click", () => page.choose(button.dataset.vote));
  for (const button of all(".pa-tabs [data-show]")) button.addEventListener("click", () => page.look(button.dataset.show));
  for (const button of all("[data-open]")) {
    button.addEventListener("click", () => element.querySelector(`#${button.dataset.open}`).showModal());
  }
  for (const box of element.querySelectorAll("[data-setting]")) {
    box.addEventListener("change", () => page.setting(box.dataset.setting, box.checked));
  }
  for (const button of all("[data-ask]")) button.addEventListener("click", () => page.ask(button.dataset.ask));
  page.view.heard = (letter) => page.set({ heard: { ...page.state.heard, [letter]: true } });
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
