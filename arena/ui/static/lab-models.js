/* Every model of the workspace: whether it answers, how busy it is, what became of its battles; and what one may do. */

import * as api from "/static/api.js";
import { modelStep } from "/static/boards/changes.js";
import { every as everyCampaign } from "/static/lab/campaigns.js";
import * as said from "/static/lab/models.js";
import { button, english, make } from "/static/making.js";
import { act, lead, longTable, main, one, show, table, tell, when } from "/static/page.js";
import { figure, fixed, plural, say } from "/static/words.js";

const NONE = "–";
const SLOW = { deadline: 60_000 }; // servers that do not answer are waited for
const PATH = (name) => `/models/${encodeURIComponent(name)}`;
const dialog = one("[data-change]");
let [models, campaigns] = [[], []];

const which = (state) => models.filter((model) => model.state === state);

function statement() {
  const active = which("active");
  const silent = active.filter((model) => model.answers === false);
  const often = active.filter((model) => model.answers !== false && said.failsOften(model));
  const well = active.length - silent.length - often.length;
  const sentences = well ? [plural(well, "{n} model answers well.", "{n} models answer well.")] : [];
  if (!active.length) return say("No model is active.");
  for (const model of silent.slice(0, 2)) sentences.push(say("{model} does not answer.", { model: model.name }));
  if (silent.length > 2) sentences.push(plural(silent.length - 2, "Nor does {n} other.", "Nor do {n} others."));
  for (const model of often.slice(0, 2)) sentences.push(say("{model} fails more often than it should.", { model: model.name }));
  return sentences.join(" ");
}

function rests() {
  const states = ["announced", "active", "paused", "retired", "stored"].filter((state) => which(state).length);
  const counted = states.map((state) => `${said.word(state)}: ${figure(which(state).length)}`).join(", ");
  return [counted, say("A changed setting is a new model, so that a rating never mixes two.")].filter(Boolean).join(". ");
}

function server(model) {
  if (model.answers === undefined) return say("not told while a battle of yours is written");
  if (model.answers === null) return NONE;
  if (model.answers) return say("answers");
  return [make("b", { class: "err" }, say("does not answer")), make("span", { class: "subl" }, english(model.problem))];
}

function battles(model) {
  const causes = said.causes(model);
  const share = say("{share}% of all battles", { share: fixed(100 * model.exposure, 1) });
  const counted = [plural(model.battles, "{n} battle", "{n} battles"), plural(model.votes, "{n} vote", "{n} votes")].join(", ");
  const words = [counted, make("span", { class: "subl" }, model.battles ? share : "")];
  return causes ? [...words, make("span", { class: "subl" }, causes)] : words;
}

const seconds = (number) => (number == null ? NONE : number < 1 ? say("{n} ms", { n: figure(Math.round(1000 * number)) }) : say("{n} s", { n: figure(number, { maximumFractionDigits: 1 }) }));
const number = (one) => (one == null ? NONE : figure(Math.round(one)));

function actions(model) {
  const about = make("span", { class: "vh" }, ` ${model.name}`);
  const found = said.CHOICES[model.state].map((choice) => button([choice.word, about.cloneNode(true)], () => ask(model, choice)));
  if (model.state === "active" || model.state === "announced") {
    const address = `${api.HERE}/lab/trials?model=${encodeURIComponent(model.name)}`;
    found.unshift(make("a", { class: "tbtn", href: address }, [say("Try"), about]));
  }
  return make("span", { class: "acts" }, found);
}

function draw() {
  const fresh = make("a", { class: "btn pri", href: `${api.HERE}/lab/new-model` }, say("Add a model"));
  const columns = [
    { head: say("Model"), row: true, cell: (model) => model.name },
    { head: say("State"), cell: (model) => [said.stateOf(model), make("span", { class: "subl" }, model.since ? say("since {when}", { when: when(model.since) }) : "")] },
    { head: say("Server"), cell: server, has: (model) => model.answers !== null },
    { head: say("Queue"), right: true, cell: (model) => number(model.queue), has: (model) => model.queue != null },
    { head: say("Tokens/s"), right: true, cell: (model) => number(model.tokens_per_second), has: (model) => model.tokens_per_second != null },
    { head: say("First word"), right: true, cell: (model) => seconds(model.first_text_seconds), has: (model) => model.first_text_seconds != null },
    { head: say("Void and 95% interval"), cell: said.failures },
    { head: "", right: true, cell: said.failed },
    { head: say("Battles and votes"), cell: battles },
    { head: "", right: true, cell: actions },
  ];
  one("[data-part]").append(
    lead(statement(), rests(), [fresh]),
    longTable(say("Models"), columns, models, say("There is no model yet.")),
    make("p", { class: "sm mute" }, [
      models.some((model) => model.queue != null) ? `${say("Queue, tokens a second and first word are what vLLM says of its servers, now.")} ` : "",
      say("Void: battles that this model failed; the thin line is 2%. A battle that waits for its vote is in no figure."),
    ]),
  );
}

