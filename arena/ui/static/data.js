/* The data page: what happens when. Drawing in data/view.js, building in data/building.js, the API in
   data/asking.js. */

import * as api from "/static/api.js";
import * as asking from "/static/data/asking.js";
import { Building } from "/static/data/building.js";
import * as languages from "/static/data/languages.js";
import { listen } from "/static/data/listening.js";
import * as selections from "/static/data/selection.js";
import { View } from "/static/data/view.js";
import { say } from "/static/words.js";

const STILL = 250; // milliseconds without a change before votes are counted again

/** Bring the page to life inside the element Gradio made for it. */
export function mount(element) {
  const page = new Data(element.querySelector(".data-page"));
  page.begin();
  return page;
}

/** What the page knows before it has asked anything. */
function initial() {
  return {
    screen: "loading", refused: "", entering: false, trouble: "", unwelcome: false, role: "",
    ...selections.read(location.search), promised: { select: {}, releases: [] },
    seed: 0, counts: null, counting: false, uncounted: "", pairs: null, looking: false,
    stored: [], list: [], number: 1, key: "", building: null, stopping: false, lost: false, failed: "", made: "",
  };
}

class Data {
  constructor(root) {
    this.state = initial();
    this.view = new View(root, this);
    this.building = new Building(this);
    this.asked = 0; // changes of the selection so far
    this.busy = false;
    listen(this);
    this.view.draw(this.state);
  }

  set(change) {
    Object.assign(this.state, change);
    this.view.draw(this.state);
  }

  // ---- the token

  async begin() {
    await asking.recognise();
    if (asking.known()) return this.enter();
    this.set({ screen: "token" });
    this.view.focus("[data-token]");
  }

  /** Try the token this tab holds, or the session. */
  async enter(fresh = false) {
    this.set({ entering: true, refused: "" });
    try {
      const [list, key, me] = [await asking.releases(), await asking.key(), await asking.me()];
      const [stored, promised] = [(await asking.selections()).filter((one) => one.select), await asking.promised()];
      const select = selections.keeping(promised, this.state.select);
      this.building.list(list, { screen: "open", entering: false, role: me.role, account: asking.signedIn(), key: key.key, stored, promised, select });
      if (fresh) this.view.focus("[data-statement]");
      this.changed();
    } catch (error) {
      this.set({ entering: false });
      this.troubled(error);
    }
  }

  /** Take a token that was typed. */
  offer(token) {
    if (!token) {
      this.set({ refused: say("Nothing was entered. Paste a token first.") });
      return this.view.focus("[data-token]");
    }
    if (!asking.sayable(token)) return this.set({ refused: say("This is no token: one is a row of letters and figures without spaces.") });
    asking.keep(token);
    return this.enter(true);
  }

  forget(why = "") {
    asking.forget();
    this.view.one("[data-token]").value = "";
    this.#leave({ screen: "token", refused: why });
    this.view.focus("[data-token]");
  }

  /** Show nothing of the workspace any more, but keep what was selected. */
  #leave(change) {
    clearTimeout(this.waiting);
    this.building.forget();
    this.asked += 1; // what is still on its way is not looked at
    const { select, format } = this.state;
    this.set({ ...initial(), select, format, ...change });
  }

  /** The arena refused the token: go on as the account that is signed in, or ask for another token. */
  async #withoutToken(error) {
    asking.forget();
    await asking.recognise();
    if (!asking.known()) return this.forget(say("The arena refused this token. {problem}", { problem: error.message }));
    this.#leave({});
    return this.enter();
  }

  /** The arena refused whoever is signed in: the session has ended, or the account may not do this. */
  async #unwelcome(error) {
    const told = { trouble: error.message, unwelcome: true };
    await asking.recognise();
    if (asking.known() && this.state.screen === "open") return this.set(told);
    asking.forget();
    this.#leave({ screen: "refused", ...told });
    return this.view.focus("[data-statement]");
  }

  /** Say why something could not be done. */
  troubled(error) {
    if (asking.refused(error)) return asking.signedIn() ? this.#unwelcome(error) : this.#withoutToken(error);
    if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
    if (this.state.screen === "open") {
      const next = error instanceof api.Silence ? say("What you see is from before; change something or reload the page to ask again.") : "";
      return this.set({ trouble: [error.message, next].filter(Boolean).join(" "), unwelcome: false });
    }
    return this.set({ screen: "token", refused: `${error.message} ${say("Your token is kept; try again.")}` });
  }

  // ---- selecting and looking

  /** A person changed the selection. */
  choose(select) {
    this.set({ select, trouble: "", failed: "", made: "" });
    this.changed();
  }

  /** Take a selection as it was written down, with what releases have promised since. */
  take(select) {
    this.choose(selections.keeping(this.state.promised, select));
  }

  /** Take a selection and a format that made a release before. */
  again(select, format) {
    this.set({ format });
    this.take(select);
    this.view.focus("#select-heading");
  }

  /** Count and draw again, once nothing has changed for a moment. */
  changed() {
    history.replaceState(history.state, "", location.pathname + selections.write(this.state.select, this.state.format));
    this.asked += 1;
    this.set({ counting: true });
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.refresh(), this.state.counts ? STILL : 0);
  }

  /** Ask once at a time; a change in between is asked about afterwards. */
  async refresh() {
    if (this.busy) return;
    this.busy = true;
    try {
      for (let asked = -1; asked !== this.asked && asking.known(); ) {
        asked = this.asked;
        await this.#ask(() => asked === this.asked);
      }
    } finally {
      this.busy = false;
    }
  }

  async #ask(current) {
    const { select, format } = this.state;
    try {
      const counts = await asking.counts(select, format, false);
      if (!current()) return;
      this.set({ counts, counting: false, uncounted: "" });
      languages.find(this);
      await this.look(current);
    } catch (error) {
      if (!current()) return;
      if (!(error instanceof api.Refusal) || asking.refused(error)) {
        this.set({ counting: false });
        return void this.troubled(error);
      }
      this.set({ counts: null, pairs: null, counting: false, uncounted: error.message });
    }
  }

  async look(current = () => true) {
    const { select, format, seed } = this.state;
    this.set({ looking: true });
    try {
      const { pairs } = await asking.preview(select, format, seed);
      if (current()) this.set({ pairs });
    } finally {
      this.set({ looking: false });
    }
  }

  async others() {
    const asked = this.asked;
    this.set({ seed: this.state.seed + 1 });
    try {
      await this.look(() => asked === this.asked);
    } catch (error) {
      this.troubled(error);
    }
  }

  /** Take another format. */
  format(name) {
    this.set({ format: name, failed: "", made: "" });
    this.changed();
  }
}
