/* A campaign in six steps: each saves the draft, and the estimate follows. */

import * as api from "/static/api.js";
import { asked, days } from "/static/lab/campaigns.js";
import { button, figure, make } from "/static/making.js";
import { act, lead, one, tell } from "/static/page.js";

const section = one("[data-step]");
const form = one("[data-form]");
const LISTS = new Set(["models", "languages", "raters", "qualifications", "criteria"]);
const known = { sets: [], models: [] };
let campaign = null;
let at = 0;

const STEPS = [
  ["What is asked", "Where prompts and answers come from.", (it) => asked(it), [
    { key: "name", words: "Name", hint: "3 to 64 of a-z, 0-9, dot, dash and underscore. It is never changed.", once: true },
    { key: "kind", words: "Kind", choices: () => [["open", "Raters' own prompts, answered live"], ["tasks", "Stored answers to a prompt set"], ["live", "Live answers to a prompt set"]] },
    { key: "prompt_set", words: "Prompt set", hint: "Not for raters' own prompts.", choices: () => [["", "None"], ...known.sets.map((set) => [set.name, `${set.name}, ${figure(set.prompts)} prompts`])] },
    { key: "criteria", words: "Asked beyond “Which is better?”", hint: "At most four words, with commas between them." },
  ]],
  ["Models and pairing", "Who competes, and how two of them are drawn.", (it) => `${it.models.length || "All"} models, ${it.pairing}`, [
    { key: "models", words: "Models", hint: "With commas between them; none: all that are there." },
    { key: "pairing", words: "Pairing", choices: () => [["uniform", "All pairs alike"], ["coverage", "Pairs with few votes first"], ["informative", "Pairs that tell most"]] },
    { key: "floor", words: "Votes that each pair gets first", number: true },
    { key: "focus", words: "Model in half of all draws", hint: "Such as a new checkpoint; empty: none." },
  ]],
  ["Raters and quality", "Who may rate, how often the same item is seen, and how you notice careless votes.", (it) => `${it.overlap} an item`, [
    { key: "overlap", words: "Raters for each item", hint: "They never see each other's votes.", number: true },
    { key: "repeats", words: "Repeats", hint: "The share of tasks shown again to the same rater, sides swapped: 0.04 is 4 %.", number: true },
    { key: "gold", words: "Gold", hint: "The share of tasks whose outcome is known.", number: true },
    { key: "gold_set", words: "Gold set", choices: () => [["", "None"], ...known.sets.filter((set) => set.gold).map((set) => [set.name, `${set.name}, ${figure(set.gold)} known`])] },
    { key: "anonymous", words: "Raters without an account", choices: () => [["true", "Are let in"], ["false", "Need an account"]] },
    { key: "qualifications", words: "Qualified in", hint: "Fields, all of them needed; none: everybody." },
    { key: "languages", words: "Languages", hint: "Such as en, pt-BR; none: any." },
    { key: "raters", words: "These raters alone", hint: "Their ids, with commas between them; none: everybody." },
  ]],
  ["Guidelines", "Shown before the first item, and one key away. Worked examples help most.", (it) => (it.guidelines ? `${figure(it.guidelines.length)} characters` : "None"), [
    { key: "guidelines", words: "Guidelines", hint: "Markdown.", long: true },
  ]],
  ["Consent, reward, limits", "What raters agree to, what they earn, and when it ends.", (it) => `${it.reward} credits a vote`, [
    { key: "consent", words: "What raters agree to first", hint: "Empty: nothing.", long: true },
    { key: "reward", words: "Credits a vote", number: true },
    { key: "reward_edit", words: "Credits more for an edit", number: true },
    { key: "audit_window", words: "Days in which credits are held after the close", number: true },
    { key: "daily_limit", words: "Items a rater and day", hint: "Empty: no limit.", number: true },
    { key: "rater_share", words: "Most of all votes of one rater", hint: "1: no limit.", number: true },
    { key: "target_votes", words: "Votes at which it closes", hint: "Empty: it goes on.", number: true },
    { key: "starts", words: "Starts", hint: "2026-03-01, or a time with its zone; empty: at once." },
    { key: "ends", words: "Ends", hint: "As above; empty: never." },
  ]],
  ["Check and start", "Nothing is drawn before you press Start.", () => "", []],
];

/** A value of the campaign as a field shows it. */
function shown(value) {
  if (value === null || value === undefined) return "";
  return Array.isArray(value) ? value.map((one) => one.name ?? one).join(", ") : String(value);
}

/** A key of the campaign as a field shows it: what is asked is one choice of kind and answers together. */
function shownOf(key) {
  const isLive = key === "kind" && campaign?.kind === "tasks" && campaign.answers === "live";
  return isLive ? "live" : shown(campaign?.[key]);
}

function field({ key, words, hint, choices, long, number, once }) {
  const value = shownOf(key);
  const id = `field-${key}`;
  const attributes = { id, name: key, class: "txt", "aria-describedby": hint ? `${id}-hint` : null };
  let control;
  if (choices) {
    control = make("select", attributes, choices().map(([name, said]) => make("option", { value: name, selected: name === value }, said)));
  } else if (long) {
    control = make("textarea", { ...attributes, rows: "14" }, value);
  } else {
    control = make("input", { ...attributes, value, inputmode: number ? "decimal" : null, readonly: Boolean(once && campaign) });
  }
  const said = hint ? [make("p", { class: "h", id: `${id}-hint` }, hint)] : [];
  return make("div", { class: "fld" }, [make("label", { for: id }, words), ...said, control]);
}

