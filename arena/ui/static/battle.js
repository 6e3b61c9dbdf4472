/* The battle page: what happens when. State in battle/state.js, drawing in battle/view.js. */

import * as api from "/static/api.js";
import * as states from "/static/battle/state.js";
import { listen } from "/static/battle/listening.js";
import * as places from "/static/battle/places.js";
import { Stream } from "/static/battle/stream.js";
import { View } from "/static/battle/view.js";
import * as votes from "/static/battle/vote.js";
import { say } from "/static/words.js";

const NOTICE_NAMES = 700; // milliseconds in which a second Enter does not leave the names
const READ_CAUSE = 4_000; // milliseconds in which the cause of a void battle can be read before the page goes on

/** Bring the page to life inside the element Gradio made for it. */
export function mount(element) {
  const page = new Battle(element.querySelector(".battle"), element);
  page.resume();
  return page;
}

export class Battle {
  constructor(root, element) {
    this.state = states.initial();
    this.view = new View(root);
    this.stream = null;
    this.clock = null; // counts the seconds of a battle that has not begun
    this.arrival = 0; // rises whenever the page comes to stand somewhere else; what was asked before is not shown then
    this.settings = { keys: true, at_once: false };
    this.settingsKey = null;
    this.campaign = "default";
    this.revealedAt = -Infinity;
    listen(this, element);
    this.view.draw(this.state);
  }

  /** Keep a personal setting for this rater. */
  setting(name, value) {
    this.settings[name] = value;
    if (this.settingsKey) localStorage.setItem(this.settingsKey, JSON.stringify(this.settings));
  }

  set(change) {
    Object.assign(this.state, change);
    this.view.draw(this.state);
  }

  // ---- where the page stands

  /** Go on where the rater left off: the place in the address, else an unfinished battle, else a fresh prompt. */
  async resume() {
    this.identify();
    addEventListener("popstate", () => this.#arrive(false));
    await this.#arrive(true);
  }

  /** Show what the address names. `first`: the page has just been loaded. */
  async #arrive(first) {
    this.#leave();
    const arrival = this.arrival;
    const [name, id] = places.current();
    try {
      const battle = id ? await api.battle(id) : first ? await this.unfinished() : null;
      if (id && this.elsewhere(battle)) return;
      if (battle) await this.view.read();
      if (arrival !== this.arrival) return;
      if (battle && (id || ["open", "ready"].includes(battle.state))) {
        this.show(battle, first || name === "follow");
        return name === "follow" ? this.follow(true) : undefined;
      }
    } catch (error) {
      if (arrival !== this.arrival) return;
      if (error instanceof api.Silence) return void setTimeout(() => arrival === this.arrival && this.#arrive(first), 2_000);
    }
    this.compose(places.kept().prompt ?? this.drafted(), true);
  }

  /** The rater's newest battle here, or null. */
  async unfinished() {
    const battle = await api.latest();
    return battle && this.isHere(battle) ? battle : null;
  }

  /** Whether a battle is of the campaign of this page. */
  isHere = ({ campaign }) => !campaign || campaign === this.campaign;

  /** Go to the page of another campaign where a battle is one of its. */
  elsewhere(battle) {
    const { campaign, battle_id, state } = battle;
    if (this.isHere(battle) || !["open", "ready"].includes(state)) return false;
    location.replace(`${api.HERE}${places.page(campaign)}?battle=${encodeURIComponent(battle_id)}`);
    return true;
  }

  /** Nothing that was under way goes on once the page stands somewhere else. */
  #leave() {
    this.arrival += 1;
    this.stream?.close();
    clearInterval(this.clock);
  }

  /** How many votes this rater has, and how many items wait for them. */
  async count({ votes, tasks }) {
    return { votes, tasks };
  }

  /** Whether nothing can be asked here while campaigns have items: then the page of open work is where to be. */
  async isIdle({ role, can_compare: able, tasks }) {
    if (able || tasks !== null || role !== "rater" || this.campaign !== "default" || location.search) return false;
    return (await api.every("/me/work", "work")).some(({ kind }) => kind === "tasks");
  }

  async identify() {
    try {
      const me = await api.me();
      if (await this.isIdle(me)) return location.replace(`${api.HERE}/work`);
      this.settingsKey = `arena.settings.${me.id}`;
      Object.assign(this.settings, JSON.parse(localStorage.getItem(this.settingsKey) || "{}"));
      for (const box of document.querySelectorAll("[data-setting]")) box.checked = this.settings[box.dataset.setting];
      this.set({ ...(await this.count(me)), withdrawn: me.withdrawn, comparable: me.can_compare });
      const has = document.activeElement; // whoever has gone on meanwhile keeps the focus
      const free = has === document.body || !has.checkVisibility();
      if (free && this.state.tasks !== null && this.state.screen === "compose") this.view.focus("[data-begin]");
    } catch {
      setTimeout(() => this.identify(), 5_000);
    }
  }

