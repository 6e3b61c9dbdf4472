/* One finding of an audit: what it says, who and which votes speak for it, and what the board is without them. */

import * as api from "/static/api.js";
import { KINDS, net, odds, onModels, said, since, THEN } from "/static/lab/findings.js";
import { reasons } from "/static/lab/reasons.js";
import { LINES, ring } from "/static/lab/ring.js";
import { every, rater, WORDS } from "/static/standing/level.js";
import { strips } from "/static/lab/strips.js";
import { compared, fetched } from "/static/lab/two-boards.js";
import { count, figure, make, titled } from "/static/making.js";
import { act, facts, lead, one, pieces, show, table, when } from "/static/page.js";
import { plural, say } from "/static/words.js";

const MOST = 500; // votes of a finding that are fetched
const ROWS = 50; // of them, those in the table
const NAME = pieces.at(-1);
const PART = one("[data-part]");
const OUTCOMES = { tie: say("Tie"), both_bad: say("Both bad") };

function rests(finding) {
  if (finding.ended_at) return say("Audits do not find it any more since {when}.", { when: when(finding.ended_at) });
  if (finding.pending) return say("Nothing is said about any one of them: these votes wait until more is known.");
  return `${THEN[finding.then]} ${say("A pattern, not a verdict: people of one team or one class can look like this too. Read the evidence before you decide.")}`;
}

function summed(finding) {
  return facts([
    [figure(finding.votes), plural(finding.votes, "vote speaks for it, {since}", "votes speak for it, {since}", { since: since(finding) })],
    [figure(finding.of_raters.length), plural(finding.of_raters.length, "rater whom it is about", "raters whom it is about")],
    [titled(odds(finding.strength)), say("against votes of honest raters")],
    [say("Policy {number}", { number: finding.policy }), say("{kind}; found {when}", { kind: KINDS[finding.kind], when: when(finding.found_at) })],
  ]);
}

/** The model of somebody's votes that is most ahead, or most behind. */
function extreme(votes, which) {
  const found = onModels(votes).at(which);
  if (!found || (which ? net(found) >= 0 : net(found) <= 0)) return "–";
  return `${found.model}, ${figure(found.wins)} : ${figure(found.losses)}`;
}

function raters(finding) {
  const theirs = (row) => finding.spoken.filter((vote) => vote.rater_id === row.rater_id);
  const decide = (row) => {
    const words = [say("Decide"), make("span", { class: "vh" }, ` ${say("on {rater}", { rater: row.rater_id })}`)];
    return make("a", { href: `${api.HERE}/lab/raters?rater=${encodeURIComponent(row.rater_id)}` }, words);
  };
  const columns = [
    { head: say("Rater"), row: true, cell: (row) => rater(row.rater_id) },
    { head: say("Votes"), right: true, cell: (row) => figure(row.votes) },
    { head: say("First"), cell: (row) => when(row.first_at) },
    { head: say("Last"), cell: (row) => when(row.last_at) },
    { head: say("Lifts most, won : lost"), cell: (row) => extreme(theirs(row), 0) },
    { head: say("Lowers most, won : lost"), cell: (row) => extreme(theirs(row), -1) },
    { head: say("Standing"), cell: decide },
  ];
  const sorted = [...finding.of_raters].sort((first, second) => second.votes - first.votes);
  return section(say("Its raters"), say("Or decide on one at a time; each reads your reason and may ask for a review."), [
    table(say("Raters of the finding"), columns, sorted, say("Everybody whom it is about was erased.")),
  ]);
}

const section = (title, words, content) =>
  make("section", { class: "sec" }, [make("header", {}, [make("h2", {}, title), make("p", {}, words)]), ...content]);

const CHOICES = [
  ["qualified", say("Let all votes count"), say("No audit holds these votes again.")],
  ["probation", say("Probation"), say("They go on. The votes that speak for it, and those from now on, are held.")],
  ["suspended", say("Suspend"), say("No new items. The votes that speak for it, and those that follow, are held.")],
];

