/* Draws the state into the page. Everything on the page follows from the state; nothing is read back from it. */

import * as states from "/static/battle/state.js";
import { figure, plural, say, sayWith } from "/static/words.js";

const RULED = `<p class="vh">${say("Waiting")}</p><div class="wait w1"></div><div class="wait w2"></div><div class="wait w3"></div><div class="wait w4"></div>`;
const SETTLING = 1_500; // milliseconds in which the layout of a page may still move, unless a hand has moved it
const READING = [...states.WRITING, "ready", "chosen", "revealed"];
const narrowly = matchMedia("(max-width: 720px)");

export class View {
  constructor(root) {
    this.root = root;
    this.one = (selector) => root.querySelector(selector);
    this.all = (selector) => [...root.querySelectorAll(selector)];
    this.Writer = null; // how answers are drawn: a third of the page's weight, fetched when the first prompt is written
    this.reading = null;
    this.writers = null;
    this.announced = "";
    this.hint = "";
    this.meaning = ""; // of the vote that a hand or the focus is on
    this.history = null;
    this.gallery = null; // what shows pictures, sounds and films: fetched with the first
    this.fetching = false;
    this.more = () => {}; // draws what a campaign adds, once everything else is drawn
    this.heard = () => {}; // told the letter of a sound that was heard to its end
  }

  /** Whether one answer is shown at a time. */
  get narrow() {
    return narrowly.matches;
  }

  onNarrow(changed) {
    narrowly.addEventListener("change", changed);
  }

  /** Fetch what draws answers; no battle is shown before it is there. Asked again and again until the arena answers. */
  read() {
    return (this.reading ??= this.#fetch());
  }

  async #fetch() {
    while (!this.Writer) {
      try {
        ({ Writer: this.Writer } = await import("/static/battle/writer.js"));
      } catch {
        await new Promise((again) => setTimeout(again, 2_000));
      }
    }
    const writer = (letter) => new this.Writer(this.one(`#ans-${letter} [data-text]`), this.one(`#ans-${letter} [data-written]`));
    this.writers = { a: writer("a"), b: writer("b") };
  }

  draw(state) {
    this.root.dataset.state = state.screen;
    this.root.toggleAttribute("data-tasks", state.tasks !== null || states.isTask(state.battle));
    this.root.toggleAttribute("data-offline", state.waiting || !navigator.onLine);
    const composing = ["compose", "follow"].includes(state.screen);
    this.#session(state);
    this.#turns(state);
    if (composing) this.#compose(state);
    else if (state.battle) this.#battle(state);
    this.#media(state);
    this.#refused(state);
    this.#announce(state);
    this.more(state);
  }

  /** Put the focus where the next key press belongs. */
  focus(selector) {
    this.one(selector)?.focus({ preventScroll: !selector.startsWith("#") });
  }

  /** Scroll as far as it takes for the answers to have half of the window, where the prompt is long or the window low. */
  giveRoom() {
    const give = () => {
      this.root.style.setProperty("--room", "0px");
      const above = this.one("[data-duel]").getBoundingClientRect().top + scrollY;
      const room = Math.max(0, Math.ceil(above + this.one(".dock").offsetHeight - innerHeight / 2));
      this.root.style.setProperty("--room", `${room && room + 8}px`); // the bar at the top is not equally high everywhere
      scrollTo(0, room);
    };
    give();
    this.settling?.disconnect();
    this.settling = new ResizeObserver(give); // fonts and styles of a page that has only just come
    const around = [document.querySelector("header.top"), ...this.root.children];
    for (const one of around) if (one && one !== this.one("[data-duel]")) this.settling.observe(one);
    const settled = () => this.settling.disconnect();
    setTimeout(settled, SETTLING);
    for (const hand of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(hand, settled, { once: true });
  }

  #session(state) {
    for (const note of this.all("[data-withdrawn]")) note.hidden = !state.withdrawn;
    this.one("[data-nothing]").hidden = state.comparable || state.tasks !== null;
    for (const words of this.all("[data-counts]")) words.hidden = state.withdrawn;
    const task = states.isTask(state.battle) ? state.battle : null;
    this.one("[data-votes]").textContent = task
      ? task.of
        ? say("Item {number} of {of}", { number: figure(task.number), of: figure(task.of) })
        : say("Item {number}", { number: figure(task.number) })
      : plural(state.votes, "{n} vote", "{n} votes");
    this.one("[data-votes-rest]").hidden = task !== null;
    this.one("[data-votes-number]").textContent = figure(state.votes);
    this.one("[data-offline-note]").replaceChildren(...sayWith("{offline} Keep reading. Your choice is kept in this browser and sent once when the connection is back. Names appear after that.", { offline: strong(say("You are offline.")) }));
  }

