/* Qualifying for a field: guidelines, practice with an explanation after each item, the test, and its result. */

import * as api from "/static/api.js";
import { OUTCOMES } from "/static/battle/state.js";
import * as votes from "/static/battle/vote.js";
import { Writer } from "/static/battle/writer.js";
import { button, count, day, figure, glyph, make } from "/static/making.js";
import { lead, main, one, pieces, show, table } from "/static/page.js";
import { Item } from "/static/qualify/item.js";
import { plural, say } from "/static/words.js";

const field = pieces[1] ?? "";
const part = one("[data-qualify]");
const MEANINGS = [
  ["model_a", say("You would rather send A, even if both have faults.")],
  ["model_b", say("The same, for B.")],
  ["tie", say("Both are usable, and it is all the same to you.")],
  ["both_bad", say("You would use neither.")],
];

const YES = {
  model_a: say("Yes, A is better."),
  model_b: say("Yes, B is better."),
  tie: say("Yes, it is a tie."),
  both_bad: say("Yes, both are bad."),
};
const NOT_THIS_TIME = {
  model_a: say("Not A this time."),
  model_b: say("Not B this time."),
  tie: say("Not a tie this time."),
  both_bad: say("Not both bad this time."),
};

/** What a vote says, as a reader sees it. */
const words = (winner) => (winner ? OUTCOMES[winner].words : say("Skipped"));

const sign = (winner) => [winner ? glyph(OUTCOMES[winner].glyph) : "", ` ${words(winner)}`];

/** The line of steps on the left, with the one that goes on. */
function steps(asked, now) {
  const all = [
    ["Guidelines", say("Guidelines"), ""],
    ...(asked.practice ? [["Practice", say("Practice"), count(asked.practice, "item")]] : []),
    ["Test", say("Test"), count(asked.items, "item")],
    ["Result", say("Result"), ""],
  ];
  const at = all.findIndex(([name]) => name === now);
  const lines = all.map(([, name, told], place) => {
    const number = make("span", {}, place < at ? "✓" : String(place + 1));
    const current = place === at ? "step" : null;
    const ends = make("span", { class: "faint xs" }, place < at ? say("done") : told);
    return make("li", {}, make("span", { class: "x", "aria-current": current }, [number, make("span", {}, name), ends]));
  });
  const calm = now === "Result" ? [] : [make("p", { class: "sm mute after" }, say("Stop at any time. You come back to the same place."))];
  const more = now === "Guidelines" ? [] : [button([`${say("Guidelines")} `, make("kbd", {}, "G")], () => one("#guidelines").showModal())];
  return make("nav", { "aria-label": say("Steps to qualify") }, [make("ol", { class: "toc" }, lines), ...calm, ...more]);
}

/** The whole page: a statement, the steps, and what the step shows. */
function draw(asked, step, statement, rests, content) {
  const right = make("div", {}, content);
  part.replaceChildren(lead(statement, rests), make("div", { class: "ways" }, [make("div", {}, steps(asked, step)), right]));
}

/** What the four votes mean, then the lab's own words. */
function guidelines(asked) {
  const meanings = table(
    say("What the four votes mean"),
    [
      { head: say("Vote"), row: true, cell: ([winner]) => sign(winner) },
      { head: say("Choose it when"), cell: ([, meaning]) => meaning },
    ],
    MEANINGS,
    "",
  );
  if (!asked.guidelines.trim()) return [meanings];
  const text = make("div", { class: "pa-prose" });
  new Writer(text).show(asked.guidelines, false);
  return [text, meanings];
}

function guide(asked) {
  const { mine } = asked;
  const practises = asked.practice && mine.state === "open" && !mine.until;
  const begin = practises ? plural(asked.practice, "Practise on {n} item", "Practise on {n} items") : say("Start the test");
  const again = mine.state === "failed" ? plural(mine.tries_left, "You have {n} try left, with other items.", "You have {n} tries left, with other items.") : "";
  const tries = plural(asked.tries, "There is one try, then {days} to wait.", "There are {n} tries, then {days} to wait.", { days: count(asked.wait_days, "day") });
  const needed = say("{needed} of {items} are needed.", { needed: figure(asked.needed), items: figure(asked.items) });
  const rests = `${needed} ${again || tries}`;
  const go = button(begin, () => next(asked), { class: "btn pri" });
  const decide = plural(asked.items, "{n} item decides whether you rate {field}.", "{n} items decide whether you rate {field}.", { field: asked.title });
  const says = `${decide} ${practises ? say("First read, then practise.") : say("First read.")}`;
  const act = make("div", { class: "act start" }, go);
  draw(asked, "Guidelines", says, rests, [make("h2", {}, say("Read these guidelines first")), ...guidelines(asked), act]);
}

/** The next item, drawn; or what stands in its place. */
async function next(asked) {
  await show(part, async () => {
    const task = await api.ask("POST", `/qualifications/${encodeURIComponent(field)}/tasks`);
    return [task, await api.battle(task.battle_id)];
  }, ([task, battle]) => draw_item(asked, task, battle));
}

