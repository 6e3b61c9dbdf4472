/* Answers are markdown from strangers: rendered here, sanitized, and unable to fetch anything.

   Three layers, each enough alone: markdown-it with raw HTML off, allow-lists in DOMPurify without any element that
   loads, and the page's Content-Security-Policy. An answer is drawn block by block; a block that says the same as before
   is left alone, with its focus, its selection and its place, so a growing answer does not flicker. */

import * as code from "/static/battle/markdown/code.js";
import * as formulas from "/static/battle/markdown/formulas.js";
import { blocks } from "/static/battle/markdown/parser.js";
import { patch } from "/static/battle/markdown/patch.js";
import { purified } from "/static/battle/markdown/purifier.js";

const drawn = new WeakMap(); // element -> what its blocks were drawn from

/** Draw a text into an element. Returns a promise where a program is still to come for formulas or colours: draw again then. */
export function draw(element, text, writing = false) {
  const before = drawn.get(element);
  const known = before && before.every((block) => block.node.parentNode === element) ? before : [];
  const now = blocks(text, writing).map((markup, index) => {
    if (known[index]?.markup === markup && !known[index].waits.length) return known[index];
    const node = purified(markup);
    return { markup, node, waits: [formulas.set(node), code.colour(node)].filter(Boolean) };
  });
  if (!known.length) element.replaceChildren();
  now.forEach((block, index) => {
    if (block === known[index]) return;
    if (known[index]) block.node = patch(known[index].node, block.node);
    else element.append(block.node);
  });
  for (const gone of known.slice(now.length)) gone.node.remove();
  drawn.set(element, now);
  const waits = now.flatMap((block) => block.waits);
  return waits.length ? Promise.all(waits) : null;
}

/** What a click inside an answer asks for. */
export function pressed(event) {
  const button = event.target.closest("button");
  if (button?.matches(".copy")) code.copy(button);
  else if (button?.matches(".ref, .back")) jump(button);
}

/** From a footnote's number to the note, and back. */
function jump(button) {
  const answer = button.closest(".pa-prose");
  const { value } = button;
  const to = button.matches(".ref")
    ? [...answer.querySelectorAll(".notes > ol > li")].find((note) => String(note.value) === value)
    : answer.querySelector(`button.ref[value="${CSS.escape(value)}"]`);
  to?.focus();
}
