/* The battle page of one campaign: its items one after the other, or prompts of one's own where it is open. */

import * as api from "/static/api.js";
import { Battle } from "/static/battle.js";
import { Guide } from "/static/battle/guide.js";
import * as places from "/static/battle/places.js";
import { lead, main, pieces } from "/static/page.js";
import { make } from "/static/making.js";
import { say } from "/static/words.js";

class CampaignBattle extends Battle {
  constructor(root, element, work) {
    super(root, element);
    this.campaign = work.campaign;
    this.guide = new Guide(root, element, work);
    this.view.more = (state) => this.guide.draw(state);
    this.begun = false; // whether the rater has pressed Start here
    addEventListener("resize", () => this.view.draw(this.state));
  }

  async resume() {
    await this.view.read();
    const { begun, open } = this.guide.work;
    this.begun = begun && !this.guide.asks;
    this.set(await this.count(await api.me()));
    await super.resume();
    // whoever has begun goes on; what stands in the address, or is unfinished, goes before
    if (this.state.screen === "compose" && this.begun && open && !this.guide.narrow && !places.current()[1]) await this.task();
  }

  async count({ votes, withdrawn }) {
    const mine = await found(this.campaign);
    this.guide.work = { ...mine, withdrawn };
    // an open campaign shows its guidelines like the first item of another; then one writes prompts
    return { votes, tasks: mine.kind === "tasks" ? mine.open : this.begun ? null : 1 };
  }

  async task() {
    if (this.state.opening) return;
    if (this.guide.narrow) return this.compose("");
    if (this.guide.asks && !this.guide.agreed) {
      this.set({ refused: say("Read what you agree to and tick the box; then start.") });
      return this.view.focus("[data-agree]");
    }
    if (this.guide.asks && !(await this.#agree())) return;
    this.begun = true;
    if (this.guide.work.kind === "tasks") return super.task();
    this.set({ tasks: null, refused: "" });
    this.view.focus("#pr");
  }

  /** Record that the rater agrees. Whether it was. */
  async #agree() {
    const { campaign, consent } = this.guide.work;
    try {
      await api.ask("PUT", `/campaigns/${encodeURIComponent(campaign)}/consent`, { body: { consent } });
    } catch (error) {
      if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
      this.set({ refused: error.message });
      return false;
    }
    this.guide.work.agreed = true;
    return true;
  }
}

/** What stands here where the arena says that there is nothing for this rater. */
function refused(error) {
  const work = make("a", { class: "btn", href: "/work" }, say("My work"));
  main.replaceChildren(lead(say("This campaign is not open to you."), error.message, [work]));
}

/** The campaign as this rater finds it now. */
async function found(name) {
  const work = await api.every("/me/work", "work");
  const mine = work.find((one) => one.campaign === name);
  if (!mine) throw new api.Refusal(404, { detail: say("It is closed, or it rests, or there never was one of this name.") });
  return mine;
}

try {
  const work = await found(pieces[1]);
  await new CampaignBattle(main.querySelector(".battle"), main, work).resume();
} catch (error) {
  if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
  refused(error);
}
