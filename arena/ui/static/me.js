/* The page of a rater's own contributions: what happens when. Drawing in me/view.js. */

import * as api from "/static/api.js";
import { command, figure, make } from "/static/making.js";
import { View } from "/static/me/view.js";

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
        this.view.say("[data-checked]", `Checking ${figure(found + 1)} of ${figure(mine.length)}.`);
        const { proof } = await api.ask("GET", address(release, vote), { deadline: PATIENCE });
        if (proof.commitment !== vote.receipt.commitment || proof.line !== vote.receipt.line) {
          return this.view.say("[data-checked]", make("b", {}, `Line ${figure(vote.receipt.line)} is not as your receipt says.`), " Save its proof and receipt, and ask the admin.");
        }
        found += 1;
      }
      const some = this.own.votes.length === 1 ? "Your vote is" : "One vote of yours is";
      const all = found === 1 ? some : `All ${figure(found)} votes are`;
      const says = found === 1 ? "It commits to what its receipt says." : "Each commits to what its receipt says.";
      this.view.say("[data-checked]", make("b", {}, `${all} in release ${release.number}.`), ` ${says} To check without this site, save a proof and its receipt below.`);
    });
    if (!answered) this.view.say("[data-checked]");
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
      this.view.say("[data-saved]", make("b", {}, `The proof that line ${figure(vote.receipt.line)} is in release ${release.number} is saved.`), " It holds your rater id, the prompt, both answers and your vote: give it only to people who may see them. Beside the receipt, on any machine with this program:", ...command(line));
    });
  }

  /** Choose what may be done with what the rater gave; one choice after the other. */
  choose(scope) {
    this.choosing = (this.choosing ?? Promise.resolve()).then(() => this.#choose(scope));
    return this.choosing;
  }

  async #choose(scope) {
    this.view.say("[data-not-chosen]");
    try {
      const chosen = await api.ask("PUT", "/me/consent", { body: { scope } });
      this.own.scope = chosen.scope;
      if (chosen.line) this.view.say("[data-chosen]", make("b", {}, "Recorded"), ` in ledger line ${figure(chosen.line)}.`);
    } catch (error) {
      if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
      this.view.say("[data-chosen]");
      this.view.say("[data-not-chosen]", `Nothing was changed. ${error.message}`);
    }
    this.view.agreed(this.own);
  }

  async withdraw() {
    const left = await api.ask("POST", "/me/withdrawal", { deadline: PATIENCE });
    this.#left(left, "Your consent is withdrawn.");
    await this.load();
  }

  async erase() {
    const left = await api.ask("DELETE", "/me", { deadline: PATIENCE });
    this.own = null;
    this.view.erased();
    this.#left(left, "You are erased.");
  }

  #left(left, sentence) {
    const votes = left.votes.length === 1 ? "1 vote" : `${figure(left.votes.length)} votes`;
    this.view.say("[data-left]", make("b", {}, sentence), ` ${votes} left, by ledger line ${figure(left.line)}. ${left.note}`);
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
      note.textContent = note.hidden ? "" : `Nothing was done. Type ${word} in capitals.`;
      if (!note.hidden) return field.focus();
      busy = true;
      try {
        await does();
        field.value = "";
      } catch (error) {
        if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
        note.hidden = false;
        note.textContent = error instanceof api.Silence ? `${error.message} It may be done all the same: reload the page to see.` : error.message;
      } finally {
        busy = false;
      }
    });
  }

  /** Do something, or say why it could not be done; whether it was done. */
  async #trying(does) {
    try {
      this.view.say("[data-trouble]");
      await does();
      return true;
    } catch (error) {
      if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
      this.view.say("[data-trouble]", error instanceof api.Silence ? `${error.message} ${this.own ? "Try again." : "Reload the page to ask again."}` : error.message);
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
