/* Building a release from the data page: it is started, followed until it is made or has failed, or stopped. */

import * as api from "/static/api.js";
import * as asking from "/static/data/asking.js";
import { say } from "/static/words.js";

const POLL = 400; // milliseconds between two questions how far a release is

export class Building {
  constructor(page) {
    this.page = page;
  }

  /** Take in the list of releases; one that is being built is followed. */
  list(list, change) {
    const numbers = list.map((one) => one.number ?? 0);
    this.page.set({ ...change, list, number: Math.max(0, ...numbers) + 1 });
    const building = list.find((one) => one.state === "building");
    if (building && !this.page.state.building) this.#follow(building);
  }

  /** Ask no more. */
  forget() {
    clearTimeout(this.polling);
  }

  async start() {
    const { page } = this;
    page.set({ failed: "", trouble: "", made: "" });
    try {
      this.#follow(await asking.build(page.state.select, page.state.format));
      page.view.focus("[data-stop]");
    } catch (error) {
      if (asking.refused(error)) page.troubled(error);
      else page.set({ failed: error instanceof api.Silence ? `${error.message} ${say("It may be building all the same: reload the page to see.")}` : error.message });
    }
  }

  async stop() {
    const { page } = this;
    if (page.state.stopping) return;
    page.set({ stopping: true });
    try {
      await asking.stop(page.state.building.release_id);
    } catch (error) {
      if (error instanceof api.Refusal && error.status === 409) return; // it was done before
      page.set({ stopping: false });
      page.troubled(error);
    }
  }

  /** Take in how far a release is, and ask again until it is made or has failed. */
  #follow(status) {
    if (status.state === "building") {
      this.page.set({ building: status, lost: false });
      this.polling = setTimeout(() => this.#poll(status.release_id), POLL);
    } else this.#ended(status);
  }

  async #poll(id) {
    const { page } = this;
    try {
      const status = await asking.release(id);
      if (page.state.building?.release_id === id) this.#follow(status);
    } catch (error) {
      if (page.state.building?.release_id !== id) return; // the token was forgotten meanwhile
      if (!(error instanceof api.Silence)) {
        page.set({ building: null, stopping: false });
        return void page.troubled(error);
      }
      page.set({ lost: true });
      this.polling = setTimeout(() => this.#poll(id), 5 * POLL);
    }
  }

  async #ended(status) {
    const { page } = this;
    const failed = status.state === "failed" ? status.problem : "";
    try {
      const [list, promised] = [await asking.releases(), await asking.promised()];
      const inside = page.view.one("[data-building]").contains(document.activeElement);
      this.list(list, { promised, building: null, stopping: false, lost: false, failed, made: failed ? "" : status.release_id });
      if (inside && failed) page.view.focus("[data-build]");
      else if (inside) page.view.releases.focus(status.release_id);
    } catch (error) {
      page.set({ building: null, stopping: false, failed });
      page.troubled(error);
    }
  }
}