function drawLog(changes) {
  one("[data-log] [data-list]").replaceChildren(table(say("Change log"), [
    { head: say("When"), cell: (change) => when(change.at) },
    { head: say("Model"), row: true, cell: (change) => change.subject },
    { head: say("What and why"), cell: modelStep },
    { head: say("Ledger line"), right: true, cell: (change) => figure(change.line) },
  ], changes.filter(({ what }) => what !== "policy").toReversed(), say("No model was changed while the arena ran.")));
}

/** Ask what should become of a model, after saying what follows; one choice is marked already. */
function ask(model, marked) {
  one("[data-before]", dialog).replaceChildren(...said.before(model, models, campaigns).map((words) => make("li", {}, words)));
  one("[data-choices]", dialog).replaceChildren(...said.CHOICES[model.state].map((choice) => {
    const radio = make("input", { type: "radio", name: "state", value: choice.to, checked: choice === marked });
    radio.addEventListener("change", () => name(model, choice));
    return make("label", {}, [radio, make("b", {}, choice.word), make("small", {}, choice.said)]);
  }));
  name(model, marked);
  one("[name=reason]", dialog).value = "";
  one("[data-note]", dialog).hidden = true;
  dialog.dataset.model = model.name;
  dialog.showModal();
}

function name(model, { to, word }) {
  one("h2", dialog).textContent = `${word}: ${model.name}`;
  const pressed = one("[data-do]", dialog);
  pressed.textContent = word;
  pressed.className = `btn ${to === "active" ? "pri" : "warn"}`;
}

one("[data-keep]", dialog).addEventListener("click", () => dialog.close());
one("form", dialog).addEventListener("submit", (event) => {
  event.preventDefault();
  const { state, reason } = Object.fromEntries(new FormData(event.target));
  const model = models.find(({ name }) => name === dialog.dataset.model);
  act(dialog, event.submitter, async () => {
    const done = await api.ask("PATCH", PATH(model.name), { body: { state, reason } });
    dialog.close();
    await load();
    told(model, done);
  });
});

const DONE = {
  active: say("{model} is active. Line {line} of the ledger says so."),
  paused: say("{model} is paused. Line {line} of the ledger says so."),
  retired: say("{model} is retired. Line {line} of the ledger says so."),
};

/** Say what was done, with what takes it back where something does. */
function told(model, { state, line }) {
  const words = say(DONE[state], { model: model.name, line: figure(line) });
  const back = said.undoOf(model.state, state);
  tell(main, words, true);
  const note = one(":scope > [data-done]");
  if (back) {
    note.append(" ", button(say("Undo"), (pressed) => act(main, pressed, async () => {
      const undone = await api.ask("PATCH", PATH(model.name), { body: { state: back, reason: "Undone at once." } });
      await load();
      return say(DONE[undone.state], { model: model.name, line: figure(undone.line) });
    })));
  }
  note.focus();
}

const load = () =>
  show(one("[data-part]"), () => Promise.all([api.every("/models", "models", SLOW), everyCampaign(api.ask), api.every("/changes", "changes")]), (found) => {
    const order = ["announced", "active", "paused", "retired", "stored"];
    models = found[0].sort((first, second) => order.indexOf(first.state) - order.indexOf(second.state));
    campaigns = found[1];
    draw();
    drawLog(found[2]);
  });
await load();
const added = new URLSearchParams(location.search).get("added");
if (added && models.some(({ name }) => name === added)) tell(main, say("{model} was added.", { model: added }), true);
