/* How ratings moved: every vote until each day, week or month. */

import { about, chooser, choosing, points, whole, words } from "/static/boards/asked.js";
import { lines, pictured } from "/static/boards/pictures.js";
import { make } from "/static/making.js";
import { lead, one, show } from "/static/page.js";
import { LOCALE, plural, say } from "/static/words.js";

const MOST = 12; // lines in one picture

const part = one("[data-part]");
const day = (moment) => new Date(moment).toLocaleDateString(LOCALE, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

async function load() {
  const { window } = await about("/history", { limit: 1 });
  return { window, moments: await whole("/history", "moments") };
}

const WINDOWS = { day: () => say("day"), week: () => say("week"), month: () => say("month"), quarter: () => say("quarter"), year: () => say("year") };

function statement(first, last, moments) {
  if (!last.length) return say("No votes have a time yet, so there is no course to show.");
  const [leader] = last;
  const since = [...moments].reverse().findIndex((moment) => moment.ratings[0]?.model !== leader.model);
  const from = since === -1 ? moments[0] : moments[moments.length - since];
  return say("{model} has led since {day}.", { model: leader.model, day: day(from.begin) });
}

function draw({ window, moments }) {
  const fitted = moments.filter((moment) => moment.ratings.length);
  const last = fitted.at(-1)?.ratings ?? [];
  part.append(lead(statement(fitted[0]?.ratings ?? [], last, fitted), say("Every vote until the end of each {window}. The mean of the models is 1,000 each time, so a line can move because others joined.", { window: WINDOWS[window]() })));
  if (!last.length) return;
  const names = last.map((entry) => entry.model);
  const chosen = words.get("model") ?? names[0];
  const shown = new Set([chosen, ...names.slice(0, MOST - 1)]);
  const of = (name) => fitted.flatMap((moment, at) => moment.ratings.filter((entry) => entry.model === name).map((entry) => [at, entry.rating]));
  const series = [...shown].map((name) => ({ name, strong: name === chosen, points: of(name) })).filter((one) => one.points.length);
  const title = say("Rating over time");
  const marks = [...new Set([0, Math.floor((fitted.length - 1) / 2), fitted.length - 1])].map((at) => [at, day(fitted[at].begin)]);
  const table = [[say("Until"), say("Votes"), ...names], ...fitted.map((moment) => [day(moment.begin), moment.votes, ...names.map((name) => moment.ratings.find((entry) => entry.model === name)?.rating ?? null)])];
  part.append(
    choosing([chooser("model", say("In bold"), names, chosen)]),
    make("section", { class: "evidence" }, [
      make("h2", {}, title),
      make("p", { class: "sm mute" }, names.length > shown.size ? plural(names.length, "The first {shown} of {n} model; the table has all.", "The first {shown} of {n} models; the table has all.", { shown: shown.size }) : say("All models.")),
      pictured("rating-over-time", title, lines("course", title, course(chosen, of(chosen)), series, marks), table.map((row, place) => (place ? row.map((value, at) => (at > 1 && value !== null ? Math.round(value * 10) / 10 : value)) : row))),
    ]),
  );
}

const course = (name, of) => (of.length ? say("{model} went from {first} to {last}.", { model: name, first: points(of[0][1]), last: points(of.at(-1)[1]) }) : "");

show(part, load, draw);
