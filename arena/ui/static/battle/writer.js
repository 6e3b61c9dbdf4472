/* Draws a growing text into the page, as it is meant or as it was written. */

import * as markdown from "/static/battle/markdown.js";

const PAUSE = 60; // milliseconds between two drawings, at least
const SHARE = 6; // drawing takes at most one part in seven of the time

/** Draws one answer, never more often than the drawing itself allows. */
export class Writer {
  #element;
  #switch;
  #text = "";
  #drawn = null;
  #writing = false;
  #raw = false;
  #timer = null;
  #pause = PAUSE;

  /** `control` is the button that shows the text as it was written, where there is one. */
  constructor(element, control = null) {
    this.#element = element;
    this.#switch = control;
    control?.addEventListener("click", () => this.#turn(!this.#raw));
    element.addEventListener("click", (event) => markdown.pressed(event));
  }

  /** Show this text; while `writing`, with a caret at its end. */
  show(text, writing) {
    if (text === this.#text && writing === this.#writing && this.#drawn !== null) return;
    this.#text = text;
    this.#writing = writing;
    this.#drawn ??= "";
    if (this.#switch) this.#switch.hidden = false;
    if (!writing) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), this.#pause);
  }

  /** Show something else than an answer. */
  clear(markup = "") {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#text = "";
    this.#drawn = null;
    this.#turn(false);
    if (this.#switch) this.#switch.hidden = true;
    this.#element.classList.remove("caret");
    this.#element.innerHTML = markup;
  }

  #turn(raw) {
    this.#raw = raw;
    this.#switch?.setAttribute("aria-pressed", raw);
    if (this.#drawn !== null) this.#draw();
  }

  #draw() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#drawn === null) return;
    const begun = performance.now();
    for (const marked of [this.#element, ...this.#element.querySelectorAll(".caret")]) marked.classList.remove("caret");
    if (this.#raw) written(this.#element, this.#text);
    else markdown.draw(this.#element, this.#text, this.#writing)?.then(() => this.#draw(), () => {});
    if (this.#writing) caret(this.#element);
    this.#drawn = this.#text;
    this.#pause = Math.max(PAUSE, SHARE * (performance.now() - begun)); // long answers redraw less often
  }
}

/** The text itself, every character of it. */
function written(element, text) {
  let box = element.querySelector(":scope > .written");
  if (!box) {
    box = document.createElement("pre");
    box.className = "written";
    box.dir = "auto";
    element.replaceChildren(box);
  }
  if (box.textContent !== text) box.textContent = text;
}

function caret(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let last = null;
  while (walker.nextNode()) if (walker.currentNode.data.trim()) last = walker.currentNode;
  const parent = last ? last.parentElement : element;
  (parent.closest(".maths") || parent).classList.add("caret");
}
