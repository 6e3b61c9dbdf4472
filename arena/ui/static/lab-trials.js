/* Models asked by their names, one or some side by side. Nothing of it is counted anywhere. */

import * as api from "/static/api.js";
import { english, make } from "/static/making.js";
import { lead, one, show, table, tell, when } from "/static/page.js";
import { figure, plural, say } from "/static/words.js";

const WAIT = { deadline: 330_000 }; // an answer may take as long as in a battle
const MOST = 4;
const SHOWN = 30;
const query = new URLSearchParams(location.search);
const main = document.getElementById("main");
const form = one("[data-ask]");
const HERE = `${api.HERE}/lab/trials`;
const address = (id) => `${HERE}?trial=${encodeURIComponent(id)}`;
let last = null; // the trial that the next question goes on from

const seconds = (number) => (number === null ? "–" : say("{n} s", { n: figure(number, { maximumFractionDigits: 2 }) }));

function head(models) {
  const names = models.map(({ model }) => model).join(", ");
  const statement = names ? say("Asked by name: {models}.", { models: names }) : say("Ask models by their names.");
  one("[data-head]").replaceChildren(lead(statement, say("To look at answers: no vote, no board, no release and no figure of a model knows of it.")));
}

function answer(said, number) {
  const facts = [
    say("first word after {time}", { time: seconds(said.first_text_seconds) }),
    said.completion_tokens === null ? "" : plural(said.completion_tokens, "{n} token", "{n} tokens"),
    said.finish_reason === "length" ? say("cut off at its limit") : "",
  ].filter(Boolean);
  const text = said.text === null
    ? make("p", { class: "note" }, [make("strong", {}, `${say("No answer.")} `), english(said.problem)])
    : make("p", { class: "written", dir: "auto", tabindex: "0", role: "group", "aria-label": say("What {model} said", { model: said.model }) }, said.text);
  const id = `answer-${number}-${said.model}`;
  const foot = said.text === null ? [] : [make("p", { class: "sm mute" }, facts.join(", "))];
  return make("article", { "aria-labelledby": id }, [make("h3", { id }, said.model), text, ...foot]);
}

/** One question with its answers, in the order in which the models were named. */
function turn(trial, number) {
  const id = `turn-${number}`;
  return make("section", { class: "turn", "aria-labelledby": id }, [
    make("h2", { id, dir: "auto", tabindex: "-1" }, trial.prompt),
    make("div", { class: "beside" }, trial.answers.map((said) => answer(said, number))),
  ]);
}

function draw(trials) {
  last = trials.at(-1) ?? null;
  one("[data-chat]").replaceChildren(...trials.map(turn));
  head(last?.answers ?? []);
  one("[data-models]").hidden = last !== null;
  one("[data-label]").textContent = last ? say("What do you ask next? Each goes on with its own answers.") : say("What do you ask?");
  const fresh = one("[data-fresh]");
  fresh.hidden = last === null;
  fresh.href = HERE;
}

function choices(models) {
  const able = models.filter(({ state }) => state !== "retired" && state !== "stored");
  one("[data-choices]").replaceChildren(...able.map(({ name, state }) => {
    const box = make("input", { type: "checkbox", name: "models", value: name, checked: query.getAll("model").includes(name) });
    return make("label", {}, [box, " ", make("span", {}, state === "active" ? name : `${name} (${state})`)]);
  }));
}

function earlier(trials) {
  one("[data-list]").replaceChildren(table(say("Earlier trials"), [
    { head: say("When"), cell: (trial) => when(trial.asked_at) },
    { head: say("Question"), row: true, cell: (trial) => make("a", { href: address(trial.trial_id), dir: "auto" }, trial.prompt.length > 90 ? `${trial.prompt.slice(0, 87)}…` : trial.prompt) },
    { head: say("Models"), cell: (trial) => trial.answers.map(({ model }) => model).join(", ") },
    { head: say("Kept until"), cell: (trial) => when(trial.ends_at) },
  ], trials.slice(-SHOWN).toReversed(), say("Nobody asked anything yet.")));
}

const refused = (error) => {
  if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
  tell(main, error.message);
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = new FormData(form);
  const models = last ? [] : given.getAll("models");
  if (!last && (!models.length || models.length > MOST)) return tell(main, say("Choose one to four models."));
  const pressed = one("[type=submit]", form);
  pressed.disabled = true;
  one("[data-waiting]").textContent = say("They are answering.");
  one(":scope > [data-note]").hidden = true;
  try {
    const body = { prompt: given.get("prompt"), models, ...(last && { continues: last.trial_id }) };
    const { trial_id: id } = await api.ask("POST", "/trials", { body, ...WAIT });
    history.replaceState(null, "", address(id));
    one("[name=prompt]", form).value = "";
    await look(id);
    main.querySelector(".turn:last-child h2").focus();
  } catch (error) {
    refused(error);
  } finally {
    pressed.disabled = false;
    one("[data-waiting]").textContent = "";
  }
});

async function look(id) {
  const { before, ...told } = await api.ask("GET", `/trials/${encodeURIComponent(id)}`);
  draw([...before, told]);
  earlier(await api.every("/trials", "trials"));
}

draw([]);
show(one("[data-list]"), () => Promise.all([api.every("/models", "models", { deadline: 60_000 }), api.every("/trials", "trials")]), ([models, trials]) => {
  choices(models);
  earlier(trials);
});
if (query.get("trial")) look(query.get("trial")).catch(refused);
