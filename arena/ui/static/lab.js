/* The lab at a glance: what is wrong, what to do next, how far it is, and what that rests on. */

import * as api from "/static/api.js";
import { every as everyCampaign, stateOf, votesOfPlan, votesSaid } from "/static/lab/campaigns.js";
import { votesADay } from "/static/lab/bars.js";
import { counted } from "/static/boards/counted.js";
import { CAUSES } from "/static/lab/models.js";
import { toDo } from "/static/lab/to-do.js";
import { english, make } from "/static/making.js";
import { facts, lead, one, show, table } from "/static/page.js";
import { figure, fixed, percent, plural, say } from "/static/words.js";

const NONE = "–";
const SLOW = { deadline: 60_000 }; // servers that do not answer are waited for
const sum = (values) => values.reduce((total, value) => total + value, 0);
const share = (part, whole) => (whole ? percent(part / whole) : NONE);
const left = ({ votes, progress: { plan } }) => (plan === null ? null : Math.max(0, plan - votes));
const campaignPage = ({ name }) => `${api.HERE}/lab/campaigns/${encodeURIComponent(name)}`;

/** GPU hours for the votes that are still to come: the same part of all its hours as of its votes. */
function hoursLeft(campaign) {
  const { gpu_hours: hours } = campaign.estimate;
  const { plan } = campaign.progress;
  return hours === null || !plan ? null : (hours * left(campaign)) / plan;
}

function statement(running, waiting) {
  const next = waiting.length ? plural(waiting.length, "{n} thing waits for you.", "{n} things wait for you.") : say("Nothing waits for you.");
  return `${progressed(running)} ${next}`;
}

/** How far the campaign is that takes longest. */
function progressed(running) {
  if (!running.length) return say("Nothing is being collected.");
  const wanted = running.filter((campaign) => left(campaign)).sort((first, second) => (second.progress.days_left ?? 0) - (first.progress.days_left ?? 0));
  const pace = sum(running.map((campaign) => campaign.progress.votes_a_day));
  if (!wanted.length) return pace ? say("About {n} votes come in a day.", { n: figure(Math.max(1, Math.round(pace))) }) : say("No vote came in the last seven days.");
  const { name: campaign, progress: { days_left: days } } = wanted[0];
  if (days === null) {
    return plural(left(wanted[0]), "{campaign} needs {n} more vote, and none came in the last seven days.", "{campaign} needs {n} more votes, and none came in the last seven days.", { campaign });
  }
  if (days < 1) return say("{campaign} has its votes in less than a day.", { campaign });
  return plural(Math.round(days), "About {n} day more until {campaign} has its votes.", "About {n} days more until {campaign} has its votes.", { campaign });
}

function summed(campaigns) {
  const planned = campaigns.filter(({ progress }) => progress.plan !== null);
  const compared = sum(campaigns.map(({ progress }) => progress.compared));
  const agreed = sum(campaigns.map(({ progress }) => (progress.agreement ?? 0) * progress.compared));
  const ended = sum(campaigns.map(({ progress }) => progress.ended));
  const voids = sum(campaigns.flatMap(({ progress }) => Object.values(progress.voids)));
  return facts([
    [figure(sum(campaigns.map(({ votes }) => votes))), planned.length
      ? say("votes; {votes} of {plan} planned", { votes: figure(sum(planned.map(({ votes }) => votes))), plan: figure(sum(planned.map(({ progress }) => progress.plan))) })
      : say("votes, and none is planned")],
    [figure(Math.round(sum(campaigns.map(({ progress }) => progress.votes_a_day)))), say("votes a day, the mean of the last seven")],
    [compared ? fixed(agreed / compared, 2) : NONE, compared ? plural(compared, "of {n} pair of votes on one item say the same", "of {n} pairs of votes on one item say the same") : say("agreement: no item has two votes")],
    [share(voids, ended), say("of battles void, nothing recorded")],
  ]);
}

function next(waiting) {
  const lines = waiting.map(({ words, verb, where }) => make("li", {}, [words, " ", make("a", { href: where }, verb)]));
  const list = lines.length ? make("ol", { class: "todo" }, lines) : make("p", { class: "mute" }, say("No model fails, no rater waits for an answer, and every campaign is on plan."));
  return make("section", { "aria-labelledby": "next-title" }, [make("h2", { id: "next-title" }, say("What to do next")), list]);
}

function perDayDrawn(campaigns) {
  const byDay = new Map();
  for (const { progress } of campaigns) for (const { day, votes } of progress.by_day) byDay.set(day, (byDay.get(day) ?? 0) + votes);
  return make("section", {}, [make("h2", {}, say("Votes a day")), votesADay(byDay)]);
}

