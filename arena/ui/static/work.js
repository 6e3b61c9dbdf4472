/* My work: the campaigns that are open to this rater, what each asks and earns, and what is locked and why. */

import * as api from "/static/api.js";
import { count, day, figure, make, titled } from "/static/making.js";
import { lead, one, show, table } from "/static/page.js";
import { plural, say, sayWith } from "/static/words.js";

const TICKS = 40; // more items than this are told in figures alone
const NOTHING = { earned: 0, campaigns: [] };

/** The first plain sentence or two of Markdown: what a campaign asks, where its guidelines begin with it. */
function asked({ guidelines, kind }) {
  const paragraphs = guidelines.split(/\n\s*\n/).map((text) => text.trim());
  const first = paragraphs.find((text) => text && !/^(#|[-*+>|]|\d+[.)]|```|!\[)/.test(text)) ?? "";
  const plain = first.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[*_`]/g, "").replace(/\s+/g, " ");
  if (!plain && kind === "open") return say("You write a prompt, read two answers and say which is better.");
  if (!plain) return say("You read two answers and say which is better.");
  return plain.length > 200 ? `${plain.slice(0, plain.lastIndexOf(" ", 197))} ...` : plain;
}

/** How long an item takes: "50 s", "2 min"; nothing before anybody has voted. */
function long(seconds) {
  if (seconds === null) return say("not known yet");
  return seconds < 95
    ? say("{n} s", { n: figure(Math.max(5, 5 * Math.round(seconds / 5))) })
    : say("{n} min", { n: figure(Math.round(seconds / 60)) });
}

const reward = (work) => (work.reward ? count(work.reward, "credit") : say("nothing"));

const pair = (term, words) => make("dl", {}, [make("dt", {}, term), make("dd", {}, words)]);

function progress(work) {
  if (work.kind === "open") return make("div", {}, make("span", { class: "sm" }, say("As many as you like")));
  const of = work.of ?? work.done + work.open;
  const classes = of <= TICKS ? Array.from({ length: of }, (_, at) => (at < work.done ? "d" : at === work.done ? "n" : "")) : [];
  return make("div", {}, [
    make("span", { class: "ticks", "aria-hidden": "true" }, classes.map((name) => make("i", { class: name }))),
    make("span", { class: "sm" }, [
      make("b", {}, plural(of, "{done} of {n} item today", "{done} of {n} items today", { done: figure(work.done) })),
      ", ",
      work.open ? plural(work.open, "{n} left", "{n} left") : say("all done"),
    ]),
  ]);
}

function head(work) {
  return [
    make("div", {}, [make("h3", {}, named(work)), make("p", {}, make("bdi", {}, asked(work)))]),
    pair(say("An item takes"), long(work.seconds)),
    pair(say("Earns"), reward(work)),
  ];
}

/** Whether it is what every arena offers: prompts of one's own, on the battle page. */
const isBattle = (work) => work.campaign === "default" && work.kind === "open";

const named = (work) => (isBattle(work) ? say("Prompts of your own") : titled(work.campaign));

const address = (work) => (isBattle(work) && work.agreed ? "/" : `/campaigns/${encodeURIComponent(work.campaign)}`);

function open(work, first) {
  const words = work.begun ? say("Continue") : say("Start");
  const label = `${words}: ${named(work)}`;
  const go = make("a", { class: first ? "btn pri" : "btn", href: address(work), "aria-label": label }, words);
  const why = work.code ? make("p", { class: "sm" }, work.reason) : "";
  const state = progress(work);
  state.append(why);
  return make("article", { class: "task" }, [...head(work), state, make("div", { class: "btnc" }, go)]);
}

/** How one gets qualified, from where this rater stands. */
function steps({ practice, items, needed, mine }) {
  if (mine.state === "practice") {
    return plural(mine.answered, "You left off in practice, after {n} item.", "You left off in practice, after {n} items.");
  }
  if (mine.state === "test") {
    return plural(mine.answered, "You left off in the test, after {n} item.", "You left off in the test, after {n} items.");
  }
  const values = { practice: count(practice ?? 0, "item"), needed: figure(needed) };
  const decide = practice
    ? plural(items, "Read, practise on {practice}, then {n} item decides: {needed} has to be right.", "Read, practise on {practice}, then {n} items decide: {needed} have to be right.", values)
    : plural(items, "Read, then {n} item decides: {needed} has to be right.", "Read, then {n} items decide: {needed} have to be right.", values);
  return mine.state === "failed" ? `${say("One more try.")} ${decide}` : decide;
}

/** A campaign whose next missing field has a test that can be taken now. */
function qualifiable(work) {
  const { field, mine } = work.test;
  const needs = make("span", { class: "sm" }, [...sayWith("Needs {field}.", { field: make("b", {}, titled(field)) }), " ", steps(work.test)]);
  const words = ["practice", "test"].includes(mine.state) ? say("Go on") : say("Get qualified");
  const to = `/qualify/${encodeURIComponent(field)}`;
  const go = make("a", { class: "btn", href: to, "aria-label": `${words}: ${titled(field)}` }, words);
  return make("article", { class: "task" }, [...head(work), make("div", {}, needs), make("div", { class: "btnc" }, go)]);
}

/** The same with what its rater can do about a field that is missing: a test now, a test later, or somebody to ask. */
function learnable(work, tests) {
  if (work.code !== "not_qualified") return work;
  const missing = work.qualifications.filter((field) => tests.get(field)?.mine?.state !== "passed");
  const [field = work.qualifications[0]] = missing;
  const test = tests.get(field);
  if (test?.mine && (test.mine.state !== "failed" || test.mine.tries_left)) return { ...work, test };
  const later = test?.mine?.again_at ? say("You can try again from {day}.", { day: day(test.mine.again_at) }) : say("Its lab grants it to people it knows; ask there.");
  return { ...work, reason: `${say("Needs {field}.", { field: titled(field) })} ${later}` };
}

const HINTS = {
  suspended: () => [" ", make("a", { href: "/me/standing" }, say("Why, and what you can do"))],
  account_needed: () => [" ", make("a", { href: "/signin" }, say("Sign in"))],
  narrow: () => [` ${say("Open this page on a computer or tablet.")}`],
};

function locked(work) {
  const why = make("div", { class: "why" }, [make("b", {}, work.reason), ...(HINTS[work.code]?.() ?? [])]);
  return make("article", { class: "task l" }, [...head(work), why]);
}

function section(title, rows, about = "") {
  if (!rows.length) return [];
  const top = [make("h2", {}, title), ...(about ? [make("p", {}, about)] : [])];
  return [make("section", { class: "sec plainly" }, [make("header", {}, top), make("div", { class: "tasks" }, rows)])];
}

/** Campaigns that this rater took part in and that give out nothing more. */
function finished(credits, known) {
  const rows = credits.campaigns.filter((one) => !known.has(one.campaign));
  if (!rows.length) return [];
  const columns = [
    { head: say("Campaign"), row: true, cell: (one) => titled(one.campaign) },
    { head: say("My votes"), right: true, cell: (one) => figure(one.votes) },
    { head: say("Credits"), right: true, cell: (one) => figure(one.earned) },
    { head: say("Settled"), right: true, cell: (one) => figure(one.settled) },
  ];
  const told = say("Campaigns that are closed or rest. Credits are settled when their audit window ends.");
  return [make("section", { class: "sec plainly" }, [
    make("header", {}, [make("h2", {}, say("Finished")), make("p", {}, told)]),
    table(say("Finished campaigns"), columns, rows, ""),
  ])];
}

/** Until the next day of the arena, which begins at 00:00 UTC. */
function untilMidnight() {
  const now = new Date();
  const left = Math.ceil((Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1) - now) / 60_000);
  return `${count(Math.floor(left / 60), "hour")} ${count(left % 60, "minute")}`;
}

function statement(ready, rest) {
  const items = ready.reduce((sum, work) => sum + (work.open ?? 0), 0);
  const next = ready[0] && [make("a", { class: "btn pri", href: address(ready[0]) }, say("Start {campaign}", { campaign: named(ready[0]) }))];
  const limit = rest.find((work) => work.code === "limit");
  if (limit) {
    const words = plural(
      limit.done, "You have done the {n} item of {campaign} for today.", "You have done all {n} items of {campaign} for today.", { campaign: titled(limit.campaign) },
    );
    const again = say("The limit keeps attention fresh. It opens again tomorrow at 00:00 UTC, in {time}.", { time: untilMidnight() });
    return lead(words, again, next ?? []);
  }
  if (items) {
    const known = ready.filter((work) => work.open && work.seconds !== null);
    const seconds = known.reduce((sum, work) => sum + work.open * work.seconds, 0);
    const minutes = Math.max(1, Math.round(seconds / 60));
    const pace = seconds ? ` ${plural(minutes, "At your pace, about {n} minute.", "At your pace, about {n} minutes.")}` : "";
    const words = plural(items, "{n} item is open to you today.", "{n} items are open to you today.") + pace;
    return lead(words, say("Take them in any order and stop whenever you like: every recorded vote counts and earns, also Tie and Both bad."));
  }
  if (ready.length) return lead(say("You can ask your own prompts."), say("No campaign has items for you at the moment."));
  if (rest.some((work) => work.code === "no_models")) return lead(say("Nothing is open to you at the moment."), say("No campaign gives you items now."));
  const battle = make("a", { class: "btn", href: "/" }, say("Start a battle"));
  return lead(say("Nothing is open to you at the moment."), say("No campaign gives you items now. Open battles need no campaign: you write the prompt."), [battle]);
}

function draw([work, qualifications, credits, { can_compare: answered }]) {
  const tests = new Map(qualifications.map((one) => [one.field, one]));
  const rows = work.map((one) => learnable(one, tests)).map((one) => {
    if (one.state === "open" && one.kind === "open" && !answered) {
      return { ...one, state: "locked", code: "no_models", reason: say("Needs two models that answer, and this arena has none now.") };
    }
    if (one.state !== "open" || innerWidth >= one.min_width) return one;
    return { ...one, state: "locked", code: "narrow", reason: say("Needs a screen at least {n} px wide.", { n: figure(one.min_width) }) };
  });
  const ready = rows.filter((one) => one.state === "open").sort((a, b) => isBattle(a) - isBattle(b) || b.begun - a.begun);
  const learn = rows.filter((one) => one.test);
  const rest = rows.filter((one) => !ready.includes(one) && !learn.includes(one));
  one("[data-work]").replaceChildren(
    statement(ready, rest),
    ...section(say("Open to you"), ready.map((work, at) => open(work, at === 0 && !rest.some((other) => other.code === "limit")))),
    ...section(say("You can qualify for these"), learn.map(qualifiable)),
    ...section(say("Locked for now"), rest.map(locked)),
    ...finished(credits, new Set(rows.map((work) => work.campaign))),
  );
}

const load = () => Promise.all([
  api.every("/me/work", "work"),
  api.every("/qualifications", "qualifications"),
  api.ask("GET", "/me/credits").catch(() => NOTHING), // without them only what is finished is missing
  api.me(),
]);
show(one("[data-work]"), load, draw);
