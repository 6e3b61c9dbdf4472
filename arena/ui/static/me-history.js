/* A rater's history: their votes, searched and by pages. What is searched for stands in the address. */

import * as api from "/static/api.js";
import * as states from "/static/battle/state.js";
import { button, figure, glyph, make } from "/static/making.js";
import { lead, one, show } from "/static/page.js";
import { saved } from "/static/saving.js";
import { LOCALE, plural, say } from "/static/words.js";

const PATIENCE = 60_000; // milliseconds
const BEFORE = 60; // characters shown before what was found
const SHOWN = 180; // characters of a prompt

const part = one("[data-part]");
const form = one("[data-search]");

for (const [name, value] of new URLSearchParams(location.search)) {
  const field = form.elements[name];
  if (field) field.value = value;
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  seek();
});
form.addEventListener("change", (event) => event.target.type === "radio" && seek());
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.code !== "Slash" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  form.elements.q.focus();
});
seek();

/** What is asked for, without what is left open. */
function wanted() {
  const fields = [...new FormData(form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value);
  return new URLSearchParams(fields);
}

/** One page of votes. */
function page(asked, after) {
  const query = new URLSearchParams(asked);
  query.set("limit", "50");
  if (after) query.set("after", after);
  return api.ask("GET", `/me/history?${query}`, { deadline: PATIENCE });
}

function seek() {
  const asked = wanted();
  history.replaceState(null, "", asked.size ? `?${asked}` : location.pathname);
  show(part, () => page(asked), (found) => draw(found, asked));
}

function draw(found, asked) {
  const words = asked.get("q") ?? "";
  one("[data-lead]").replaceChildren(lead(statement(found, words, asked.size > 0), say("Newest first. Models have their names here, because you have voted.")));
  const list = make("ul", { class: "hist" }, found.votes.map((vote) => line(vote, words)));
  if (!found.votes.length) return part.append(make("p", { class: "mute" }, asked.size ? say("Remove a filter, or try another word.") : say("Your votes will stand here.")));
  const foot = make("p", { class: "pg" }, [make("span", { role: "status" }, plural(found.found, "{n} found, newest first", "{n} found, newest first")), download(found, asked)]);
  part.append(list, foot);
  if (found.next) foot.append(further(list, words, asked, found.next));
}

/** The sentence the page opens with. */
function statement(found, words, filtered) {
  if (!found.of) return say("You have not voted yet.");
  if (!found.found) return words ? say("Nothing of yours mentions “{words}”.", { words }) : say("None of your votes is like that.");
  if (!filtered) return plural(found.of, "You gave {n} vote.", "You gave {n} votes.");
  const values = { all: figure(found.of), words };
  return words
    ? plural(found.found, "{n} of your {all} votes mentions “{words}”.", "{n} of your {all} votes mention “{words}”.", values)
    : plural(found.found, "{n} of your {all} votes is like that.", "{n} of your {all} votes are like that.", values);
}

function line(vote, words) {
  const moment = new Date(vote.at).toLocaleDateString(LOCALE, { day: "numeric", month: "short", year: "numeric" });
  const from = [vote.own && (vote.turn > 1 ? say("My prompt, turn {number}", { number: figure(vote.turn) }) : say("My prompt")), (vote.campaign !== "default" || !vote.own) && say("Campaign: {campaign}", { campaign: vote.campaign })].filter(Boolean).join(", ");
  const said = [vote.reason, vote.edit && say("With a corrected answer")].filter(Boolean).join(". ");
  return make("li", {}, [
    make("span", { class: "mute nowrap" }, moment),
    make("span", {}, [...marked(vote.prompt, words), make("span", { class: "subl" }, said ? `${from}. ${said}` : from)]),
    make("span", {}, [glyph(states.OUTCOMES[vote.winner].glyph), ` ${states.said(vote.winner, vote.strength)}`]),
    make("span", { class: "mute" }, `${vote.model_a}, ${vote.model_b}`),
  ]);
}

/** The part of a text in which something was found, with it marked. */
function marked(text, words) {
  const at = words ? text.toLowerCase().indexOf(words.toLowerCase()) : -1;
  if (at < 0) return [text.length > SHOWN ? `${text.slice(0, SHOWN)} …` : text];
  const from = at > BEFORE ? text.lastIndexOf(" ", at - BEFORE / 2) + 1 : 0;
  const to = at + words.length;
  const after = text.slice(to, to + SHOWN);
  return [`${from ? "… " : ""}${text.slice(from, at)}`, make("mark", {}, text.slice(at, to)), to + SHOWN < text.length ? `${after} …` : after];
}

/** A button that shows the next page. */
function further(list, words, asked, after) {
  return button(say("Show more"), async (pressed) => {
    pressed.disabled = true;
    const next = await page(asked, after).catch(() => null);
    pressed.disabled = false;
    if (!next) return;
    list.append(...next.votes.map((vote) => line(vote, words)));
    pressed.replaceWith(...(next.next ? [further(list, words, asked, next.next)] : []));
  });
}

function download(found, asked) {
  return button(say("Download these"), async () => {
    const votes = [...found.votes];
    for (let next = found.next; next; ) {
      const more = await page(asked, next);
      votes.push(...more.votes);
      next = more.next;
    }
    saved("my-history.json", { votes, found: found.found, of: found.of });
  });
}
