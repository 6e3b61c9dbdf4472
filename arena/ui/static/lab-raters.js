/* Everybody who rated, with what speaks for their standing, and the decision on it. */

import * as api from "/static/api.js";
import { days } from "/static/lab/days.js";
import { KINDS, odds, page, said, since, weighed } from "/static/lab/findings.js";
import { every, level, rater, titled, WORDS } from "/static/lab/standing.js";
import { button, count, figure, make } from "/static/making.js";
import { act, lead, one, show, submits, table, when } from "/static/page.js";

const NONE = "\u2013";
const part = one("[data-part]");
const section = one("[data-decide]");
const decided = one("[data-decided]");
const form = one("form", section);
const ASKED = new URLSearchParams(location.search).get("rater"); // whom the page of a finding sends here for
let chosen = null;
let opener = null;

const share = (value) => (value === null ? NONE : `${Math.round(100 * value)}%`);
const seconds = (value) => (value === null ? NONE : `${Math.round(value)} s`);
const of = (right, seen) => (seen ? `${right} of ${seen}` : NONE);

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
    `${said(finding)} `,
    make("span", { class: "mute" }, `Of this rater ${count(finding.votes, "vote")}, ${since(finding)}; ${odds(finding.strength)} against honest votes; policy ${finding.policy}. `),
    make("a", { href: page(finding) }, ["Look", make("span", { class: "vh" }, ` at ${KINDS[finding.kind].toLowerCase()}`)]),
  ]);

/** The findings about somebody, as the table has room for them. */
const found = ({ findings }) =>
  findings.map((finding) =>
    make("span", { class: "found" }, [
      make("a", { class: "flag", href: page(finding) }, KINDS[finding.kind]),
      make("span", { class: "subl" }, finding.pending ? `${count(finding.votes, "vote")} wait${finding.votes === 1 ? "s" : ""}` : weighed(finding)),
    ]),
  );

function decide(asked, pressed) {
  [chosen, opener] = [asked, pressed];
  form.reset();
  const heading = one("h2", section);
  heading.replaceChildren("Decide on ", rater(asked.rater_id));
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
  opener.focus();
}

/** What was decided, and for half an hour the button that takes it back. */
function tellDecided(name, made) {
  const held = `${count(made.held, "vote")} ${made.held === 1 ? "is" : "are"} held.`;
  const sentence = `${titled(made.field)}: ${WORDS[made.standing].toLowerCase()}. The rater is told, with your reason. ${held} `;
  const undo = button("Undo", (pressed) =>
    act(decided, pressed, async () => {
      await api.ask("DELETE", `/raters/${encodeURIComponent(name)}/standing?field=${encodeURIComponent(made.field)}`);
      decided.replaceChildren("Undone: what held before holds again.");
      load();
    }),
  );
  decided.replaceChildren(
    make("strong", {}, ["Rater ", rater(name), ". "]),
    sentence,
    undo,
    make("span", { class: "sm" }, ` until ${when(made.undone_until)}; later, make a new decision.`),
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
  if (!raters.length) return "Nobody has rated yet.";
  const held = raters.filter((asked) => asked.held).length;
  const waiting = raters.filter((asked) => asked.appeal?.state === "open").length;
  const first = held ? `Votes of ${count(held, "rater")} are held.` : "No vote of a rater is held.";
  return waiting ? `${first} ${count(waiting, "rater")} asked for a review.` : first;
}

/** What audits found, one line each, the strongest first. */
function audited(findings) {
  const columns = [
    { head: "What was found", row: true, cell: (finding) => [KINDS[finding.kind], make("span", { class: "subl" }, said(finding))] },
    { head: "Against honest votes", cell: (finding) => odds(finding.strength) },
    { head: "Votes", right: true, cell: (finding) => figure(finding.votes) },
    { head: "Raters", right: true, cell: (finding) => figure(finding.raters.length) },
    { head: "Begun", cell: since },
    { head: "Policy", right: true, cell: (finding) => finding.policy },
    { head: "Evidence", cell: (finding) => make("a", { href: page(finding) }, ["Look", make("span", { class: "vh" }, ` at ${KINDS[finding.kind].toLowerCase()}, ${finding.finding_id}`)]) },
  ];
  const sorted = [...findings].sort((first, second) => second.strength - first.strength);
  return make("section", { class: "sec" }, [
    make("header", {}, [make("h2", {}, "What audits found"), make("p", {}, "A pattern, not a verdict: read the evidence before you decide.")]),
    table("Findings", columns, sorted, "Nothing that stands. Votes are audited every night, and by arena audit."),
  ]);
}

function draw({ raters, findings }) {
  const votes = raters.reduce((sum, asked) => sum + asked.votes, 0);
  const rests =
    `${count(raters.length, "rater")}, ${count(votes, "vote")}. A decision holds votes and takes no credit; ` +
    "agreeing less with others is not a reason.";
  const columns = [
    { head: "Rater", row: true, cell: (asked) => rater(asked.rater_id) },
    { head: "Votes", right: true, cell: (asked) => figure(asked.votes) },
    { head: "Held", right: true, cell: (asked) => figure(asked.held) },
    { head: "Median time", right: true, cell: (asked) => seconds(asked.median_seconds) },
    { head: "Gold right", right: true, cell: (asked) => of(asked.gold_right, asked.gold_seen) },
    { head: "Same on repeats", right: true, cell: (asked) => of(asked.repeats_same, asked.repeats_seen) },
    { head: "Agreement", right: true, cell: (asked) => share(asked.agreement) },
    { head: "21 days", cell: days },
    { head: "Finding", cell: found },
    { head: "Standing", cell: stands },
    {
      head: "Decision",
      cell: (asked) =>
        button(["Decide", make("span", { class: "vh" }, ` on ${asked.rater_id}`)], (pressed) => decide(asked, pressed), { "data-rater": asked.rater_id }),
    },
  ];
  const sorted = [...raters].sort((first, second) => second.votes - first.votes);
  const waits = raters.some((asked) => asked.appeal?.state === "open");
  const next = waits ? [make("a", { class: "btn pri", href: `${api.HERE}/lab/review` }, "Answer reviews")] : [];
  part.append(lead(statement(raters), rests, next), table("Raters", columns, sorted, "Whoever votes appears here."), audited(findings));
}

async function fetched() {
  const [raters, findings] = await Promise.all([every("/raters", "raters"), every("/findings", "findings")]);
  return { raters, findings };
}

const load = () => show(part, fetched, draw);
load().then(() => {
  if (ASKED) part.querySelector(`[data-rater="${CSS.escape(ASKED)}"]`)?.click();
});