/** What the fields of a step say, as the API takes it: only what is another than before. */
function given(fields) {
  const said = new FormData(form);
  const keys = {};
  for (const { key, number, once } of fields) {
    const text = String(said.get(key) ?? "").trim();
    if ((once && campaign) || text === shownOf(key)) continue;
    if (LISTS.has(key)) keys[key] = text.split(",").map((one) => one.trim()).filter(Boolean);
    else if (key === "anonymous") keys[key] = text === "true";
    else if (number) keys[key] = text === "" ? null : Number.isNaN(Number(text)) ? text : Number(text);
    else keys[key] = text === "" && !["guidelines", "consent"].includes(key) ? null : text;
  }
  if (keys.kind === "tasks") keys.answers = "stored";
  if (keys.kind === "live") Object.assign(keys, { kind: "tasks", answers: "live" });
  if (keys.kind === "open") Object.assign(keys, { answers: "live", prompt_set: null });
  return keys;
}

async function save() {
  const keys = given(STEPS[at][3]);
  if (!campaign) {
    campaign = await api.ask("POST", "/campaigns", { body: keys });
    history.replaceState(null, "", `?name=${encodeURIComponent(campaign.name)}`);
  } else if (Object.keys(keys).length) {
    campaign = await api.ask("PATCH", `/campaigns/${encodeURIComponent(campaign.name)}`, { body: keys });
  }
}

const path = () => `${api.HERE}/lab/campaigns/${encodeURIComponent(campaign.name)}`;

async function go(to) {
  await save();
  at = to;
  draw();
  one("h2", section).focus();
}

async function start() {
  await api.ask("PATCH", `/campaigns/${encodeURIComponent(campaign.name)}`, { body: { state: "running" } });
  location.assign(path());
}

function statement() {
  if (!campaign) return "A new campaign";
  const { votes, days: long, gpu_hours: hours, credits } = campaign.estimate;
  if (votes === null) return `${campaign.name}: open, without an end`;
  const parts = [`${figure(votes)} votes`];
  if (long !== null) parts.push(days(long));
  if (hours) parts.push(`${hours.toFixed(1)} GPU hours`);
  if (credits) parts.push(`${figure(credits)} credits`);
  return `${campaign.name}: ${parts.join(", ")}.`;
}

function estimate() {
  const head = make("h2", {}, "What this will take");
  if (!campaign) return [head, make("p", { class: "sm mute" }, "The estimate appears once the first step is saved.")];
  const { tasks, days: long, gpu_hours: hours, credits, assumptions } = campaign.estimate;
  const lines = [
    ["Days", long === null ? "not known" : days(long)],
    ["GPU hours", hours === null ? "not known" : hours.toFixed(1)],
    ["Credits", credits === null ? "–" : figure(credits)],
  ];
  return [
    head,
    make("p", { class: "tot" }, tasks === null ? "No plan" : `${figure(tasks)} tasks`),
    make("dl", {}, lines.flatMap(([words, value]) => [make("dt", {}, words), make("dd", {}, value)])),
    ...assumptions.map((said) => make("p", { class: "sm mute" }, said)),
  ];
}

function steps() {
  return STEPS.map(([words, , summary], number) => {
    const done = campaign && number < at;
    const said = done && summary(campaign) ? [make("span", { class: "d" }, summary(campaign))] : [];
    const link = make("a", { href: "#step", "aria-current": number === at ? "step" : null }, [
      make("span", {}, done ? "✓" : String(number + 1)), make("span", {}, words), make("span"), ...said,
    ]);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      if (campaign || number === at) act(section, link, () => go(number));
    });
    return make("li", {}, link);
  });
}

/** What keeps a campaign from being started, and what only deserves a look. */
function checks() {
  const found = [];
  if (!/^#+ .*example/im.test(campaign.guidelines)) found.push("Guidelines have no worked example under a heading; three are better.");
  if (!campaign.consent) found.push("Raters agree to nothing before the first item.");
  if (campaign.kind === "tasks" && campaign.items === 0) found.push("No prompt of the set has answers of two of the models, so there is no item.");
  return found;
}

function last() {
  const found = checks();
  const list = found.length ? make("ul", { class: "pl" }, found.map((said) => make("li", {}, said))) : make("p", {}, "Nothing stands out.");
  const go = campaign.state === "draft" ? [button("Start", (pressed) => act(section, pressed, start), { class: "btn pri", disabled: campaign.items === 0 })] : [];
  return [list, make("div", { class: "act" }, [...go, make("a", { class: "btn", href: path() }, "Leave it as it is")])];
}

function draw() {
  const [words, why, , fields] = STEPS[at];
  one("[data-head]").replaceChildren(lead(statement(), campaign ? `Version ${campaign.version}, ${campaign.state}. The estimate follows every step.` : "The estimate follows every step."));
  one("[data-steps]").replaceChildren(...steps());
  one("[data-estimate]").replaceChildren(...estimate());
  const ending = at === STEPS.length - 1
    ? last()
    : [make("div", { class: "act" }, [
        make("button", { type: "submit", class: "btn pri" }, "Go on"),
        ...(at ? [button("Back", (pressed) => act(section, pressed, () => go(at - 1)), { class: "btn" })] : []),
      ])];
  form.replaceChildren(make("h2", { tabindex: "-1" }, words), make("p", { class: "mute" }, why), ...fields.map(field), ...ending);
  for (const note of section.querySelectorAll("[data-note], [data-done]")) note.hidden = true;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter) act(section, event.submitter, () => go(at + 1));
});

async function begin() {
  const name = new URLSearchParams(location.search).get("name");
  try {
    [known.sets, campaign] = await Promise.all([
      api.every("/prompt-sets", "sets"),
      name ? api.ask("GET", `/campaigns/${encodeURIComponent(name)}`) : null,
    ]);
    draw();
  } catch (error) {
    if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
    tell(section, error.message);
  }
}

begin();
