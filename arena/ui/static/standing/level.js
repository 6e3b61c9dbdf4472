/* What the pages about standing share: its words, and lists that come in parts. */

import * as api from "/static/api.js";
import { make } from "/static/making.js";
import { say } from "/static/words.js";

export const WORDS = { new: say("New"), qualified: say("Qualified"), probation: say("Probation"), suspended: say("Suspended") };

/** The square and the word of a standing, or of `held`: votes are held and the standing stays. */
export const level = (standing) =>
  standing === "held"
    ? make("span", { class: "lvl p" }, [make("i", {}), say("Votes held")])
    : make("span", { class: `lvl ${standing[0]}` }, [make("i", {}), WORDS[standing]]);

/** A field as a heading has it. */
export const titled = (field) => field[0].toUpperCase() + field.slice(1).replaceAll("-", " ");

/** Every part of a list of the API. */
export async function every(path, key) {
  const found = [];
  let after = "";
  do {
    const page = await api.ask("GET", `${path}?limit=500&after=${encodeURIComponent(after)}`);
    found.push(...page[key]);
    after = page.next;
  } while (after);
  return found;
}

/** A name of a rater by its end, which tells it from others. */
export const short = (name) => (name.startsWith("r_") ? name.slice(-6).toLowerCase() : name);

/** The same as an element; the whole name on hover. */
export const rater = (name) => make("span", { class: "mono", title: name }, short(name));
