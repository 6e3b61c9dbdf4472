/* Everybody who rated, with what speaks for their standing, and the decision on it. */

import * as api from "/static/api.js";
import { days } from "/static/lab/days.js";
import { KINDS, missed, odds, page, said, since, weighed } from "/static/lab/findings.js";
import { every, level, rater, titled, WORDS } from "/static/standing/level.js";
import { button, count, figure, make } from "/static/making.js";
import { act, lead, longTable, main, one, show, submits, table, when } from "/static/page.js";
import { percent, plural, say, sayWith } from "/static/words.js";

const NONE = "\u2013";
const part = one("[data-part]");
const section = one("[data-decide]");
const decided = one("[data-decided]");
const form = one("form", section);
const ASKED = new URLSearchParams(location.search).get("rater"); // whom the page of a finding sends here for
let known = [];
let chosen = null;
let opener = null; // the button of the table, where its row is shown

const share = (value) => (value === null ? NONE : percent(value, 0));
const seconds = (value) => (value === null ? NONE : say("{n} s", { n: figure(Math.round(value)) }));
const of = (right, seen) => (seen ? say("{part} of {all}", { part: figure(right), all: figure(seen) }) : NONE);

/** The field in which a person decided most severely; `general` where nobody did. */
function worst(fields) {
  const order = ["suspended", "probation", "new", "qualified"];
  const asked = fields.filter((field) => field.field === "general" || field.reason);
  return asked.sort((first, second) => order.indexOf(first.standing) - order.indexOf(second.standing))[0];
}

function stands({ fields }) {
  const field = worst(fields);
  return [level(field.standing), field.field === "general" ? "" : make("span", { class: "subl" }, titled(field.field))];
}

/** A finding about somebody, in words: what it says, how sure it is, and which of their votes speak for it. */
const spoken = (finding) =>
  make("li", {}, [
    said(finding), " ",
    make("span", { class: "mute" }, say("Of this rater: {votes}, {since}. Against honest votes: {odds}. Policy {policy}.", { votes: count(finding.votes, "vote"), since: since(finding), odds: odds(finding.strength), policy: finding.policy })), " ",
    make("a", { href: page(finding) }, [say("Look"), make("span", { class: "vh" }, `: ${KINDS[finding.kind]}`)]),
  ]);

/** The findings about somebody, as the table has room for them. */
const found = ({ findings }) =>
  findings.map((finding) =>
    make("span", { class: "found" }, [
      make("a", { class: "flag", href: page(finding) }, KINDS[finding.kind]),
      make("span", { class: "subl" }, finding.pending ? plural(finding.votes, "{n} vote waits", "{n} votes wait") : weighed(finding)),
    ]),
  );

function decide(asked, pressed) {
  [chosen, opener] = [asked, pressed];
  form.reset();
  const heading = one("h2", section);
  heading.replaceChildren(...sayWith("Decide on {rater}", { rater: rater(asked.rater_id) }));
  const named = asked.fields.map((field) => field.field);
  form.elements.field.replaceChildren(...named.map((name) => make("option", { value: name }, titled(name))));
  form.elements.field.value = worst(asked.fields).field;
  one("[data-field]", section).hidden = named.length === 1;
  one("[data-found]", section).replaceChildren(...asked.findings.map(spoken));
  one("[data-note]", section).hidden = true;
  section.hidden = false;
  decided.hidden = true;
  heading.focus();
}

function close() {
  section.hidden = true;
  (opener ?? main).focus();
}

/** What was decided, and for half an hour the button that takes it back. */
function tellDecided(name, made) {
  const held = plural(made.held, "{n} vote is held.", "{n} votes are held.");
  const sentence = ` ${titled(made.field)}: ${WORDS[made.standing]}. ${say("The rater is told, with your reason.")} ${held} `;
  const undo = button(say("Undo"), (pressed) =>
    act(decided, pressed, async () => {
      await api.ask("DELETE", `/raters/${encodeURIComponent(name)}/standing?field=${encodeURIComponent(made.field)}`);
      decided.replaceChildren(say("Undone: what held before holds again."));
      load();
    }),
  );
  decided.replaceChildren(
    make("strong", {}, sayWith("Rater {rater}.", { rater: rater(name) })),
    sentence,
    undo,
    make("span", { class: "sm" }, ` ${say("until {when}; later, make a new decision.", { when: when(made.undone_until) })}`),
    make("p", { role: "alert", "data-note": true, hidden: true }),
  );
  decided.hidden = false;
  decided.focus();
}

submits(section, async ({ field, standing, since, until, reason }) => {
  const name = chosen.rater_id;
  const body = { standing, reason, field: field || "general" };
  if (since && (standing === "probation" || standing === "suspended")) body.hold = { since };
  if (until) body.until = until;
  const made = await api.ask("PATCH", `/raters/${encodeURIComponent(name)}/standing`, { body });
  section.hidden = true;
  tellDecided(name, made);
  load();
});
one("[data-close]").addEventListener("click", close);
section.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});

