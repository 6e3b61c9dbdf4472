/* The page of a rater's own contributions: what happens when. Drawing in me/view.js. */

import * as api from "/static/api.js";
import { command, figure, make, refusal } from "/static/making.js";
import { View } from "/static/me/view.js";
import { plural, say, sayWith } from "/static/words.js";

const PATIENCE = 60_000; // milliseconds: releases are looked through for every vote

/** Bring the page to life inside the element Gradio made for it. */
export function mount(element) {
  const page = new Me(element.querySelector(".me-page"));
  page.load();
  return page;
}

class Me {
  constructor(root) {
    this.view = new View(root, this);
    this.own = null;
    const { one } = this.view;
    one("[data-export]").addEventListener("click", () => save("my-contributions.json", written(this.own)));
    for (const choice of this.view.scopes) choice.addEventListener("change", () => this.choose(choice.value));
    this.#confirmed("[data-withdraw]", "WITHDRAW", () => this.withdraw());
    this.#confirmed("[data-erase]", "ERASE", () => this.erase());
  }

  async load() {
    await this.#trying(async () => {
      this.own = await api.ask("GET", "/me/contributions", { deadline: PATIENCE });
      this.view.draw(this.own);
    });
  }

  /** Look every vote up in a release, and compare what the release commits to with the receipt given here. */
  async check(release) {
    const mine = this.own.votes.filter((vote) => release.votes.includes(vote.vote_id));
    let found = 0;
    const answered = await this.#trying(async () => {
      for (const vote of mine) {
        this.view.show("[data-checked]", say("Checking {number} of {of}.", { number: figure(found + 1), of: figure(mine.length) }));
        const { proof } = await api.ask("GET", address(release, vote), { deadline: PATIENCE });
        if (proof.commitment !== vote.receipt.commitment || proof.line !== vote.receipt.line) {
          return this.view.show("[data-checked]", make("b", {}, say("Line {line} is not as your receipt says.", { line: figure(vote.receipt.line) })), ` ${say("Save its proof and receipt, and ask the admin.")}`);
        }
        found += 1;
      }
      const number = { number: release.number };
      const all = this.own.votes.length === 1
        ? say("Your vote is in release {number}.", number)
        : plural(found, "One vote of yours is in release {number}.", "All {n} votes are in release {number}.", number);
      const says = found === 1 ? say("It commits to what its receipt says.") : say("Each commits to what its receipt says.");
      this.view.show("[data-checked]", make("b", {}, all), ` ${says} ${say("To check without this site, save a proof and its receipt below.")}`);
    });
    if (!answered) this.view.show("[data-checked]");
  }

  /** Save the signed receipt of a vote with what opens it. */
  receipt(vote) {
    return this.#trying(async () => {
      save(`receipt-${vote.vote_id}.json`, await api.written(`/me/receipts/${encodeURIComponent(vote.vote_id)}`));
    });
  }

  /** Save the proof of a vote with what opens it, so that it shows the vote to whoever has no release. */
  async proof(release, vote) {
    await this.#trying(async () => {
      const [proof, { key }] = [await api.written(`${address(release, vote)}?contributor=false`, { deadline: PATIENCE }), await api.ask("GET", "/exports/key")];
      save(`proof-${vote.vote_id}.json`, proof);
      const line = `arena release verify --proof proof-${vote.vote_id}.json --receipt receipt-${vote.vote_id}.json --key ${key}`;
      this.view.show("[data-saved]", make("b", {}, say("The proof that line {line} is in release {number} is saved.", { line: figure(vote.receipt.line), number: release.number })), ` ${say("It holds your rater id, the prompt, both answers and your vote: give it only to people who may see them. Beside the receipt, on any machine with this program:")}`, ...command(line));
    });
  }

  /** Choose what may be done with what the rater gave; one choice after the other. */
  choose(scope) {
    this.choosing = (this.choosing ?? Promise.resolve()).then(() => this.#choose(scope));
    return this.choosing;
  }

  async #choose(scope) {
    this.view.show("[data-not-chosen]");
    try {
      const chosen = await api.ask("PUT", "/me/consent", { body: { scope } });
      this.own.scope = chosen.scope;
      if (chosen.line) this.view.show("[data-chosen]", ...sayWith("{recorded} in ledger line {line}.", { recorded: make("b", {}, say("Recorded")), line: figure(chosen.line) }));
    } catch (error) {
      if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
      this.view.show("[data-chosen]");
      this.view.show("[data-not-chosen]", `${say("Nothing was changed.")} ${error.message}`);
    }
    this.view.agreed(this.own);
  }

  async withdraw() {
    const left = await api.ask("POST", "/me/withdrawal", { deadline: PATIENCE });
    this.#left(left, say("Your consent is withdrawn."));
    await this.load();
  }

  async erase() {
    const left = await api.ask("DELETE", "/me", { deadline: PATIENCE });
    this.own = null;
    this.view.erased();
    this.#left(left, say("You are erased."));
  }

  #left(left, sentence) {
    const votes = plural(left.votes.length, "{n} vote left, by ledger line {line}.", "{n} votes left, by ledger line {line}.", { line: figure(left.line) });
    this.view.show("[data-left]", make("b", {}, sentence), ` ${votes} ${left.note}`);
    this.view.one("[data-left]").focus();
  }

  /** A form that does something once its word is typed. */
  #confirmed(hook, word, does) {
    const form = this.view.one(hook);
    const [field, note] = [form.querySelector("input"), form.querySelector("[data-refused]")];
    let busy = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy) return;
      note.hidden = field.value.trim() === word;
      note.textContent = note.hidden ? "" : say("Nothing was done. Type {word} in capitals.", { word });
      if (!note.hidden) return field.focus();
      busy = true;
      try {
        await does();
        field.value = "";
      } catch (error) {
        if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
        note.hidden = false;
        note.replaceChildren(...(error instanceof api.Silence ? [`${error.message} ${say("It may be done all the same: reload the page to see.")}`] : refusal(error)));
      } finally {
        busy = false;
      }
    });
  }

  /** Do something, or say why it could not be done; whether it was done. */
  async #trying(does) {
    try {
      this.view.show("[data-trouble]");
      await does();
      return true;
    } catch (error) {
      if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
      this.view.show("[data-trouble]", error instanceof api.Silence ? `${error.message} ${this.own ? say("Try again.") : say("Reload the page to ask again.")}` : error.message);
      return false;
    }
  }
}

/** Where the proof is that a vote is in a release. */
const address = (release, vote) => `/exports/${encodeURIComponent(release.release_id)}/proofs/${encodeURIComponent(vote.vote_id)}`;

const written = (content) => `${JSON.stringify(content, null, 2)}\n`;

/** Hand a document to the browser to save. */
function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
