/* Examples of what a release would hold: prompt, chosen, rejected, the vote in words, and the row as written. */

import { count, glyph, make } from "/static/making.js";

const OUTCOMES = {
  model_a: { glyph: "a", side: "A" },
  model_b: { glyph: "b", side: "B" },
  tie: { glyph: "t", words: "Tie" },
  both_bad: { glyph: "", words: "Both bad" },
};
const TAGS = {
  correct: "Correct", follows_request: "Follows the request", complete: "Complete", clear: "Clear",
  right_length: "Right length", safe: "Safe",
};
const LONG = 280; // characters in sight
const VISIBLE = /[^\s\p{Z}\p{C}]/u;
const NAMED = 6; // characters of a text that cannot be seen

/** Articles for some examples. */
export const articles = (pairs) => pairs.map(article);

function article(pair, index) {
  const lines = [line("prompt", pair.prompt)];
  if (pair.chosen === null) lines.push(line("answer A", pair.text_a), line("answer B", pair.text_b));
  else lines.push(line("chosen", pair.chosen), line("rejected", pair.rejected, "mute"));
  if (pair.reason) lines.push(line("reason", pair.reason));
  return make("article", { class: "pair", "aria-label": `Pair ${index + 1}` }, [make("dl", {}, lines.flat()), said(pair), row(pair)]);
}

function line(name, text, tone = "") {
  return [make("dt", {}, name), make("dd", { class: tone }, long(name, text))];
}

/** A text on a few lines, opened as it was written. */
function long(name, text) {
  if (!VISIBLE.test(text)) return make("i", { class: "mute" }, text.trim() ? `(nothing visible: ${points(text)})` : "(empty)");
  const plain = text.trim().replace(/\s+/g, " ");
  if (plain === text && text.length <= LONG) return make("span", {}, text);
  const cut = plain.length <= LONG ? plain.length : Math.max(plain.lastIndexOf(" ", LONG), LONG / 2);
  const short = `${plain.slice(0, cut)}${cut < plain.length ? " … " : " "}`;
  const written = make("span", {}, short);
  const more = make("button", { type: "button", class: "tbtn", "aria-expanded": "false" });
  const say = (words) => more.replaceChildren(words, make("span", { class: "vh" }, ` of ${name}`));
  say("Show all");
  more.addEventListener("click", () => {
    const open = more.getAttribute("aria-expanded") !== "true";
    more.setAttribute("aria-expanded", open);
    say(open ? "Show less" : "Show all");
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
  const outcome = OUTCOMES[pair.winner];
  const words = outcome.words ?? `${outcome.side} was ${pair.strength ? `${pair.strength} ` : ""}better`;
  const facts = pair.tags.map((tag) => TAGS[tag] ?? tag);
  facts.push(pair.votes === 1 ? "1 rater" : `${pair.agreeing} of ${pair.votes} raters`);
  if (pair.history.length) facts.push(`after ${count(pair.history.length, "earlier message")}`);
  for (const [side, reason] of [["A", pair.finish_reason_a], ["B", pair.finish_reason_b]]) {
    if (reason && reason !== "stop") facts.push(`${side} ended with “${reason}”`);
  }
  facts.push(pair.split);
  const vote = make("span", {}, [glyph(outcome.glyph), ` ${words}`]);
  return make("div", { class: "mt" }, [vote, ...facts.map((fact) => make("span", {}, fact))]);
}

/** The rows as the trainer will read them. */
function row(pair) {
  const written = pair.rows.map((one) => JSON.stringify(one, null, 2)).join("\n");
  const words = pair.rows.length === 1 ? "The row as written" : `The ${pair.rows.length} rows as written`;
  return make("details", { class: "row" }, [
    make("summary", { class: "xs" }, words),
    make("pre", { class: "cmd", tabindex: "0", "aria-label": words }, written),
  ]);
}
