/* One battle's stream: read, lost, found again.

   The arena replays a stream from its start, so after a lost connection the text collected again replaces what is
   shown only once it is as long: nothing flickers, and nothing is missed. */

import * as api from "/static/api.js";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5_000;

export class Stream {
  #id;
  #told;
  #source = null;
  #timer = null;
  #pause = FIRST_PAUSE;
  #shown = { a: "", b: "" };

  /** `told` is called with ("text", {a, b}), ("thinking"), ("done", battle), ("void", {cause, next}), ("lost") or ("gone"). */
  constructor(id, told) {
    this.#id = id;
    this.#told = told;
    this.#open();
    addEventListener("online", this.#again);
  }

  close() {
    removeEventListener("online", this.#again);
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #open() {
    clearTimeout(this.#timer);
    this.#source?.close();
    const source = new EventSource(api.stream(this.#id));
    const text = { a: "", b: "" };
    this.#source = source;
    source.addEventListener("start", () => {
      this.#pause = FIRST_PAUSE;
      text.a = text.b = "";
    });
    source.addEventListener("delta", (event) => {
      const delta = JSON.parse(event.data);
      for (const side of ["a", "b"]) {
        text[side] += delta[side] || "";
        if (text[side].length >= this.#shown[side].length) this.#shown[side] = text[side];
      }
      this.#told("text", { ...this.#shown });
    });
    source.addEventListener("thinking", () => this.#told("thinking"));
    source.addEventListener("done", () => this.#finish());
    source.addEventListener("void", (event) => this.#end("void", JSON.parse(event.data)));
    source.addEventListener("error", () => this.#lost(source));
  }

  #lost(source) {
    if (source !== this.#source) return;
    source.close();
    this.#told("lost");
    this.#later(this.#again);
  }

  #later(what) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(what, this.#pause);
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }

  #again = async () => {
    if (!this.#source) return; // closed
    const source = this.#source;
    try {
      const battle = await api.battle(this.#id);
      if (source !== this.#source) return;
      if (battle.state === "void") this.#end("void", battle);
      else if (battle.state === "open") this.#open();
      else this.#end("done", battle);
    } catch (error) {
      if (source !== this.#source) return;
      if (error instanceof api.Refusal && error.status === 404) this.#end("gone");
      else this.#later(this.#again);
    }
  };

  /** `done` says both are stored; what is stored is what is shown. */
  #finish() {
    this.#source.close();
    this.#again();
  }

  #end(what, battle) {
    this.close();
    this.#told(what, battle);
  }
}