function statement(raters) {
  if (!raters.length) return say("Nobody has rated yet.");
  const held = raters.filter((asked) => asked.held).length;
  const waiting = raters.filter((asked) => asked.appeal?.state === "open").length;
  const first = held ? plural(held, "Votes of {n} rater are held.", "Votes of {n} raters are held.") : say("No vote of a rater is held.");
  return waiting ? `${first} ${plural(waiting, "{n} rater asked for a review.", "{n} raters asked for a review.")}` : first;
}

/** What audits found, one line each, the strongest first. */
function audited(findings, limits) {
  const columns = [
    { head: say("What was found"), row: true, cell: (finding) => [KINDS[finding.kind], make("span", { class: "subl" }, said(finding))] },
    { head: say("Against honest votes"), cell: (finding) => odds(finding.strength) },
    { head: say("Votes"), right: true, cell: (finding) => figure(finding.votes) },
    { head: say("Raters"), right: true, cell: (finding) => figure(finding.raters.length) },
    { head: say("Begun"), cell: since },
    { head: say("Policy"), right: true, cell: (finding) => finding.policy },
    { head: say("Evidence"), cell: (finding) => make("a", { href: page(finding) }, [say("Look"), make("span", { class: "vh" }, `: ${KINDS[finding.kind]}, ${finding.finding_id}`)]) },
  ];
  const sorted = [...findings].sort((first, second) => second.strength - first.strength);
  return make("section", { class: "sec" }, [
    make("header", {}, [make("h2", {}, say("What audits found")), make("p", {}, say("A pattern, not a verdict: read the evidence before you decide."))]),
    table(say("Findings"), columns, sorted, say("Nothing that stands. Votes are audited every night, and by arena audit.")),
    ...limits.map((limit) => make("p", { class: "sm mute" }, [make("b", {}, say("What the last audit could not have found:")), " ", missed(limit)])),
  ]);
}

function draw({ raters, findings, limits }) {
  known = raters;
  const votes = raters.reduce((sum, asked) => sum + asked.votes, 0);
  const rests = `${count(raters.length, "rater")}, ${count(votes, "vote")}. ${say("A decision holds votes and takes no credit; agreeing less with others is not a reason.")}`;
  const columns = [
    { head: say("Rater"), row: true, cell: (asked) => rater(asked.rater_id) },
    { head: say("Standing"), cell: stands },
    { head: say("Votes"), right: true, cell: (asked) => figure(asked.votes) },
    { head: say("Held back"), right: true, cell: (asked) => figure(asked.held) },
    { head: say("Median time"), right: true, cell: (asked) => seconds(asked.median_seconds), has: (asked) => asked.median_seconds !== null },
    { head: say("Gold right"), right: true, cell: (asked) => of(asked.gold_right, asked.gold_seen), has: (asked) => asked.gold_seen },
    { head: say("Same on repeats"), right: true, cell: (asked) => of(asked.repeats_same, asked.repeats_seen), has: (asked) => asked.repeats_seen },
    { head: say("Agreement"), right: true, cell: (asked) => share(asked.agreement), has: (asked) => asked.agreement !== null },
    { head: say("21 days"), cell: days },
    { head: say("Finding"), cell: found, has: (asked) => asked.findings.length },
    {
      head: say("Decision"),
      cell: (asked) =>
        button([say("Decide"), make("span", { class: "vh" }, ` ${say("on {rater}", { rater: asked.rater_id })}`)], (pressed) => decide(asked, pressed), { "data-rater": asked.rater_id }),
    },
  ];
  const looked = (asked) => Number(asked.findings.length > 0 || asked.held > 0 || asked.appeal?.state === "open");
  const sorted = [...raters].sort((first, second) => looked(second) - looked(first) || second.votes - first.votes);
  const everybody = make("section", { class: "sec" }, longTable(say("Raters"), columns, sorted, say("Whoever votes appears here.")));
  const waits = raters.some((asked) => asked.appeal?.state === "open");
  const next = waits ? [make("a", { class: "btn pri", href: `${api.HERE}/lab/review` }, say("Answer reviews"))] : [];
  const told = audited(findings, limits);
  part.append(lead(statement(raters), rests, next), ...(findings.length ? [told, everybody] : [everybody, told]));
}

async function fetched() {
  const [raters, findings, { limits }] = await Promise.all([every("/raters", "raters"), every("/findings", "findings"), api.ask("GET", "/findings?limit=1")]);
  return { raters, findings, limits };
}

const load = () => show(part, fetched, draw);
load().then(() => {
  const asked = known.find(({ rater_id: name }) => name === ASKED);
  if (asked) decide(asked, part.querySelector(`[data-rater="${CSS.escape(ASKED)}"]`));
});
