/* A campaign in six steps: each saves the draft, and the estimate follows. */

import * as api from "/static/api.js";
import { asked, days, PAIRINGS, STATES } from "/static/lab/campaigns.js";
import { sends } from "/static/lab/set-file.js";
import { button, count, english, figure, make } from "/static/making.js";
import { act, lead, one, tell } from "/static/page.js";
import { fixed, plural, say } from "/static/words.js";

const section = one("[data-step]");
const form = one("[data-form]");
const LISTS = new Set(["models", "languages", "raters", "qualifications", "criteria"]);
const known = { sets: [], models: [] };
let campaign = null;
let at = 0;

const STEPS = [
  [say("What is asked"), say("Where prompts and answers come from."), (it) => asked(it), [
    { key: "name", words: say("Name of the campaign"), hint: say("3 to 64 of a-z, 0-9, dot, dash and underscore. It is never changed."), once: true },
    { key: "kind", words: say("Kind"), choices: () => [["open", say("Raters' own prompts, answered live")], ["tasks", say("Stored answers to a prompt set")], ["live", say("Live answers to a prompt set")]] },
    { key: "prompt_set", words: say("Prompt set"), hint: say("Not for raters' own prompts."), choices: () => [["", say("No set")], ...known.sets.map((set) => [set.name, `${set.name}, ${count(set.prompts, "prompt")}`])] },
    { key: "criteria", words: say("Asked beyond “Which is better?”"), hint: say("At most four words, with commas between them.") },
  ]],
  [say("Models and pairing"), say("Who competes, and how two of them are drawn."), (it) => `${it.models.length ? count(it.models.length, "model") : say("All models")}, ${PAIRINGS[it.pairing]}`, [
    { key: "models", words: say("Models"), hint: say("With commas between them; none: all that are there.") },
    { key: "pairing", words: say("Pairing"), choices: () => Object.entries(PAIRINGS) },
    { key: "floor", words: say("Votes that each pair gets first"), number: true },
    { key: "focus", words: say("Model in half of all draws"), hint: say("Such as a new checkpoint; empty: none.") },
  ]],
  [say("Raters and quality"), say("Who may rate, how often the same item is seen, and how you notice careless votes."), (it) => plural(it.overlap, "{n} rater an item", "{n} raters an item"), [
    { key: "overlap", words: say("Raters for each item"), hint: say("They never see each other's votes."), number: true },
    { key: "further_votes", words: say("Raters more for a disputed item"), hint: say("One with votes for both of its models; 0: nobody more."), number: true },
    { key: "repeats", words: say("Repeats"), hint: say("The share of tasks shown again to the same rater, sides swapped: 0.04 is 4 %."), number: true },
    { key: "gold", words: say("Gold"), hint: say("The share of tasks whose outcome is known."), number: true },
    { key: "gold_set", words: say("Gold set"), choices: () => [["", say("No set")], ...known.sets.filter((set) => set.gold).map((set) => [set.name, say("{set}, {n} known", { set: set.name, n: figure(set.gold) })])] },
    { key: "anonymous", words: say("Raters without an account"), choices: () => [["true", say("Are let in")], ["false", say("Need an account")]] },
    { key: "qualifications", words: say("Qualified in"), hint: say("Fields, all of them needed; none: everybody.") },
    { key: "languages", words: say("Languages"), hint: say("Such as en, pt-BR; none: any.") },
    { key: "raters", words: say("These raters alone"), hint: say("Their ids, with commas between them; none: everybody.") },
  ]],
  [say("Guidelines"), say("Shown before the first item, and one key away. Worked examples help most."), (it) => (it.guidelines ? plural(it.guidelines.length, "{n} character", "{n} characters") : say("No guidelines")), [
    { key: "guidelines", words: say("Guidelines"), hint: say("Markdown."), long: true },
  ]],
  [say("Consent, reward, limits"), say("What raters agree to, what they earn, and when it ends."), (it) => plural(it.reward, "{n} credit a vote", "{n} credits a vote"), [
    { key: "consent", words: say("What raters agree to first"), hint: say("Empty: nothing."), long: true },
    { key: "reward", words: say("Credits a vote"), number: true },
    { key: "reward_edit", words: say("Credits more for an edit"), number: true },
    { key: "audit_window", words: say("Days in which credits are held after the close"), number: true },
    { key: "daily_limit", words: say("Items a rater and day"), hint: say("Empty: no limit."), number: true },
    { key: "rater_share", words: say("Most of all votes of one rater"), hint: say("1: no limit."), number: true },
    { key: "target_votes", words: say("Votes at which it closes"), hint: say("Empty: it goes on."), number: true },
    { key: "starts", words: say("Starts"), hint: say("2026-03-01, or a time with its zone; empty: at once.") },
    { key: "ends", words: say("Ends"), hint: say("As above; empty: never.") },
  ]],
  [say("Check and start"), say("Nothing is drawn before you press Start."), () => "", []],
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

const options = (choices, value) => choices.map(([name, said]) => make("option", { value: name, selected: name === value }, said));

function field({ key, words, hint, choices, long, number, once }) {
  const value = shownOf(key);
  const id = `field-${key}`;
  const attributes = { id, name: key, class: "txt", "aria-describedby": hint ? `${id}-hint` : null };
  let control;
  if (choices) {
    control = make("select", attributes, options(choices(), value));
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
  if (!campaign) return say("A new campaign");
  const { votes, days: long, gpu_hours: hours, credits } = campaign.estimate;
  if (votes === null) return say("{campaign}: open, without an end", { campaign: campaign.name });
  const parts = [count(votes, "vote")];
  if (long !== null) parts.push(days(long));
  if (hours) parts.push(say("{n} GPU hours", { n: fixed(hours, 1) }));
  if (credits) parts.push(count(credits, "credit"));
  return say("{campaign}: {parts}.", { campaign: campaign.name, parts: parts.join(", ") });
}

function estimate() {
  const head = make("h2", {}, say("What this will take"));
  if (!campaign) return [head, make("p", { class: "sm mute" }, say("The estimate appears once the first step is saved."))];
  const { tasks, days: long, gpu_hours: hours, credits, assumptions } = campaign.estimate;
  const lines = [
    [say("Days"), long === null ? say("not known") : days(long)],
    [say("GPU hours"), hours === null ? say("not known") : fixed(hours, 1)],
    [say("Credits"), credits === null ? "–" : figure(credits)],
  ];
  return [
    head,
    make("p", { class: "tot" }, tasks === null ? say("No plan") : plural(tasks, "{n} task", "{n} tasks")),
    make("dl", {}, lines.flatMap(([words, value]) => [make("dt", {}, words), make("dd", {}, value)])),
    ...assumptions.map((said) => make("p", { class: "sm mute" }, english(said))),
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
  if (!/^#+ .*example/im.test(campaign.guidelines)) found.push(say("Guidelines have no worked example under a heading; three are better."));
  if (!campaign.consent) found.push(say("Raters agree to nothing before the first item."));
  if (campaign.kind === "tasks" && campaign.items === 0) found.push(say("No prompt of the set has answers of two of the models, so there is no item."));
  return found;
}

function last() {
  const found = checks();
  const list = found.length ? make("ul", { class: "pl" }, found.map((said) => make("li", {}, said))) : make("p", {}, say("Nothing stands out."));
  const go = campaign.state === "draft" ? [button(say("Start"), (pressed) => act(section, pressed, start), { class: "btn pri", disabled: campaign.items === 0 })] : [];
  return [list, make("div", { class: "act" }, [...go, make("a", { class: "btn", href: path() }, say("Leave it as it is"))])];
}

function draw() {
  const [words, why, , fields] = STEPS[at];
  one("[data-head]").replaceChildren(lead(statement(), [campaign && say("Version {version}, {state}.", { version: campaign.version, state: STATES[campaign.state][1] }), say("The estimate follows every step.")].filter(Boolean).join(" ")));
  one("[data-steps]").replaceChildren(...steps());
  one("[data-estimate]").replaceChildren(...estimate());
  const ending = at === STEPS.length - 1
    ? last()
    : [make("div", { class: "act" }, [
        make("button", { type: "submit", class: "btn pri" }, say("Go on")),
        ...(at ? [button(say("Back"), (pressed) => act(section, pressed, () => go(at - 1)), { class: "btn" })] : []),
      ])];
  one("[data-set-file]").hidden = at !== 0;
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

sends(one("[data-set-file]"), async (set) => {
  known.sets = await api.every("/prompt-sets", "sets");
  const { choices } = STEPS[0][3].find(({ key }) => key === "prompt_set");
  form.elements.prompt_set?.replaceChildren(...options(choices(), set));
});
begin();
