/* Pictures, sounds and films of a battle, and the one control that plays both answers.

   Films keep the same frame, and are silent until asked. Of two sounds one plays at a time, both at one common place. */

import { say } from "/static/words.js";

const FRAME = 1 / 24; // seconds
const DRIFT = 2 * FRAME; // how far two films may be apart while they play
const BEHIND_EVERYTHING = 1e9; // seconds; going there tells a browser how long a recording without a length is

export class Gallery {
  #root;
  #heard;
  #key = null;
  #bar;
  #players = {}; // by the letter of their answer
  #lead = null;

  /** `heard` is called with "a" or "b" once that sound was played to its end. */
  constructor(root, heard) {
    this.#root = root;
    this.#heard = heard;
    this.#bar = root.querySelector("[data-transport]");
    this.#one("[data-play]").addEventListener("click", () => this.act("play"));
    this.#one("[data-place]").addEventListener("input", (event) => this.#go(Number(event.target.value)));
    this.#one("[data-slow]").addEventListener("change", (event) => this.#every((player) => (player.playbackRate = event.target.checked ? 0.5 : 1)));
    for (const button of this.#bar.querySelectorAll("[data-step]")) button.addEventListener("click", () => this.#step(Number(button.dataset.step)));
    for (const button of this.#bar.querySelectorAll("[data-hear]")) button.addEventListener("click", () => this.act(button.dataset.hear));
  }

  /** Show what belongs to a battle; null for a page without one. */
  show(battle) {
    const key = battle?.battle_id ?? null;
    if (key === this.#key) return;
    this.#key = key;
    this.#every((player) => player.pause());
    this.#players = {};
    this.#lead = null;
    this.#fill("[data-asked]", battle?.media, say("Picture of the prompt"));
    for (const letter of ["a", "b"]) {
      const [player] = this.#fill(`#ans-${letter} [data-media]`, battle?.[`media_${letter}`], letter === "a" ? say("Answer A") : say("Answer B"));
      if (player) this.#play(letter, player);
    }
    this.#bar.hidden = !this.#lead;
    this.#bar.dataset.kind = this.#lead?.localName ?? "";
    this.#draw();
  }

  /** What a key or a button asks for: play, back, forward, or to hear a or b. */
  act(what) {
    if (!this.#lead) return;
    if (what === "back" || what === "forward") this.#step(what === "back" ? -1 : 1);
    else if (what === "play") this.#toggle();
    else if (this.#players[what]) this.#hear(what);
  }

  #one(selector) {
    return this.#bar.querySelector(selector);
  }

  #every(work) {
    for (const player of Object.values(this.#players)) work(player);
  }

  /** Elements for media in a place of the page; those that play. */
  #fill(selector, media = [], name) {
    const elements = media.map((one) => element(one, name));
    const place = this.#root.querySelector(selector);
    place.replaceChildren(...elements);
    if (elements.some((one) => one.localName === "audio")) place.append(heard(say("Not heard to its end yet")));
    return elements.filter((one) => one.localName !== "img");
  }

  #play(letter, player) {
    this.#players[letter] = player;
    this.#lead ??= player;
    player.addEventListener("loadedmetadata", () => measure(player));
    for (const change of ["durationchange", "seeked", "play", "pause", "timeupdate"]) player.addEventListener(change, () => this.#draw());
    player.addEventListener("ended", () => this.#ended(letter, player));
  }

  get #sounds() {
    return this.#lead.localName === "audio";
  }

  get #length() {
    const lengths = Object.values(this.#players).map((player) => player.duration);
    return Math.max(0, ...lengths.filter(Number.isFinite));
  }

  #toggle() {
    if (!this.#lead.paused) return this.#every((player) => player.pause());
    if (this.#lead.currentTime >= this.#length - FRAME / 2) this.#go(0);
    this.#start();
  }

  #start() {
    const playing = this.#sounds ? [this.#lead] : Object.values(this.#players);
    for (const player of playing) player.play().catch(() => {}); // one that cannot be played shows its own fault
    this.#follow();
  }

  /** The other sound from the same place on. */
  #hear(letter) {
    const at = this.#lead.currentTime;
    this.#every((player) => player.pause());
    this.#lead = this.#players[letter];
    this.#lead.currentTime = at >= (this.#lead.duration || 0) - FRAME ? 0 : at;
    this.#start();
    this.#draw();
  }

  #step(frames) {
    this.#every((player) => player.pause());
    this.#go(this.#lead.currentTime + frames * FRAME);
  }

  /** Both to one place. */
  #go(at) {
    const place = Math.min(Math.max(0, at), this.#length);
    this.#every((player) => (player.currentTime = Math.min(place, player.duration || place)));
  }

  #ended(letter, player) {
    if (player.localName === "audio") {
      player.nextElementSibling.replaceWith(heard(say("Heard to its end")));
      this.#heard(letter);
    } else if (player === this.#lead && this.#one("[data-loop]").checked) {
      this.#go(0);
      this.#start();
    }
    this.#draw();
  }

  /** While films play, one keeps up with the other. */
  #follow = () => {
    if (!this.#lead || this.#lead.paused) return;
    this.#every((player) => {
      if (!this.#sounds && Math.abs(player.currentTime - this.#lead.currentTime) > DRIFT) player.currentTime = this.#lead.currentTime;
    });
    this.#draw();
    requestAnimationFrame(this.#follow);
  };

  #draw() {
    if (!this.#lead) return;
    const place = this.#one("[data-place]");
    place.max = this.#length || 1;
    place.value = this.#lead.currentTime;
    place.setAttribute("aria-valuetext", say("{at} of {length}", { at: clock(this.#lead.currentTime), length: clock(this.#length) }));
    this.#one("[data-at]").textContent = clock(this.#lead.currentTime);
    this.#one("[data-length]").textContent = clock(this.#length);
    this.#one("[data-play]").firstChild.data = `${this.#lead.paused ? (this.#sounds ? say("Play") : say("Play both")) : this.#sounds ? say("Pause") : say("Pause both")} `;
    for (const button of this.#bar.querySelectorAll("[data-hear]")) {
      button.setAttribute("aria-pressed", this.#players[button.dataset.hear] === this.#lead && !this.#lead.paused);
    }
  }
}

function element({ kind, url }, name) {
  const made = document.createElement({ image: "img", audio: "audio", video: "video" }[kind]);
  made.src = url;
  if (kind === "image") made.alt = name;
  else {
    made.preload = "auto";
    made.setAttribute("aria-label", name);
  }
  if (kind === "video") Object.assign(made, { muted: true, playsInline: true });
  return made;
}

/** What stands in the place of a sound, which nobody can see. */
function heard(words) {
  const line = document.createElement("p");
  line.className = "sound mute";
  line.textContent = words;
  return line;
}

/** Learn how long a recording is that does not say it. */
function measure(player) {
  if (Number.isFinite(player.duration)) return;
  player.addEventListener("durationchange", () => (player.currentTime = 0), { once: true });
  player.currentTime = BEHIND_EVERYTHING;
}

function clock(seconds) {
  const tenths = Math.floor((seconds || 0) * 10);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
}
