/* One campaign: how far it is, what is disputed, what the top still needs, its rules, and its state. */

import * as api from "/static/api.js";
import { counted } from "/static/boards/counted.js";
import { asked, days, lateBy, perDay, stateOf, votesOfPlan, votesSaid } from "/static/lab/campaigns.js";
import { votesSoFar } from "/static/lab/chart.js";
import { button, count, day, figure, make } from "/static/making.js";
import { act, facts, lead, one, pieces, show, table } from "/static/page.js";
import { say } from "/static/words.js";

const NAME = pieces.at(-1);
const PATH = `/campaigns/${encodeURIComponent(NAME)}`;
const part = one("[data-part]");
const share = (number) => (number === null ? "–" : `${(100 * number).toFixed(1)}%`);

function statement({ name, state, votes, progress }) {
  const { plan, days_left: left } = progress;
  const needed = plan === null ? null : Math.max(0, plan - votes);
  if (state === "draft") return `${name} is a draft: nothing is given out yet.`;
  if (state === "paused") return `${name} is paused, with ${count(votes, "vote")}.`;
  if (state === "closed") return `${name} is closed, with ${count(votes, "vote")}.`;
  if (needed === null) return `${name} has ${count(votes, "vote")} and goes on until it is closed.`;
  if (!needed) return `${name} has the votes it wanted.`;
  const pace = left === null ? "Nobody voted in the last seven days." : `At this pace it is done in ${days(left)}.`;
  return `${name} needs ${count(needed, "more vote")}. ${pace}`;
}

function rests(campaign) {
  const late = lateBy(campaign);
  const closing = campaign.ends ? `It closes on ${day(campaign.ends)}. ` : "";
  const said = late ? `That is ${count(late, "day")} late. ` : "";
  return `${closing}${said}${asked(campaign)}, ${campaign.pairing} pairing, version ${campaign.version}.`;
}

async function become(state) {
  await api.ask("PATCH", PATH, { body: { state } });
  load();
}

function buttons(campaign) {
  if (campaign.created_at === null || campaign.state === "closed") return [];
  const to = (words, state, kind) => button(words, (pressed) => act(part, pressed, () => become(state)), { class: kind });
  const edit = make("a", { class: "btn", href: `${api.HERE}/lab/new-campaign?name=${encodeURIComponent(NAME)}` }, "Edit");
  return {
    draft: [edit, to("Start", "running", "btn pri")],
    running: [edit, to("Pause collecting", "paused", "btn warn")],
    paused: [edit, to("Close for good", "closed", "btn warn"), to("Go on", "running", "btn pri")],
  }[campaign.state];
}

function summed(campaign) {
  const { progress, estimate } = campaign;
  const agreement = progress.agreement === null ? "–" : progress.agreement.toFixed(2);
  return facts([
    [votesSaid(campaign), `votes, ${perDay(progress.votes_a_day)} in the last week`],
    [figure(progress.raters), "raters who voted"],
    [agreement, "of pairs of votes on one item say the same"],
    [estimate.credits === null ? "–" : figure(estimate.credits), "credits planned"],
  ]);
}

function spread({ progress, overlap }) {
  const columns = [
    { head: "Raters who voted on it", row: true, cell: (line) => (line.votes ? `${figure(line.votes)} of ${figure(overlap)}` : "Nobody yet") },
    { head: "Items", right: true, cell: (line) => figure(line.items) },
    { head: "Votes", right: true, cell: (line) => figure(line.votes * line.items) },
  ];
  return make("section", {}, [make("h2", {}, "Overlap"), table("Overlap", columns, progress.by_votes, "Raters ask their own prompts here.")]);
}

function pairs({ progress, pairing, floor }) {
  const columns = [
    { head: "Pair", row: true, cell: (pair) => pair.models.join(", ") },
    { head: "Votes", right: true, cell: (pair) => figure(pair.votes) },
  ];
  const why = pairing === "uniform" ? "All pairs are drawn alike." : `Drawn by ${pairing}, ${figure(floor)} a pair first.`;
  return make("section", {}, [
    make("h2", {}, "Votes per pair"), table("Votes per pair", columns, progress.pairs, "No vote counts yet."), make("p", { class: "sm mute" }, why),
  ]);
}

