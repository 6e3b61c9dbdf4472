/* A model to be added: its settings, and a real answer that has to come before it can be. */

import * as api from "/static/api.js";
import { english, make } from "/static/making.js";
import { act, lead, one } from "/static/page.js";
import { figure, say } from "/static/words.js";

const WAIT = { deadline: 330_000 }; // an answer may take as long as in a battle
const section = one("[data-settings]");
const form = one("form", section);
const add = one("[data-add]");
let answered = null; // the settings that gave a whole answer

/** The table of the model, as a configuration would have it. */
function settings() {
  const given = Object.fromEntries(new FormData(form));
  const sampling = { max_tokens: Number(given.max_tokens) };
  if (given.temperature !== "") sampling.temperature = Number(given.temperature);
  const table = { name: given.name.trim(), served_name: given.served_name.trim(), endpoint: given.endpoint.trim(), sampling };
  if (given.api_key_env.trim()) table.api_key_env = given.api_key_env.trim();
  if (given.system_prompt.trim()) table.system_prompt = given.system_prompt;
  return table;
}

function head(statement) {
  one("[data-head]").replaceChildren(lead(statement, say("Its settings are fixed once it is added: change one, and it is a new model with a rating of its own.")));
}

/** It can be added while the settings are those that answered. */
function allow() {
  const ready = answered !== null && answered === JSON.stringify(settings());
  add.disabled = !ready;
  add.textContent = ready ? say("Add {model}", { model: settings().name }) : say("Add it");
  one("[data-why]").hidden = ready;
}

const ms = (seconds) => (seconds === null ? "–" : seconds < 1 ? say("{n} ms", { n: figure(Math.round(1000 * seconds)) }) : say("{n} s", { n: figure(seconds, { maximumFractionDigits: 1 }) }));

function gave(tried) {
  const facts = [
    [say("First word"), ms(tried.first_text_seconds)],
    [say("Speed"), tried.tokens_per_second === null ? "–" : say("{n} tokens/s", { n: figure(Math.round(tried.tokens_per_second)) })],
    [say("Ended with"), tried.finish_reason ?? "–"],
    [say("Signed as"), tried.signed ?? "–"],
  ];
  const told = facts.map(([words, value]) => make("div", {}, [make("dt", {}, words), make("dd", {}, value)]));
  return make("div", { class: "try", role: "status" }, [
    make("div", {}, make("b", {}, say("It answers."))),
    make("div", { class: "pa-prose", dir: "auto" }, make("p", {}, tried.text)),
    make("div", {}, make("dl", { class: "kv" }, told)),
    ...tried.notes.map((note) => make("div", { class: "sm" }, english(note))),
  ]);
}

/** Ask the one question, and show what came. */
async function attempt() {
  const table = settings();
  one("[data-tried]").replaceChildren(make("p", { class: "mute", role: "status" }, say("Asking. A model that has to load first may take a minute.")));
  let shown = [];
  try {
    const tried = await api.ask("POST", "/models", { body: { ...table, try: true }, ...WAIT });
    answered = tried.answers ? JSON.stringify(table) : null;
    head(tried.answers
      ? say("{model} answers, its first word after {time}. It can be added.", { model: table.name, time: ms(tried.first_text_seconds) })
      : say("{model} does not answer yet.", { model: table.name }));
    shown = tried.answers ? [gave(tried)] : [failed(tried.problem)];
  } catch (error) {
    if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
    answered = null;
    head(say("{model} cannot be asked like this.", { model: table.name }));
    shown = [failed(error.message)];
  }
  one("[data-tried]").replaceChildren(...shown);
  one("[data-try]").textContent = say("Try again");
  allow();
}

const failed = (problem) =>
  make("div", { class: "note", role: "alert" }, [make("strong", {}, `${say("It did not answer.")} `), english(problem), make("p", { class: "sm" }, say("Nothing is saved until a try has worked."))]);

head(say("Add a model: try it first."));
form.addEventListener("input", allow);
one("[data-try]").addEventListener("click", ({ target }) => {
  if (form.reportValidity()) act(section, target, attempt);
});
one("[data-cancel]").addEventListener("click", () => location.assign(`${api.HERE}/lab/models`));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { state, reason } = Object.fromEntries(new FormData(form));
  const table = settings();
  act(section, add, async () => {
    await api.ask("POST", "/models", { body: { ...table, state, ...(reason.trim() && { reason: reason.trim() }) } });
    location.assign(`${api.HERE}/lab/models?added=${encodeURIComponent(table.name)}`);
  });
});