  #turns(state) {
    const follow = state.screen === "follow";
    const turns = follow
      ? states.turnsAfter(state.follows.battle, state.follows.text, state.follows.winner)
      : READING.includes(state.screen) ? states.turnsBefore(state.battle) : [];
    const history = JSON.stringify([follow, turns]);
    if (history === this.history) return;
    this.history = history;
    this.one("[data-turns]").replaceChildren(...turns.map((turn, index) => earlier(turn, index, follow && index === turns.length - 1, this.Writer)));
  }

  /** What waits, where the arena gives out items. */
  #tasks(state) {
    this.one("[data-title]").textContent = say("Battle: compare two answers");
    this.one("[data-statement]").textContent = state.tasks ? states.waiting(state.tasks) : say("No item waits for you now.");
    this.one("[data-advice]").textContent = state.tasks
      ? say("Each is a prompt with two answers that were written before. You say which is better, and see the names after your vote.")
      : state.none || say("Come back later, or read the leaderboard meanwhile.");
    const begin = this.one("[data-begin]");
    begin.disabled = state.opening;
    begin.firstElementChild.textContent = state.opening ? say("Starting") : state.tasks ? say("Start") : say("Look again");
  }

  #compose(state) {
    if (state.tasks !== null) return this.#tasks(state);
    const follow = state.screen === "follow";
    const drawn = follow && states.OUTCOMES[state.follows.winner].side === null;
    this.one("[data-title]").textContent = follow ? say("Battle: ask a follow-up") : say("Battle: ask two models");
    this.one("[data-statement]").textContent = follow
      ? say("Ask a follow-up. Two fresh models go on from here.")
      : say("Ask anything. Two models answer, and you say which is better.");
    this.one("[data-advice]").textContent = follow
      ? `${drawn ? say("One of the two answers, drawn at random, becomes the history they both read.") : say("The answer you preferred becomes the history they both read.")} ` +
        say("Do not enter personal details: prompts and votes may be published in a release.")
      : `${say("You see their names only after your vote.")} ${say("Do not enter personal details: prompts and votes may be published in a release.")}`;
    this.one("[data-label]").textContent = follow ? say("Your follow-up") : say("Your prompt");
    this.one("#pr").placeholder = follow ? say("Write what you would ask next") : say("Write a prompt you would really use");
    this.one("[data-examples]").hidden = follow;
    this.one("[data-leave]").hidden = !follow;
    const start = this.one("[data-start]");
    start.disabled = state.opening || !state.comparable;
    start.textContent = state.opening ? say("Starting") : say("Start the battle");
    this.counted();
  }

  /** The counter under the prompt. */
  counted() {
    this.one("[data-count]").textContent = say("{n} of {most} characters", { n: figure(this.one("#pr").value.length), most: figure(30_000) });
  }

  #battle(state) {
    this.one("[data-title]").textContent = say("Battle: compare two answers");
    const question = this.one("[data-question]");
    question.textContent = state.battle.prompt;
    question.toggleAttribute("tabindex", false);
    if (question.scrollHeight > question.clientHeight + 1) question.tabIndex = 0; // a long prompt scrolls by itself
    this.one("[data-turn]").textContent = say("Turn {number}", { number: figure(state.battle.turn) });
    this.one("[data-duel]").dataset.show = state.show;
    for (const button of this.all(".pa-tabs [data-show]")) button.setAttribute("aria-pressed", button.dataset.show === state.show);
    for (const mark of this.all("[data-unseen]")) mark.hidden = state.seen[mark.dataset.unseen];
    for (const letter of ["a", "b"]) this.#answer(state, letter);
    this.#ballot(state);
    this.#details(state);
    if (state.screen === "revealed") this.#receipt(state);
    if (state.screen === "error") this.#failure(state);
    if (state.screen === "void") this.#void(state);
  }

  #media(state) {
    const battle = READING.includes(state.screen) ? state.battle : null;
    if (this.gallery) this.gallery.show(battle);
    else if (battle && states.media(battle).length && !this.fetching) this.#hang(state);
  }

  async #hang(state) {
    this.fetching = true;
    try {
      const { Gallery } = await import("/static/battle/media.js");
      this.gallery = new Gallery(this.root, (letter) => this.heard(letter));
    } catch {
      await new Promise((again) => setTimeout(again, 2_000));
    }
    this.fetching = false;
    this.#media(state);
  }

  #void(state) {
    this.one("[data-void-heading]").textContent = states.voidHeading(state);
    this.one("[data-void-meaning]").textContent = states.voidMeaning(state);
    this.one("[data-void-next]").textContent = state.next
      ? say("The arena has sent the same prompt to two other models. This page goes on to them in a moment.")
      : states.isTask(state.battle) ? "" : say("Your prompt is kept.");
    const own = !state.next && !states.isTask(state.battle);
    const shown = { goOn: state.next, reword: own && state.cause === "prompt", again: own };
    for (const [act, wanted] of Object.entries(shown)) {
      const button = this.one(`[data-void] [data-act=${act}]`);
      button.hidden = !wanted;
      button.classList.toggle("pri", act !== "again" || state.cause !== "prompt");
      button.querySelector("kbd").hidden = !button.classList.contains("pri");
    }
  }

  #answer(state, letter) {
    const article = this.one(`#ans-${letter}`);
    const chosen = states.side(state);
    const writing = states.WRITING.includes(state.screen);
    const editing = state.editing && chosen === letter && state.screen === "chosen";
    article.setAttribute("aria-busy", writing);
    article.classList.toggle("won", chosen === letter);
    article.classList.toggle("lost", chosen !== null && chosen !== letter);
    const revealed = state.screen === "revealed";
    article.querySelector("[data-name]").textContent = revealed ? state.reveal[`model_${letter}`] : "";
    const cut = revealed ? states.cut(state.reveal[`finish_reason_${letter}`]) : "";
    article.querySelector("[data-cut]").textContent = cut;
    article.querySelector("[data-cut]").hidden = !cut;
    const status = { waiting: state.thinking ? say("Thinking") : say("Waiting to start"), streaming: say("Writing"), ready: say("Finished"), chosen: say("Finished") };
    article.querySelector("[data-status]").textContent = status[state.screen] || "";
    if (state.screen === "waiting") this.writers[letter].clear(RULED);
    else if (READING.includes(state.screen) && !state.text[letter] && state.battle[`media_${letter}`]?.length) this.writers[letter].clear();
    else if (READING.includes(state.screen)) this.writers[letter].show(state.text[letter], writing);
    else if (state.screen === "void") this.writers[letter].clear();
    article.querySelector("[data-text]").hidden = editing;
    article.querySelector("[data-editing]").hidden = !editing;
    const box = article.querySelector("textarea");
    if (editing && box.value !== state.edits[letter]) box.value = state.edits[letter];
  }

  #ballot(state) {
    const stop = this.one("[data-act=stop]");
    stop.hidden = !states.WRITING.includes(state.screen) || states.isTask(state.battle);
    stop.disabled = state.stopping;
    const locked = states.lock(state, this.narrow) !== "";
    this.root.toggleAttribute("data-lock", locked && READING.includes(state.screen));
    for (const button of this.all("[data-vote]")) {
      button.disabled = locked || state.sending;
      button.setAttribute("aria-pressed", state.screen === "chosen" && button.dataset.vote === state.choice);
    }
    this.hint = states.hint(state, this.narrow);
    this.tell(this.meaning);
  }

  /** Say beside the question what a vote means, while a hand or the focus is on it; nothing else may have to be said. */
  tell(meaning) {
    this.meaning = meaning;
    this.one("[data-hint]").textContent = this.hint || meaning;
  }

  #details(state) {
    const decided = states.side(state) !== null;
    for (const input of this.all("[name=strength]")) {
      input.disabled = !decided;
      input.checked = decided && input.value === state.strength;
    }
    for (const input of this.all(".tags input")) input.checked = state.tags.includes(input.value);
    this.#criteria(state);
    const reason = this.one("#why");
    if (reason.value !== state.reason) reason.value = state.reason;
    const more = this.one(".more");
    more.classList.toggle("open", state.more);
    this.one("[data-act=more]").setAttribute("aria-expanded", state.more);
    const edit = this.one("[data-act=edit]");
    edit.disabled = !decided;
    edit.setAttribute("aria-pressed", state.editing);
    this.one("[data-edit-words]").textContent = state.editing ? say("Drop the edit") : say("Edit the better answer");
    this.one("[data-record-words]").textContent = state.sending ? say("Recording") : state.waiting ? say("Kept, not sent yet") : say("Record vote");
    for (const control of this.all(".more input, .more button, .editing textarea")) {
      if (state.sending) control.disabled = true;
      else if (!control.matches("[name=strength], [data-act=edit]")) control.disabled = false;
    }
  }

  /** What the campaign asks beside the vote, in place of the tags. Nothing is chosen before the rater does. */
  #criteria(state) {
    const asked = state.battle.criteria || [];
    const box = this.one("[data-criteria]");
    const key = JSON.stringify(asked);
    if (box.dataset.asked !== key) {
      box.dataset.asked = key;
      box.innerHTML = asked.map(criterion).join("");
    }
    box.hidden = !asked.length;
    this.one("[data-tags]").hidden = asked.length > 0;
    for (const fieldset of box.children) {
      for (const input of fieldset.querySelectorAll("input")) {
        input.checked = state.criteria[fieldset.dataset.criterion] === input.value;
      }
    }
    this.one("[data-more]").textContent = asked.length ? say("Questions, reason, edit") : say("Add a reason or an edit");
  }

  #receipt(state) {
    const { reveal } = state;
    this.one("[data-receipt-glyph]").className = `g ${states.OUTCOMES[reveal.winner].glyph}`;
    this.one("[data-said]").textContent = say("{vote}. Recorded.", { vote: states.said(reveal.winner, reveal.strength) });
    this.one("[data-counted]").textContent = state.withdrawn
      ? say("You have withdrawn, so it counts nowhere.")
      : say("One vote added; you have {n}.", { n: figure(state.votes) });
    this.one("[data-names]").replaceChildren(
      ...sayWith("A was {a}, B was {b}.", { a: bold(reveal.model_a), b: bold(reveal.model_b) }),
      " ",
      plural(reveal.votes_between, "They now have {n} vote between them.", "They now have {n} votes between them."),
      reveal.leak ? ` ${say("One of the answers said which model wrote it, so your vote is kept and left out of the boards.")}` : "",
    );
    const hash = (reveal.receipt.hash.match(/.{4}/g) || []).slice(0, 3).join(" ");
    const mono = element("span", hash);
    mono.className = "mono";
    this.one("[data-ledger]").replaceChildren(...sayWith("Ledger line {line}", { line: bold(figure(reveal.receipt.line)) }), " ", mono);
    this.one("[data-ledger]").title = reveal.receipt.hash;
    const task = states.isTask(state.battle);
    this.one("[data-act=follow]").hidden = task || reveal.winner === "both_bad";
    this.one("[data-receipt] [data-act=again]").hidden = task;
    this.one("[data-next-words]").textContent = task ? say("Next item") : say("Next battle");
    this.one("[data-receipt] [data-act=again]").disabled = state.opening;
  }

  #failure(state) {
    this.one("[data-error-heading]").textContent = state.failure;
    this.one("[data-error-choice]").textContent = states.chosen(state);
    this.one("[data-reference]").textContent = state.battle.battle_id;
  }

  #refused(state) {
    for (const note of this.all("[data-refused]")) {
      note.hidden = !state.refused;
      note.textContent = state.refused;
    }
  }

  /** Answers are not read out piece by piece: one polite sentence when they start, one when they are there. */
  #announce(state) {
    const sentence = {
      streaming: say("Both answers are being written."),
      ready: this.narrow && states.lock(state, true) ? `${say("Both answers have finished.")} ${states.lock(state, true)}` : say("Both answers have finished. You can vote."),
      void: states.voidHeading(state),
      error: state.failure,
    }[state.screen] || "";
    if (sentence === this.announced) return;
    this.announced = sentence;
    this.one("[data-live]").textContent = sentence;
  }
}