function stillToCome(running) {
  const columns = [
    { head: say("Campaign"), row: true, cell: (campaign) => make("a", { href: campaignPage(campaign) }, campaign.name) },
    { head: say("State"), cell: stateOf },
    { head: say("Votes of plan"), right: true, cell: votesSaid },
    { head: "", wide: true, cell: votesOfPlan, has: ({ progress }) => progress.plan },
    { head: say("Days left"), right: true, cell: ({ progress }) => (progress.days_left === null ? NONE : progress.days_left ? fixed(progress.days_left, 1) : figure(0)) },
    { head: say("GPU hours left"), right: true, cell: (campaign) => (hoursLeft(campaign) === null ? NONE : fixed(hoursLeft(campaign), 1)) },
    { head: say("Agreement"), right: true, cell: ({ progress }) => (progress.agreement === null ? NONE : fixed(progress.agreement, 2)) },
  ];
  const rests = running.flatMap(({ name, estimate }) => estimate.assumptions.map((said) => make("li", {}, [`${name}. `, english(said)])));
  return make("section", {}, [
    make("h2", {}, say("What is left")),
    table(say("What is left"), columns, running, say("No campaign is running.")),
    make("p", { class: "sm mute" }, say("Days left: the votes that are missing, at the pace of the last seven days. GPU hours left: the same part of all hours as of the votes.")),
    make("details", {}, [make("summary", {}, say("What the estimates rest on")), make("ul", { class: "pl sm" }, rests)]),
  ]);
}

function apart(running) {
  const rows = running.flatMap((campaign) => campaign.progress.top.filter(({ needed }) => needed).map((pair) => ({ ...pair, campaign })));
  const columns = [
    { head: say("Pair"), row: true, cell: (pair) => say("{first} and {second}", pair) },
    { head: say("Campaign"), cell: (pair) => pair.campaign.name },
    { head: say("Votes between them"), right: true, cell: (pair) => figure(pair.votes) },
    { head: say("About so many more"), right: true, cell: (pair) => figure(pair.needed) },
    { head: say("Days"), right: true, cell: (pair) => (pair.campaign.progress.votes_a_day ? fixed(pair.needed / pair.campaign.progress.votes_a_day, 1) : NONE) },
  ];
  return make("section", {}, [
    make("h2", {}, say("What the top still needs")),
    table(say("What the top still needs"), columns, rows, say("No two neighbours at the top of a board wait for votes.")),
    make("p", { class: "sm mute" }, say("Days: if every vote of the campaign went to this pair and the difference stayed as it is. If it shrinks, the need grows with the square.")),
  ]);
}

function voids(campaigns, models) {
  const ended = sum(campaigns.map(({ progress }) => progress.ended));
  const rows = Object.entries(CAUSES).map(([cause, words]) => ({ cause, words, number: sum(campaigns.map(({ progress }) => progress.voids[cause] ?? 0)) })).filter(({ number }) => number);
  const worst = [...models].sort((first, second) => second.voids.model - first.voids.model).filter((model) => model.voids.model).slice(0, 3);
  const columns = [
    { head: say("Cause"), row: true, cell: ({ words }) => words },
    { head: say("Battles"), right: true, cell: ({ number }) => figure(number) },
    { head: say("Of all"), right: true, cell: ({ number }) => share(number, ended) },
  ];
  const most = worst.length ? say("Failed most: {models}.", { models: worst.map((model) => `${model.name}, ${figure(model.voids.model)}`).join("; ") }) : "";
  return make("section", {}, [make("h2", {}, say("Void battles")), table(say("Void battles"), columns, rows, say("No battle is void.")), make("p", { class: "sm mute" }, most)]);
}

function draw([campaigns, models, waits, found, board]) {
  const running = campaigns.filter(({ state }) => state === "running");
  const waiting = toDo({ models, campaigns, waits, found });
  const active = models.filter(({ state }) => state === "active").length;
  const fresh = make("a", { class: "btn", href: `${api.HERE}/lab/new-campaign` }, say("New campaign"));
  one("[data-part]").append(
    lead(statement(running, waiting), `${plural(running.length, "{n} campaign collects.", "{n} campaigns collect.")} ${plural(active, "{n} model is active.", "{n} models are active.")}`, [fresh]),
    summed(campaigns),
    make("p", { class: "sm" }, [`${counted(board.counting)} `, make("a", { href: `${api.HERE}/leaderboard/transparency` }, say("Transparency"))]),
    make("div", { class: "cols c57 parts" }, [perDayDrawn(campaigns), next(waiting)]),
    make("div", { class: "parts" }, stillToCome(running)),
    make("div", { class: "cols c57 parts" }, [apart(running), voids(campaigns, models)]),
  );
}

show(one("[data-part]"), () => Promise.all([
  everyCampaign(api.ask),
  api.every("/models", "models", SLOW),
  api.ask("GET", "/waiting"),
  api.every("/findings", "findings"),
  api.ask("GET", "/leaderboards/overall", SLOW),
]), draw);
