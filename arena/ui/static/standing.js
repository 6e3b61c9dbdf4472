/* How the rater stands: each field with the reason word for word, and a review to ask for. */

import * as api from "/static/api.js";
import { level, titled } from "/static/standing/level.js";
import { day, figure, make } from "/static/making.js";
import { act, lead, one, show, when } from "/static/page.js";
import { LOCALE, plural, say } from "/static/words.js";

const RESTS = say(
  "Standing says what you may rate. It is never shown in releases, and credits that you earned stay yours whatever happens.",
);
const PHRASES = {
  qualified: (n) => plural(n, "qualified in {n} field", "qualified in {n} fields"),
  new: (n) => plural(n, "new in {n} field", "new in {n} fields"),
  probation: (n) => plural(n, "on probation in {n} field", "on probation in {n} fields"),
  suspended: (n) => plural(n, "suspended in {n} field", "suspended in {n} fields"),
};
const ALONE = {
  qualified: say("You are qualified: your votes count."),
  new: say("You are new here."),
  probation: say("You are on probation: your votes are held until a person has looked."),
  suspended: say("You are suspended here: your votes are kept and held."),
};
const MEANS = {
  probation: say("You go on rating. Your votes are kept and earn as before, and are left out of boards until a person says otherwise."),
  suspended: say("There is nothing new for you to rate here. Votes that are held are kept, and left out of boards and releases."),
  new: say("Campaigns of this field give you no items yet."),
};
const HELD = say(
  "You go on rating. Votes that are held are kept and earn as before, and are left out of boards until audits find this in them no more, or a person says otherwise.",
);
const part = one("[data-part]");

/** What audits hold of somebody who may rate as before. */
const holding = (field) => (field.standing === "qualified" ? field.hold : null);

function statement(fields) {
  const [first] = fields;
  if (fields.length === 1 && holding(first)) {
    return plural(first.held, "You are qualified, and {n} vote of yours is held.", "You are qualified, and {n} votes of yours are held.");
  }
  if (fields.length === 1) return ALONE[first.standing];
  const said = Object.entries(PHRASES)
    .map(([standing, words]) => [words, fields.filter((field) => field.standing === standing).length])
    .filter(([, many]) => many)
    .map(([words, many]) => words(many));
  return say("You are {standings}.", { standings: new Intl.ListFormat(LOCALE).format(said) });
}

function said(appeal) {
  const asked = make("div", { class: "say2" }, [make("b", {}, say("You asked on {day}", { day: when(appeal.asked_at) })), appeal.text]);
  if (appeal.state === "open") return [asked];
  return [asked, make("div", { class: "say2" }, [make("b", {}, say("Answered on {day}", { day: when(appeal.answered_at) })), appeal.answer])];
}

function why(field) {
  const votes = field.held
    ? plural(field.votes, "{n} vote, of which {held} held.", "{n} votes, of which {held} held.", { held: figure(field.held) })
    : plural(field.votes, "{n} vote.", "{n} votes.");
  const hold = holding(field);
  const [reason, began] = hold ? [hold.reason, hold.decided_at] : [field.reason, field.since];
  const means = hold ? HELD : MEANS[field.standing];
  const since = began ? `${say("Since {day}.", { day: day(began) })} ` : "";
  const lines = [make("p", { class: "sm" }, since + votes)];
  if (reason && field.appeal?.answer !== reason) {
    lines.push(make("p", { class: "sm" }, [make("b", {}, `${say("Why:")} `), reason]));
  }
  if (reason && means) {
    lines.push(make("p", { class: "sm mute" }, [make("b", {}, `${say("What it means:")} `), means]));
  }
  if (field.appeal) lines.push(...said(field.appeal));
  return make("div", {}, lines);
}

/** The form that asks for a review. */
function asking(field) {
  const id = `appeal-${field.field}`;
  const text = make("textarea", { class: "txt", id, rows: "3", maxlength: "2000", required: true });
  const send = make("button", { class: "btn pri s", type: "submit" }, say("Send"));
  const form = make("form", { class: "say2" }, [
    make("p", { class: "note", role: "alert", "data-note": true, hidden: true }),
    make("div", { class: "fld" }, [
      make("label", { for: id }, say("What should the reviewer look at? One or two sentences are enough.")),
      text,
    ]),
    make("div", { class: "act" }, [send, make("span", { class: "sm mute" }, say("A person other than the one who decided answers."))]),
  ]);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(form, send, async () => {
      await api.ask("POST", "/me/appeals", { body: { text: text.value, field: field.field } });
      load();
    });
  });
  return form;
}

function next(field, reasons) {
  const words = (said) => make("span", { class: "sm mute" }, said);
  if (field.appeal) return words(field.appeal.state === "open" ? say("In review.") : say("Reviewed."));
  if (field.standing === "new" && !field.reason) {
    const to = `${api.HERE}/qualify/${encodeURIComponent(field.field)}`;
    return make("a", { class: "btn s", href: to, "aria-label": say("Get qualified in {field}", { field: titled(field.field) }) }, say("Get qualified"));
  }
  if (!holding(field) && (!field.reason || field.standing === "qualified")) return words(field.until ? say("Holds until {day}", { day: day(field.until) }) : "");
  const opener = make("button", { class: "btn s", type: "button" }, say("Ask for a review"));
  opener.append(make("span", { class: "vh" }, `: ${titled(field.field)}`));
  opener.addEventListener("click", () => {
    reasons.append(asking(field));
    reasons.querySelector("textarea").focus();
    opener.replaceWith(words(say("One review for each decision")));
  });
  return opener;
}

function article(field) {
  const reasons = why(field);
  const parts = [make("h3", {}, titled(field.field)), level(field.standing), reasons, make("div", {}, next(field, reasons))];
  return make("article", { class: "stand" }, parts);
}

function draw({ fields }) {
  const own = make("section", { class: "sec" }, [make("h2", { class: "vh" }, say("My fields")), ...fields.map(article)]);
  part.append(lead(statement(fields), RESTS), own);
}

const load = () => show(part, () => api.ask("GET", "/me/standing"), draw);
load();