function draw_item(asked, task, battle) {
  const practice = task.part === "practice";
  const values = { done: figure(task.number - 1), of: figure(task.of), needed: figure(asked.needed) };
  const statement = practice
    ? say("Practice: {done} of {of} done. Nothing here counts for or against you.", values)
    : say("The test: {done} of {of} done, and {needed} must agree with the panel.", values);
  const rests = practice ? say("After each item you read what the panel chose, and why.") : say("No feedback until the end. You may stop and go on later.");
  const item = new Item(task, battle, (winner) => cast(asked, task, item, winner));
  draw(asked, practice ? "Practice" : "Test", statement, rests, item.element);
  item.focus();
}

/** Send a vote; then the explanation, the next item or the result. */
async function cast(asked, task, item, winner) {
  item.wait(winner);
  try {
    const entry = votes.keep(task.battle_id, { winner });
    const { qualification } = await votes.send(task.battle_id, entry);
    votes.drop(task.battle_id);
    if (qualification?.part === "practice") explain(asked, task, item, winner, qualification);
    else if (qualification) result(asked, qualification);
    else await next(asked);
  } catch (error) {
    if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
    item.again(error.message);
  }
}

function explain(asked, task, item, winner, { right, known, explanation }) {
  const says = right ? YES[known] : `${NOT_THIS_TIME[winner] ?? say("Not this time.")} ${say("The panel: {vote}.", { vote: words(known) })}`;
  const on = task.number < task.of ? (right ? say("Next item") : say("Try a similar item")) : say("Go on to the test");
  const go = button([`${on} `, make("kbd", {}, "Enter")], () => next(asked), { class: "btn pri", "data-enter": true });
  const differ = right ? [] : [button(say("I see it differently"), () => differently(task, item), { class: "btn" })];
  item.tell(says, explanation, [go, ...differ], right);
}

/** One line to whoever wrote an item. */
function differently(task, item) {
  const dialog = one("#differently");
  dialog.onclose = async () => {
    const line = new FormData(dialog.querySelector("form")).get("line").trim();
    if (dialog.returnValue !== "send" || !line) return;
    try {
      await api.report(task.battle_id, "guidelines", line);
      item.note(say("Sent. Thank you."));
    } catch (error) {
      if (!(error instanceof api.Refusal || error instanceof api.Silence)) throw error;
      item.note(error.message);
    }
    dialog.querySelector("form").reset();
  };
  dialog.returnValue = "";
  dialog.showModal();
}

function result(asked, told) {
  const values = { right: figure(told.right), answered: figure(told.answered), needed: figure(told.needed), field: asked.title };
  const passed = told.passed;
  const statement = passed
    ? say("You are qualified for {field}: {right} of {answered} agreed with the panel.", values)
    : say("Not yet: {right} of {answered} agreed with the panel, and {needed} were needed.", values);
  const rests = passed
    ? say("{needed} were needed. The qualification holds until {day}.", { ...values, day: day(told.until) })
    : told.again_at ? say("You may try again from {day}.", { day: day(told.again_at) }) : say("You have another try, with other items.");
  const columns = [
    { head: say("Test item"), row: true, cell: (miss) => figure(miss.number) },
    { head: say("You"), cell: (miss) => sign(miss.yours) },
    { head: say("The panel"), cell: (miss) => sign(miss.known) },
    { head: say("In words"), cell: (miss) => miss.explanation },
  ];
  const misses = told.misses
    ? [make("h2", {}, say("Where you and the panel differed")), table(say("Items that differed"), columns, told.misses, say("Nowhere."))]
    : [];
  const work = make("a", { class: passed ? "btn pri" : "btn", href: `${api.HERE}/work` }, say("My work"));
  const again = passed || told.again_at ? [] : [button(say("Try again"), () => next(asked), { class: "btn pri" })];
  draw(asked, "Result", statement, rests, [...misses, make("div", { class: "act start" }, [...again, work])]);
}

function begin(asked) {
  if (!asked) {
    part.replaceChildren(lead(say("There is no test for {field} here.", { field }), say("Its lab grants it to people it knows; ask there.")));
    return;
  }
  document.title = document.title.replace(say("Qualify"), asked.title);
  one("#guidelines [data-guidelines]").replaceChildren(...guidelines(asked));
  const { mine } = asked;
  if (!mine) {
    part.replaceChildren(lead(say("Raters qualify for {field} here.", { field: asked.title }), say("You do not rate in this workspace.")));
  } else if (mine.state === "passed" || (mine.state === "failed" && mine.again_at)) {
    const { right, answered, again_at, until } = mine;
    result(asked, { passed: mine.state === "passed", right, answered, needed: asked.needed, again_at, until, misses: null });
  } else if (mine.state === "practice" || mine.state === "test") {
    next(asked);
  } else {
    guide(asked);
  }
}

document.addEventListener("keydown", (event) => {
  if (event.code !== "KeyG" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea")) return;
  const dialog = one("#guidelines");
  if (dialog.open) dialog.close();
  else if (!main.querySelector("dialog[open]")) dialog.showModal();
});

show(part, () => api.every("/qualifications", "qualifications"), (qualifications) => begin(qualifications.find((each) => each.field === field)));
