/* Drawings that can be read out: each with a title, and a description for whoever does not see it. */

import { make } from "/static/making.js";
import { say } from "/static/words.js";

/** One part of a drawing. */
export function part(tag, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(text);
  return made;
}

/** A drawing of a size, with its title and its description; `id` is its own on the page. */
export function drawing(id, width, height, title, description) {
  const named = { role: "img", "aria-labelledby": `${id}-title`, "aria-describedby": `${id}-desc` };
  const made = part("svg", { viewBox: `0 0 ${width} ${height}`, width, height, ...named });
  made.append(part("title", { id: `${id}-title` }, title), part("desc", { id: `${id}-desc` }, description));
  return made;
}

/** What scrolls sideways where a drawing is wider than its place. */
export const scrolled = (label, drawn) =>
  make("div", { class: "scroll drawn", tabindex: "0", role: "group", "aria-label": say("{title}, scrolls sideways", { title: label }) }, drawn);
