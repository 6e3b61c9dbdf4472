/* What raters asked to be looked at again: each answered once, by another person than the one who decided. */

import * as api from "/static/api.js";
import { reported, waiting as reportsWaiting } from "/static/lab/reports.js";
import { every, level, rater, titled } from "/static/standing/level.js";
import { button, make } from "/static/making.js";
import { act, lead, one, show, table, when } from "/static/page.js";
import { plural, say } from "/static/words.js";

const ORDER = ["qualified", "probation", "new", "suspended"];
const WHAT = { qualified: say("Qualified: held votes count again"), probation: say("Probation"), new: say("New"), suspended: say("Suspended") };
const part = one("[data-part]");

/** What may be answered: whoever decided may only give way. */
const answers = ({ mine, standing }) =>
  ORDER.filter((name) => !mine || ORDER.indexOf(name) < ORDER.indexOf(standing));

function choice(name, appeal) {
  const words = name === appeal.standing ? say("{standing}, as decided", { standing: WHAT[name] }) : WHAT[name];
  return make("label", {}, [make("input", { type: "radio", name: "standing", value: name, required: true }), make("b", {}, words)]);
}

function answering(appeal, item, opener) {
  const id = `reason-${appeal.appeal_id}`;
  const reason = make("textarea", { class: "txt", id, name: "reason", rows: "3", maxlength: "500", required: true });
  const send = make("button", { class: "btn pri s", type: "submit" }, say("Send the answer"));
  const close = button(say("Close"), () => {
    form.remove();
    opener.hidden = false;
    opener.focus();
  });
  const choices = answers(appeal).map((name) => choice(name, appeal));
  const form = make("form", {}, [
    make("p", { class: "note", role: "alert", "data-note": true, hidden: true }),
    make("div", { class: "fld" }, make("fieldset", { class: "pick1" }, [make("legend", { class: "vh" }, say("Standing from now on")), ...choices])),
    make("div", { class: "fld" }, [make("label", { for: id }, say("Your answer, which the rater reads word for word")), reason]),
    make("div", { class: "act" }, [send, close]),
  ]);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(form));
    act(form, send, async () => {
      await api.ask("POST", `/appeals/${encodeURIComponent(appeal.appeal_id)}/answer`, { body });
      load();
    });
  });
  opener.hidden = true;
  item.after(form);
  one("input", form).focus();
}

function waiting(appeal) {
  const words = [say("Answer it"), make("span", { class: "vh" }, `: ${appeal.rater_id}, ${titled(appeal.field)}`)];
  const opener = button(words, () => answering(appeal, item, opener), { class: "btn s" });
  const item = make("article", { class: "item ap" }, [
    make("div", {}, [rater(appeal.rater_id), make("p", {}, [level(appeal.standing), `, ${titled(appeal.field)}`])]),
    make("div", {}, make("p", { dir: "auto" }, say("“{field}”", { field: appeal.text }))),
    make("div", {}, make("p", {}, [make("b", {}, `${say("Decided on {when}:", { when: when(appeal.decided_at) })} `), appeal.reason])),
    make("div", {}, [
      answers(appeal).length ? opener : "",
      make("p", {}, appeal.mine ? say("You decided: you may give way, not refuse.") : say("asked {when}", { when: when(appeal.asked_at) })),
    ]),
  ]);
  return item;
}

function draw([appeals, reports]) {
  const open = appeals.filter((appeal) => appeal.state === "open");
  const done = appeals.filter((appeal) => appeal.state === "answered").reverse();
  const reviews = open.length ? plural(open.length, "{n} review to answer.", "{n} reviews to answer.") : say("Nobody waits for a review.");
  const statement = `${reviews} ${reportsWaiting(reports)}`;
  const rests =
    say("Each decision can be reviewed once. Whoever decided may give way, not refuse; answers go to the rater word for word.");
  const columns = [
    { head: say("Rater"), row: true, cell: (appeal) => rater(appeal.rater_id) },
    { head: say("Field"), cell: (appeal) => titled(appeal.field) },
    { head: say("Decided"), cell: (appeal) => level(appeal.standing) },
    { head: say("Answered"), cell: (appeal) => (appeal.answered_standing ? level(appeal.answered_standing) : "") },
    { head: say("Answer"), cell: (appeal) => appeal.answer },
    { head: say("When"), cell: (appeal) => when(appeal.answered_at) },
  ];
  const items = make("div", { class: "items" }, open.map(waiting));
  part.append(lead(statement, rests));
  if (open.length) part.append(make("section", { class: "sec" }, [make("header", {}, make("h2", {}, say("Asked for a review"))), items]));
  const answered = table(say("Answered reviews"), columns, done, say("No review was answered yet."));
  part.append(make("section", { class: "sec" }, [make("header", {}, make("h2", {}, say("Answered"))), answered]));
  part.append(reported(reports, load));
}

const load = () => show(part, () => Promise.all([every("/appeals", "appeals"), api.every("/reports", "reports")]), draw);
load();
