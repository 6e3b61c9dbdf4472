/* Draws what a rater gave. */

import * as states from "/static/battle/state.js";
import { button, day, figure, glyph, make } from "/static/making.js";
import { LOCALE, plural, say, sayWith } from "/static/words.js";

const SHOWN = 20; // votes in sight; the rest are asked for
const OPENING = 90; // characters of a prompt

export class View {
  constructor(root, page) {
    this.root = root;
    this.page = page;
    this.one = (selector) => root.querySelector(selector);
    this.scopes = [...root.querySelectorAll("[name=scope]")];
    this.every = false;
    this.one("[data-more]").addEventListener("click", () => {
      this.every = true;
      this.#list(this.own);
    });
  }

  draw(own) {
    this.own = own;
    this.root.dataset.screen = "open";
    this.one("[data-statement]").textContent = statement(own);
    this.one("[data-given]").hidden = own.votes.length === 0;
    this.one("[data-begin]").hidden = own.votes.length > 0 || own.withdrawn;
    this.one("[data-leaving]").hidden = own.votes.length === 0 && !own.withdrawn;
    this.one("[data-withdraw]").hidden = own.withdrawn;
    this.one("[data-withdrawn]").hidden = !own.withdrawn;
    this.agreed(own);
    if (!own.votes.length) return;
    this.#figures(own);
    this.#outcomes(own);
    this.#releases(own);
    this.#list(own);
  }

  /** Show what holds; who withdrew has nothing left to choose. */
  agreed(own) {
    this.one("[data-agreed]").hidden = own.withdrawn;
    for (const choice of this.scopes) choice.checked = choice.value === own.scope;
  }

  /** Nothing of the rater is here any more. */
  erased() {
    for (const part of ["[data-given]", "[data-begin]", "[data-agreed]", "[data-leaving]"]) this.one(part).hidden = true;
    for (const part of ["[data-list]", "[data-releases]"]) this.one(part).replaceChildren();
    this.one("[data-statement]").textContent = say("You are erased.");
    this.one("[data-advice]").textContent = say("The next page you open makes you a new rater.");
  }

  show(selector, ...content) {
    const note = this.one(selector);
    note.hidden = content.length === 0;
    note.replaceChildren(...content);
  }

  #figures(own) {
    const reasons = own.votes.filter((vote) => vote.reason || vote.tags.length).length;
    const edits = own.votes.filter((vote) => vote.edit).length;
    this.one("[data-votes]").textContent = figure(own.votes.length);
    this.one("[data-since]").textContent = plural(own.votes.length, "vote since {day}", "votes since {day}", { day: day(own.votes.at(-1).cast_at) });
    this.one("[data-reasons]").textContent = figure(reasons);
    this.one("[data-edits]").textContent = plural(edits, "with reasons or tags, {n} corrected answer", "with reasons or tags, {n} corrected answers");
    this.one("[data-used]").textContent = figure(own.releases.length);
    this.one("[data-used-words]").textContent = plural(own.releases.length, "release used your votes", "releases used your votes");
  }

  #outcomes(own) {
    for (const row of this.root.querySelectorAll("[data-outcome]")) {
      const share = own.votes.filter((vote) => vote.winner === row.dataset.outcome).length / own.votes.length;
      row.querySelector(".bar").style.width = `${100 * share}%`;
      row.querySelector("[data-count]").textContent = figure(Math.round(share * own.votes.length));
      row.querySelector("[data-share]").textContent = figure(share, { style: "percent", maximumFractionDigits: 0 });
    }
  }

  #releases(own) {
    this.one("[data-unused]").hidden = own.releases.length > 0;
    this.one("[data-release-box]").hidden = own.releases.length === 0;
    const rows = own.releases.map((release) => {
      const check = button(say("Check my votes"), () => this.page.check(release));
      const votes = sayWith("{n} of {all}", { n: make("b", {}, figure(release.votes.length)), all: make("span", { class: "mute" }, figure(release.of)) });
      return make("tr", {}, [
        make("th", { scope: "row" }, say("Release {number}", { number: release.number })),
        make("td", { class: "mute" }, day(release.created_at)),
        make("td", { class: "r nowrap" }, votes),
        make("td", { class: "r nowrap" }, check),
      ]);
    });
    this.one("[data-releases]").replaceChildren(...rows);
  }

  #list(own) {
    const shown = this.every ? own.votes : own.votes.slice(0, SHOWN);
    this.one("[data-list]").replaceChildren(...shown.map((vote) => this.#vote(vote, own)));
    const more = this.one("[data-more]");
    more.hidden = shown.length === own.votes.length;
    more.textContent = plural(own.votes.length, "Show the {n} vote", "Show all {n} votes");
  }

  #vote(vote, own) {
    const moment = new Date(vote.cast_at).toLocaleString(LOCALE, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
    const opening = vote.prompt.length > OPENING ? `${vote.prompt.slice(0, OPENING)} …` : vote.prompt;
    const saves = [button(say("Receipt"), () => this.page.receipt(vote), { "aria-label": say("Receipt of line {line}", { line: vote.receipt.line }) })];
    const release = own.releases.find((one) => one.votes.includes(vote.vote_id));
    if (release) saves.push(" ", button(say("Proof"), () => this.page.proof(release, vote), { "aria-label": say("Proof of line {line} in release {number}", { line: vote.receipt.line, number: release.number }) }));
    return make("tr", {}, [
      make("td", { class: "mute nowrap" }, moment),
      make("td", { class: "nowrap" }, [glyph(states.OUTCOMES[vote.winner].glyph), ` ${states.said(vote.winner, vote.strength)}`]),
      make("td", { class: "asked" }, opening),
      make("td", { class: "r nowrap" }, [`${figure(vote.receipt.line)} `, make("span", { class: "mono mute" }, vote.receipt.hash.slice(0, 8))]),
      make("td", { class: "nowrap saves" }, saves),
    ]);
  }
}

/** The sentence the page opens with. */
function statement(own) {
  if (!own.votes.length) return say("You have not voted yet.");
  const mine = own.votes.length;
  if (own.withdrawn) {
    return plural(mine, "You gave {n} vote and withdrew your consent. It does not count.", "You gave {n} votes and withdrew your consent. None of them counts.");
  }
  const gave = plural(mine, "You gave {n} vote.", "You gave {n} votes.");
  const [newest] = own.releases;
  if (!newest) return gave;
  const number = { number: newest.number };
  const there = newest.votes.length === mine
    ? plural(mine, "It is in release {number}, and you can prove it.", "All of them are in release {number}, and you can prove it.", number)
    : plural(newest.votes.length, "{n} of them is in release {number}, and you can prove it.", "{n} of them are in release {number}, and you can prove it.", number);
  return `${gave} ${there}`;
}
