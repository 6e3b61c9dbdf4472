/* Examples of what a release would hold: prompt, chosen, rejected, the vote in words, and the row as written. */

import * as states from "/static/battle/state.js";
import { glyph, make } from "/static/making.js";
import { figure, plural, say } from "/static/words.js";

const TAGS = {
  correct: say("Correct"), follows_request: say("Follows the request"), complete: say("Complete"), clear: say("Clear"),
  right_length: say("Right length"), safe: say("Safe"),
};
const LONG = 280; // characters in sight
const VISIBLE = /[^\s\p{Z}\p{C}]/u;
const NAMED = 6; // characters of a text that cannot be seen

/** Articles for some examples. */
export const articles = (pairs) => pairs.map(article);

function article(pair, index) {
  const lines = [line(say("Prompt"), pair.prompt)];
  if (pair.chosen === null) lines.push(line(say("Answer A"), pair.text_a), line(say("Answer B"), pair.text_b));
  else lines.push(line(say("Chosen"), pair.chosen), line(say("Rejected"), pair.rejected, "mute"));
  if (pair.reason) lines.push(line(say("Why"), pair.reason));
  return make("article", { class: "pair", "aria-label": say("Pair {number}", { number: index + 1 }) }, [make("dl", {}, lines.flat()), said(pair), row(pair)]);
}

function line(name, text, tone = "") {
  return [make("dt", {}, name), make("dd", { class: tone, dir: "auto" }, long(name, text))];
}

/** A text on a few lines, opened as it was written. */
function long(name, text) {
  if (!VISIBLE.test(text)) return make("i", { class: "mute" }, text.trim() ? say("(nothing visible: {characters})", { characters: points(text) }) : say("(empty)"));
  const plain = text.trim().replace(/\s+/g, " ");
  if (plain === text && text.length <= LONG) return make("span", {}, text);
  const cut = plain.length <= LONG ? plain.length : Math.max(plain.lastIndexOf(" ", LONG), LONG / 2);
  const short = `${plain.slice(0, cut)}${cut < plain.length ? " … " : " "}`;
  const written = make("span", {}, short);
  const more = make("button", { type: "button", class: "tbtn", "aria-expanded": "false" });
  const label = (words) => more.replaceChildren(words, make("span", { class: "vh" }, `: ${name}`));
  label(say("Show all"));
  more.addEventListener("click", () => {
    const open = more.getAttribute("aria-expanded") !== "true";
    more.setAttribute("aria-expanded", open);
    label(open ? say("Show less") : say("Show all"));
    written.className = open ? "written" : "";
    written.textContent = open ? `${text} ` : short;
  });
  return [written, more];
}

/** The first characters of a text, as Unicode numbers them. */
function points(text) {
  const all = [...text].map((one) => `U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
  return all.slice(0, NAMED).join(" ") + (all.length > NAMED ? " …" : "");
}

/** The vote in words, as the battle page says it. */
function said(pair) {
  const facts = pair.tags.map((tag) => TAGS[tag] ?? tag);
  facts.push(pair.votes === 1 ? say("one rater") : plural(pair.votes, "{agreeing} of {n} rater", "{agreeing} of {n} raters", { agreeing: figure(pair.agreeing) }));
  if (pair.history.length) facts.push(plural(pair.history.length, "after {n} earlier message", "after {n} earlier messages"));
  for (const [side, reason] of [["a", pair.finish_reason_a], ["b", pair.finish_reason_b]]) {
    if (reason && reason !== "stop") facts.push(say("{side} ended with “{reason}”", { side: states.letters[side], reason }));
  }
  facts.push(pair.split);
  const vote = make("span", {}, [glyph(states.OUTCOMES[pair.winner].glyph), ` ${states.said(pair.winner, pair.strength)}`]);
  return make("div", { class: "mt" }, [vote, ...facts.map((fact) => make("span", {}, fact))]);
}

/** The rows as the trainer will read them. */
function row(pair) {
  const written = pair.rows.map((one) => JSON.stringify(one, null, 2)).join("\n");
  const words = plural(pair.rows.length, "The row as written", "The {n} rows as written");
  return make("details", { class: "row" }, [
    make("summary", { class: "xs" }, words),
    make("pre", { class: "cmd", tabindex: "0", dir: "ltr", "aria-label": words }, written),
  ]);
}
