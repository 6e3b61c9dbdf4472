/* What raters reported of battles: each waits for a person, who lets the item go on or takes it out. */

import * as api from "/static/api.js";
import { button, make } from "/static/making.js";
import { act, table, when } from "/static/page.js";
import { plural, say } from "/static/words.js";

const LONG = 80; // letters of a prompt in one line

const KINDS = () => ({
  personal: say("Personal details"),
  dangerous: say("Dangerous or illegal"),
  names_model: say("An answer says which model it is"),
  guidelines: say("The guidelines do not fit"),
  other: say("Something else"),
});

const short = (text) => (text.length > LONG ? `${text.slice(0, LONG - 1)}…` : text);
const text = (words, told) => [make("dt", {}, words), make("dd", { class: "written", dir: "auto" }, told || say("No text is left of it."))];

/** How many wait, in a sentence. */
export const waiting = (reports) => {
  const open = reports.filter(({ answer }) => answer === null).length;
  return open ? plural(open, "{n} report waits for a person.", "{n} reports wait for a person.") : say("No report waits.");
};

/** The section of all reports. `again` draws the page anew. */
export function reported(reports, again) {
  const open = reports.filter(({ answer }) => answer === null);
  const columns = [
    { head: say("Prompt"), row: true, cell: ({ prompt }) => make("span", { dir: "auto" }, short(prompt) || say("No text is left of it.")) },
    { head: say("Report"), cell: ({ kind, reason }) => [make("b", {}, KINDS()[kind]), " ", make("span", { dir: "auto" }, reason)] },
    { head: say("Decided"), cell: ({ answer }) => (answer.keep ? say("It goes on") : say("Taken out")) },
    { head: say("Why"), cell: ({ answer }) => make("span", { dir: "auto" }, answer.reason) },
    { head: say("Who"), cell: ({ answer }) => make("span", { class: "mono" }, answer.answered_by) },
    { head: say("When"), cell: ({ answer }) => when(answer.answered_at) },
  ];
  return make("section", { class: "sec" }, [
    make("header", {}, make("h2", {}, say("Reported items"))),
    make("p", { class: "sm mute" }, say("A reported item is given to nobody until a person decides, and what was reported is published nowhere. The unanswered reports of one rater hold three items at most.")),
    ...(open.length ? [make("div", { class: "items" }, open.map((report) => item(report, again)))] : []),
    table(say("Decided reports"), columns, reports.filter(({ answer }) => answer).reverse(), say("Nothing was decided of a report yet.")),
  ]);
}

function item(report, again) {
  const whole = make("details", {}, [
    make("summary", {}, say("What it is about")),
    make("dl", { class: "reported" }, [...text(say("Prompt"), report.prompt), ...text(say("Answer A"), report.response_a), ...text(say("Answer B"), report.response_b)]),
  ]);
  const id = `reason-${report.report_id}`;
  const send = make("button", { class: "btn pri s", type: "submit", value: "keep" }, say("Let it go on"));
  const out = make("button", { class: "btn s", type: "submit", value: "out" }, say("Take it out"));
  const form = make("form", {}, [
    make("p", { class: "note", role: "alert", "data-note": true, hidden: true }),
    make("div", { class: "fld" }, [make("label", { for: id }, say("Why you decide so")), make("textarea", { class: "txt", id, name: "reason", rows: "2", maxlength: "2000", required: true })]),
    make("div", { class: "act" }, [send, out]),
  ]);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = { keep: event.submitter?.value !== "out", reason: new FormData(form).get("reason") };
    act(form, event.submitter ?? send, async () => {
      await api.ask("POST", `/reports/${encodeURIComponent(report.report_id)}/answer`, { body });
      again();
    });
  });
  const opener = button([say("Decide"), make("span", { class: "vh" }, ` ${short(report.prompt)}`)], () => {
    opener.replaceWith(form);
    form.querySelector("textarea").focus();
  }, { class: "btn s" });
  return make("article", { class: "item ap" }, [
    make("div", {}, [make("b", {}, KINDS()[report.kind]), make("p", { class: "sm mute" }, when(report.reported_at))]),
    make("div", {}, [make("p", { dir: "auto" }, short(report.prompt)), whole]),
    make("div", {}, make("p", { dir: "auto" }, report.reason)),
    make("div", {}, opener),
  ]);
}