  /** Show a battle as the arena has it; `instead` of what the page showed, for Back. */
  show(battle, instead = false) {
    this.#leave();
    places.enter("battle", battle.battle_id, instead);
    const first = battle.opens_first || "a";
    this.set({
      ...states.freshBallot(), battle, text: { a: battle.text_a || "", b: battle.text_b || "" }, lost: false,
      seen: { a: first === "a", b: first === "b" }, heard: states.heard(battle), show: first, sending: false,
      waiting: false, opening: false, refused: "", reveal: null, stopping: false, unstopped: false, waited: 0,
      thinking: false, screen: "waiting",
    });
    if (battle.state === "open") this.#write(battle);
    else if (battle.state === "ready") this.ready();
    else if (battle.state === "voted") this.reveal(battle);
    else this.voided(battle);
    this.view.giveRoom();
  }

  #write(battle) {
    const begun = places.kept().begun ?? Date.now();
    places.keep({ begun });
    if (battle.text_a || battle.text_b) this.set({ screen: "streaming" });
    this.stream = new Stream(battle.battle_id, (what, told) => this.told(what, told));
    this.clock = setInterval(() => {
      if (this.state.screen === "waiting") this.set({ waited: Math.floor((Date.now() - begun) / 1_000) });
      else clearInterval(this.clock);
    }, 1_000);
  }

  /** What the stream says. */
  told(what, told) {
    if (what === "text") {
      this.set({ text: told, lost: false, screen: told.a || told.b ? "streaming" : this.state.screen });
    } else if (what === "thinking") this.set({ thinking: true, lost: false });
    else if (what === "lost") this.set({ lost: true });
    else if (what === "void") this.voided(told);
    else if (what === "gone") this.compose(this.state.battle.prompt, true);
    else if (told.state === "voted") this.show(told); // in another tab
    else {
      const battle = { ...this.state.battle, ...told };
      this.set({ battle, text: { a: told.text_a, b: told.text_b }, heard: states.heard(battle), lost: false });
      this.ready();
    }
  }

  /** Both answers are there. A vote that was kept for this battle is taken up again. */
  ready() {
    const before = votes.kept(this.state.battle.battle_id);
    this.set({ screen: "ready", stopping: false });
    if (!before) return;
    this.set({ ...states.fromBallot(this.state, before.ballot), seen: { a: true, b: true }, heard: { a: true, b: true }, screen: "chosen" });
    this.record();
  }

  /** The battle counts for nobody. Where the arena opened another on the same prompt, the page goes on to it. */
  voided({ cause, next }) {
    this.#leave();
    this.set({ screen: "void", cause: cause || "model", next: next || null, stopping: false });
    this.view.focus("[data-void-heading]");
    const arrival = this.arrival;
    if (next) setTimeout(() => arrival === this.arrival && this.goOn(), READ_CAUSE);
  }

  /** On to the battle that the arena opened in place of a void one. */
  async goOn() {
    const { next } = this.state;
    const arrival = (this.arrival += 1);
    try {
      const battle = await api.battle(next);
      if (arrival !== this.arrival) return;
      this.show(battle, true); // Back does not lead to a battle that leads here again
      this.view.focus("[data-prompt]");
    } catch (error) {
      if (arrival !== this.arrival) return;
      if (error instanceof api.Silence) return void setTimeout(() => arrival === this.arrival && this.goOn(), 2_000);
      this.set({ next: null }); // it is gone; the prompt is still here
    }
  }

  // ---- asking

  compose(prompt = "", instead = false) {
    this.#leave();
    places.enter(null, null, instead);
    this.draft(prompt);
    this.set({
      screen: "compose", battle: null, follows: null, refused: "", opening: false, waiting: false, next: null,
    });
    this.view.focus(this.state.tasks === null ? "#pr" : "[data-begin]");
  }

  /** The id of the item that this rater has, or of the next one. */
  given() {
    return api.task(this.campaign);
  }

  /** The item that this rater has, or the next one. Where there is none, the page says why. */
  async task() {
    if (this.state.opening) return;
    this.set({ opening: true, refused: "" });
    const arrival = this.arrival;
    try {
      const [battle] = await Promise.all([this.given().then(api.battle), this.view.read()]);
      if (arrival !== this.arrival) return;
      this.show(battle.state === "ready" ? { ...battle, state: "open", text_a: "", text_b: "" } : battle);
      this.view.focus("[data-prompt]");
    } catch (error) {
      if (arrival !== this.arrival) return;
      if (!(error instanceof api.Refusal && error.status === 409)) return this.set({ opening: false, refused: error.message });
      if (error.code === "consent") return location.assign(`${api.HERE}/campaigns/${this.campaign}`); // it is asked for there
      this.set({ tasks: 0, none: error.message });
      this.compose("");
    }
  }

  /** Open a dialog: the guidelines, the keys, why an item is skipped, or what is wrong with it. */
  ask(name) {
    document.querySelector(`#${name}`).showModal();
  }

  /** Give the item back, and go on to the next. */
  skip(reason) {
    return this.#part(() => api.skip(this.state.battle.battle_id, reason));
  }

  /** Report the item, and go on to the next. */
  report(kind, reason) {
    return this.#part(() => api.report(this.state.battle.battle_id, kind, reason));
  }

  async #part(leave) {
    const { battle } = this.state;
    try {
      await leave();
    } catch (error) {
      if (this.state.battle === battle) this.set({ refused: error.message });
      return;
    }
    votes.drop(battle.battle_id);
    if (this.state.battle?.battle_id === battle.battle_id) this.task();
  }

  /** Another prompt, or the next item. What is being written for this one is let go. */
  another() {
    if (this.state.tasks !== null) return this.task();
    const { battle, screen, next } = this.state;
    if (states.WRITING.includes(screen)) letGo(battle.battle_id);
    if (screen === "void" && next) letGo(next);
    this.compose("");
  }

  /** The prompt of a void battle, to be written differently. */
  reword() {
    this.compose(this.state.battle.prompt);
  }

  /** Stop both answers. */
  async stop() {
    const { battle, stopping, screen } = this.state;
    if (stopping || !states.WRITING.includes(screen)) return;
    this.set({ stopping: true, unstopped: false });
    let now;
    try {
      await api.stop(battle.battle_id);
      now = await api.battle(battle.battle_id);
    } catch {
      if (this.state.battle === battle) this.set({ stopping: false, unstopped: true });
      return;
    }
    if (this.state.battle?.battle_id === battle.battle_id && this.state.screen !== "void") this.show(now);
  }

  /** Ask a follow-up; `again` when the page comes back to one that was being written. */
  follow(again = false) {
    const { battle, text, reveal } = this.state;
    if (states.isTask(battle)) return; // nobody goes on from an answer that was there before
    if (!reveal || reveal.winner === "both_bad") return;
    places.enter("follow", battle.battle_id, again);
    this.draft(again ? places.kept().prompt ?? this.drafted() : "");
    this.set({ screen: "follow", follows: { battle, text, winner: reveal.winner }, refused: "", opening: false });
    this.view.focus("#pr");
  }

  /** Start a battle from the prompt box. */
  start() {
    const prompt = this.view.one("#pr").value;
    if (!prompt.trim()) return this.view.focus("#pr");
    return this.open(prompt, this.state.follows?.battle.battle_id);
  }

  /** The same prompt to a new pair. */
  again() {
    if (states.isTask(this.state.battle)) return this.task();
    return this.open(this.state.battle.prompt, this.state.battle.continues);
  }

  async open(prompt, continues) {
    if (this.state.opening) return;
    this.set({ opening: true, refused: "" });
    const arrival = this.arrival;
    try {
      const id = await api.open(prompt, continues, this.campaign);
      const [battle] = await Promise.all([this.#found(id, prompt, continues), this.view.read()]);
      if (arrival !== this.arrival) return letGo(id); // the rater went elsewhere meanwhile
      if (["compose", "follow"].includes(this.state.screen)) places.keep({ prompt });
      this.draft("");
      this.show(battle);
      this.view.focus("[data-prompt]");
    } catch (error) {
      if (arrival !== this.arrival) return;
      const detail = error instanceof api.Refusal ? error.message : `${error.message} ${say("Your prompt is kept; try again.")}`;
      this.set({ opening: false, refused: detail });
    }
  }

  /** The battle just opened; when it cannot be read back at once its stream still can. */
  async #found(id, prompt, continues) {
    try {
      return await api.battle(id);
    } catch {
      return { battle_id: id, prompt, continues, turn: 1, history: [], state: "open", text_a: "", text_b: "" };
    }
  }

  /** Put a text into the prompt box. */
  draft(text) {
    this.view.one("#pr").value = text;
    this.keepDraft();
  }

  /** A prompt that is being written survives a reload. */
  keepDraft() {
    sessionStorage.setItem("arena.draft", this.view.one("#pr").value);
    this.view.counted();
  }

  drafted() {
    return sessionStorage.getItem("arena.draft") || "";
  }

  // ---- voting

  choose(outcome) {
    if (states.lock(this.state, this.view.narrow) || this.state.sending) return;
    const decided = states.OUTCOMES[outcome].side;
    const editing = this.state.editing && decided === states.side(this.state);
    this.set({ screen: "chosen", choice: outcome, strength: decided ? this.state.strength : null, editing });
    if (this.state.waiting || this.settings.at_once) this.record();
  }

  clear() {
    votes.drop(this.state.battle.battle_id);
    this.set({ ...states.freshBallot(), screen: "ready", waiting: false });
  }

  criterion(name, winner) {
    this.set({ criteria: { ...this.state.criteria, [name]: winner } });
  }

  strength(value) {
    if (states.side(this.state)) this.set({ strength: value });
  }

  reason() {
    this.set({ more: true });
    this.view.focus("#why");
  }

  edit() {
    const chosen = states.side(this.state);
    if (!chosen) return;
    if (this.state.editing) {
      const { [chosen]: dropped, ...edits } = this.state.edits;
      return this.set({ editing: false, edits });
    }
    const show = this.state.show === "both" ? "both" : chosen;
    // on a phone the details close, so that there is room to write
    this.set({ editing: true, more: !this.view.narrow, show, edits: { ...this.state.edits, [chosen]: this.state.text[chosen] } });
    this.view.focus(`#edit-${chosen}`);
  }

  /** Keep the vote in this browser, then send it. */
  async record() {
    const { battle, choice, sending } = this.state;
    if (!choice || sending) return;
    const entry = votes.keep(battle.battle_id, states.ballot(this.state));
    if (!navigator.onLine) return this.set({ screen: "chosen", waiting: true });
    this.set({ sending: true, waiting: false });
    try {
      const reveal = await votes.send(battle.battle_id, entry);
      if (this.state.battle !== battle) return;
      this.reveal(reveal, true);
    } catch (error) {
      if (this.state.battle === battle) await this.#unsaved(battle, error);
    }
  }

  async #unsaved(battle, error) {
    if (error instanceof api.Silence && !navigator.onLine) return this.set({ sending: false, waiting: true });
    if (error instanceof api.Refusal && error.status === 409) {
      try {
        const now = await api.battle(battle.battle_id);
        if (now.state === "voted" || now.state === "void") return this.show(now); // another tab was faster
      } catch {
        // what the arena said stands below
      }
    }
    const why = error instanceof api.Silence ? say("The arena did not reply within 10 seconds.") : error.message;
    if (error instanceof api.Refusal && error.status < 500) votes.drop(battle.battle_id); // certainly not recorded
    this.set({ screen: "error", sending: false, failure: `${say("Your vote was not saved.")} ${why}` });
    this.view.focus("[data-error-heading]");
  }

  /** The vote is durable: names and receipt. */
  reveal(reveal, fresh = false) {
    votes.drop(this.state.battle.battle_id);
    this.revealedAt = performance.now();
    this.set({
      screen: "revealed", reveal, choice: reveal.winner, editing: false, sending: false, waiting: false,
      votes: this.state.votes + (fresh ? 1 : 0),
    });
    this.view.focus("[data-receipt]");
    api.me().then((me) => this.count(me)).then((counted) => this.set(counted), () => {}); // else the number counted here stands
  }

  resend() {
    this.set({ screen: "chosen" });
    this.record();
  }

  back() {
    this.set({ screen: "chosen" });
    this.view.focus("[data-prompt]");
  }

  // ---- hands

  /** Play, pause or step through what plays in the answers. */
  media(what) {
    this.view.gallery?.act(what);
  }

  jump(letter) {
    this.look(letter);
    this.view.focus(`#ans-${letter} [data-text]`);
  }

  /** Which answers are shown, where there is room for one. */
  look(what) {
    const seen = { a: this.state.seen.a || what !== "b", b: this.state.seen.b || what !== "a" };
    this.set({ show: what, seen });
  }

  /** Do what a key or a button asks for. */
  act(name, argument) {
    if (["compose", "again"].includes(name) && performance.now() - this.revealedAt < NOTICE_NAMES) return;
    if (name === "compose") this.another();
    else if (name === "more") this.set({ more: true });
    else if (name !== "nothing") this[name](argument);
  }
}

/** Stop a battle that nobody waits for any more, so that its place is free. The arena itself lets it go after a while. */
async function letGo(id, attempts = 3) {
  try {
    await api.stop(id);
  } catch (error) {
    if (error instanceof api.Silence && attempts > 1) setTimeout(() => letGo(id, attempts - 1), 1_000);
  }
}