/** One decision on everybody whom it is about. */
function deciding(finding) {
  const reason = make("textarea", { class: "txt", id: "all-reason", name: "reason", rows: "3", maxlength: "500", required: true });
  const send = make("button", { class: "btn pri", type: "submit" }, plural(finding.raters.length, "Decide on this rater", "Decide on all {n}"));
  const choices = CHOICES.map(([value, words, means]) =>
    make("label", {}, [make("input", { type: "radio", name: "standing", value, required: true }), make("b", {}, words), make("small", {}, means)]),
  );
  const form = make("form", {}, [
    make("p", { class: "note", role: "alert", "data-note": true, hidden: true }),
    make("p", { class: "note calm", role: "status", "data-done": true, hidden: true }),
    make("div", { class: "fld" }, make("fieldset", { class: "pick1" }, [make("legend", { class: "vh" }, plural(finding.raters.length, "What should happen to {n} rater?", "What should happen to {n} raters?")), ...choices])),
    make("div", { class: "fld" }, [make("label", { for: "all-reason" }, say("Reason, in words the raters will read")), reason]),
    make("div", { class: "act" }, send),
  ]);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(form));
    const first = finding.of_raters.map((one) => one.first_at).sort()[0];
    if (body.standing !== "qualified") body.hold = { since: finding.since ?? first };
    act(form, send, async () => {
      const made = await api.ask("POST", `/findings/${encodeURIComponent(NAME)}/decisions`, { body });
      form.reset();
      return `${WORDS[made.standing]}: ${count(made.raters.length, "rater")}. ${say("Each is told, with your reason, and may ask for a review. On the page of raters a decision can be undone for half an hour.")}`;
    });
  });
  return form;
}

function fetchedOf({ spoken, votes }) {
  return spoken.length < votes ? plural(votes, "The first {shown} of {n} vote.", "The first {shown} of {n} votes.", { shown: figure(spoken.length) }) : plural(votes, "{n} vote.", "{n} votes.");
}

function drawn(finding) {
  const pushes = ring(finding);
  const over = strips(finding);
  const parts = [
    pushes && make("section", {}, [make("h2", {}, say("Who pushes what")), make("p", { class: "sm mute" }, `${fetchedOf(finding)} ${LINES}`), pushes]),
    over && make("section", {}, [make("h2", {}, say("Over time")), make("p", { class: "sm mute" }, `${fetchedOf(finding)} ${say("A tick is a vote, ochre where it is held; the line runs from the first vote of a rater to the last.")}`), over]),
  ].filter(Boolean);
  return make("div", { class: "cols c2 evidence" }, parts);
}

function cast(finding) {
  const rows = finding.spoken.slice(0, ROWS);
  const columns = [
    { head: say("Cast"), row: true, cell: (vote) => when(vote.cast_at) },
    { head: say("Rater"), cell: (vote) => rater(vote.rater_id) },
    { head: say("A"), cell: (vote) => vote.model_a },
    { head: say("B"), cell: (vote) => vote.model_b },
    { head: say("Preferred"), cell: (vote) => OUTCOMES[vote.winner] ?? vote[vote.winner] },
    ...(rows.some((vote) => vote.expected) ? [{ head: finding.kind === "gold" ? say("Known") : say("Before"), cell: (vote) => (vote.expected ? OUTCOMES[vote.expected] ?? vote[vote.expected] : "") }] : []),
    { head: say("Counts"), cell: (vote) => vote.expected ? say("Nowhere") : (vote.held ? make("span", { class: "flag" }, say("Held back")) : say("Counts")) },
  ];
  const words = rows.length < finding.votes ? say("The first {shown} of {all}, by time.", { shown: figure(rows.length), all: figure(finding.votes) }) : say("By time.");
  return section(say("The votes that speak for it"), words, [table(say("Votes"), columns, rows, say("None of them is there any more."))]);
}

function draw(finding) {
  document.title = document.title.replace(/^[^·]*/, `${KINDS[finding.kind]} `);
  const back = make("a", { class: "btn", href: `${api.HERE}/lab/raters` }, say("All raters"));
  const boards = make("div");
  const weighed = make("div");
  const stands = finding.raters.length && !finding.ended_at;
  PART.append(
    lead(said(finding), rests(finding), [back]),
    summed(finding),
    drawn(finding),
    make("div", { class: "cols c2 evidence" }, [
      make("section", {}, [make("h2", {}, say("For and against")), weighed]),
      ...(stands ? [make("section", { "data-together": true }, [make("h2", {}, plural(finding.raters.length, "Decide on this rater", "Decide on all {n}")), deciding(finding)])] : []),
    ]),
    raters(finding),
    section(say("The board with and without the held votes"), "", [boards]),
    cast(finding),
  );
  show(boards, fetched, (both) => {
    boards.append(...compared(both));
    show(weighed, () => every("/raters", "raters"), (raters) => weighed.append(reasons(finding, raters, both.all)));
  });
}

show(PART, () => api.ask("GET", `/findings/${encodeURIComponent(NAME)}?limit=${MOST}`), draw);