/** One earlier turn: its prompt, and the answer that became history. */
function earlier(turn, index, open, Writer) {
  const details = document.createElement("details");
  details.className = "earlier";
  details.open = open;
  details.innerHTML = `<summary><span class="at">${say("Turn {number}", { number: figure(index + 1) })}</span><span class="q" dir="auto">${escaped(turn.prompt)}</span></summary>
    <div class="given"><span class="at">${say("Answer")}</span><div class="pa-prose"></div></div>`;
  const writer = new Writer(details.querySelector(".pa-prose"));
  if (turn.answer === null) writer.clear(`<p>${say("One of the two answers, drawn at random when you start.")}</p>`);
  else writer.show(turn.answer, false);
  return details;
}

/** One question of the campaign: A, the same, or B. */
function criterion({ name, question }, place) {
  const choices = [["model_a", "a", states.letters.a], ["tie", "t", say("Same")], ["model_b", "b", states.letters.b]].map(
    ([value, glyph, words]) =>
      `<label><input type="radio" name="criterion-${place}" value="${value}"><span class="g ${glyph}" aria-hidden="true"></span>${words}</label>`,
  );
  return `<fieldset data-criterion="${escaped(name).replaceAll('"', "&quot;")}"><legend>${escaped(question || name)}</legend><span class="seg">${choices.join("")}</span></fieldset>`;
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

const bold = (text) => element("b", text);
const strong = (text) => element("strong", text);

function escaped(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span.innerHTML;
}