function raters({ progress, rater_share: most }) {
  const columns = [
    { head: "Rater", row: true, cell: (rater) => make("span", { class: "mono" }, rater.rater_id) },
    { head: "Votes", right: true, cell: (rater) => figure(rater.votes) },
    { head: "Share", right: true, cell: (rater) => share(rater.share) },
    { head: "Median reading", right: true, cell: (rater) => (rater.median_seconds === null ? "–" : `${Math.round(rater.median_seconds)} s`) },
  ];
  const why = most < 1 ? `No rater may give more than ${share(most)} of the votes.` : "Nobody's share is limited.";
  return make("section", {}, [
    make("h2", {}, "Raters in this campaign"), table("Raters", columns, progress.by_rater, "Nobody voted yet."), make("p", { class: "sm mute" }, why),
  ]);
}

const VOIDS = { model: "a model failed", prompt: "no model could take the prompt", rater: "its rater stopped it", arena: "the arena stopped", expired: "nobody was reading" };

function quality(campaign) {
  const { progress } = campaign;
  const voids = Object.entries(progress.voids).filter(([, number]) => number);
  const lines = [
    ["Items with all their votes", campaign.items === null ? "–" : `${figure(campaign.done)} of ${figure(campaign.items)}`],
    ["Votes that boards leave out", figure(campaign.held)],
    ["Items with votes for both models", figure(progress.disputed)],
    ["Void battles", `${share(progress.void_rate)}${voids.map(([cause, number]) => `; ${VOIDS[cause]}: ${figure(number)}`).join("")}`],
  ];
  const rows = lines.map(([words, value]) => make("tr", {}, [make("th", { scope: "row" }, words), make("td", { class: "r" }, value)]));
  return make("section", {}, [make("h2", {}, "Quality so far"), make("table", { class: "wt blk" }, make("tbody", {}, rows))]);
}

function top(campaign) {
  const columns = [
    { head: "Better", row: true, cell: (pair) => pair.first },
    { head: "Next", cell: (pair) => pair.second },
    { head: "Apart", right: true, cell: (pair) => pair.difference.toFixed(0) },
    { head: "Votes between them", right: true, cell: (pair) => figure(pair.votes) },
    { head: "About so many more tell them apart", right: true, cell: (pair) => (pair.needed === null ? "equal" : pair.needed ? figure(pair.needed) : "told apart") },
  ];
  return make("section", {}, [
    make("h2", {}, "What the top still needs"),
    table("Neighbours at the top", columns, campaign.progress.top, "There is no board of this campaign yet."),
  ]);
}

/** The beginning of a prompt, as long as one reads in a table. */
const short = (text) => (text.length > 100 ? `${text.slice(0, 97)} ...` : text);

function disputed(campaign) {
  const items = campaign.progress.disputed_items;
  const columns = [
    { head: "Item", row: true, cell: (item) => [make("span", { dir: "auto" }, short(item.prompt)), make("span", { class: "subl mono" }, item.battle_id)] },
    { head: "Models", cell: (item) => `${item.model_a}, ${item.model_b}` },
    { head: "For the first", right: true, cell: (item) => figure(item.votes.model_a) },
    { head: "For the second", right: true, cell: (item) => figure(item.votes.model_b) },
    { head: "Tie", right: true, cell: (item) => figure(item.votes.tie) },
    { head: "Both bad", right: true, cell: (item) => figure(item.votes.both_bad) },
  ];
  return make("section", {}, [
    make("h2", {}, "Disputed items"),
    table("Disputed items", columns, items, "No item has votes for both of its models."),
  ]);
}

function takes(campaign) {
  return make("section", {}, [
    make("h2", {}, "What it takes"),
    make("ul", { class: "pl" }, campaign.estimate.assumptions.map((said) => make("li", {}, said))),
  ]);
}

function draw([campaign, board]) {
  document.title = document.title.replace(/^[^·]*/, `${campaign.name} `);
  part.append(
    make("p", { "data-note": "", class: "note", role: "alert", hidden: true }),
    lead(statement(campaign), rests(campaign), buttons(campaign)),
    make("p", {}, [stateOf(campaign), " ", votesOfPlan(campaign)].flat()),
    summed(campaign),
    make("p", { class: "sm" }, [`${counted(board.counting)} `, make("a", { href: `${api.HERE}/leaderboard?campaign=${encodeURIComponent(NAME)}` }, say("Its board"))]),
    make("div", { class: "parts" }, [make("section", { class: "chart" }, [make("h2", {}, campaign.ends ? "Votes so far, and the plan" : "Votes so far"), votesSoFar(campaign)]), make("div", { class: "thirds" }, [spread(campaign), pairs(campaign), quality(campaign)]), top(campaign), disputed(campaign), raters(campaign), takes(campaign)]),
  );
}

const board = () => api.ask("GET", `/leaderboards/overall?campaign=${encodeURIComponent(NAME)}`, { deadline: 60_000 });
const load = () => show(part, () => Promise.all([api.ask("GET", PATH), board()]), draw);

load();
