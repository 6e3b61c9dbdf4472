/* The page of a rater's own contributions: what happens when. Drawing in me/view.js. */

import * as api from "/static/api.js";
import { figure, make } from "/static/making.js";
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
    one("[data-export]").addEventListener("click", () => save("my-contributions.json", this.own));
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
    await this.#trying(async () => {
      for (const vote of mine) {
        this.view.say("[data-checked]", `Checking ${figure(found + 1)} of ${figure(mine.length)}.`);
        const { proof } = await this.#proof(release, vote);
        if (proof.commitment !== vote.receipt.commitment || proof.line !== vote.receipt.line) {
          return this.view.say("[data-checked]", make("b", {}, `Line ${figure(vote.receipt.line)} is not as your receipt says.`), " Save its proof and receipt, and ask the admin.");
        }
        found += 1;
      }
      const all = found === 1 ? "Your vote is" : `All ${figure(found)} votes are`;
      this.view.say("[data-checked]", make("b", {}, `${all} in release ${release.number}.`), " Each commits to what your receipt says. To check without this site, save a proof and a receipt below.");
    });
  }

  /** Save what the arena answered to a vote. */
  receipt(vote) {
    save(`receipt-${vote.vote_id}.json`, vote.receipt);
  }

  async proof(release, vote) {
    await this.#trying(async () => save(`proof-${vote.vote_id}.json`, (await this.#proof(release, vote)).proof));
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

  #proof(release, vote) {
    return api.ask("GET", `/exports/${encodeURIComponent(release.release_id)}/proofs/${encodeURIComponent(vote.vote_id)}`, { deadline: PATIENCE });
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
        note.textContent = error.message;
      } finally {
        busy = false;
      }
    });
  }

  async #trying(does) {
    try {
      this.view.say("[data-trouble]");
      await does();
    } catch (error) {
      if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
      this.view.say("[data-trouble]", error.message);
    }
  }
}

/** Hand a document to the browser to save. */
function save(name, document_) {
  const address = URL.createObjectURL(new Blob([`${JSON.stringify(document_, null, 2)}\n`], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
