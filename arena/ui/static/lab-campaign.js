/* One campaign: how far it is, what is disputed, what the top still needs, its rules, and its state. */

import * as api from "/static/api.js";
import { counted } from "/static/boards/counted.js";
import { asked, days, lateBy, PAIRINGS, perDay, stateOf, votesOfPlan, votesSaid } from "/static/lab/campaigns.js";
import { votesSoFar } from "/static/lab/chart.js";
import { CAUSES } from "/static/lab/models.js";
import { button, count, day, english, figure, make } from "/static/making.js";
import { act, facts, lead, one, pieces, show, table } from "/static/page.js";
import { fixed, percent, plural, say } from "/static/words.js";

const NAME = pieces.at(-1);
const PATH = `/campaigns/${encodeURIComponent(NAME)}`;
const part = one("[data-part]");
const share = (number) => (number === null ? "–" : percent(number));

function statement({ name: campaign, state, votes, progress }) {
  const { plan, days_left: left } = progress;
  const needed = plan === null ? null : Math.max(0, plan - votes);
  if (state === "draft") return say("{campaign} is a draft: nothing is given out yet.", { campaign });
  if (state === "paused") return plural(votes, "{campaign} is paused, with {n} vote.", "{campaign} is paused, with {n} votes.", { campaign });
  if (state === "closed") return plural(votes, "{campaign} is closed, with {n} vote.", "{campaign} is closed, with {n} votes.", { campaign });
  if (needed === null) return plural(votes, "{campaign} has {n} vote and goes on until it is closed.", "{campaign} has {n} votes and goes on until it is closed.", { campaign });
  if (!needed) return say("{campaign} has the votes it wanted.", { campaign });
  const pace = left === null ? say("Nobody voted in the last seven days.") : say("At this pace it is done in {days}.", { days: days(left) });
  return `${plural(needed, "{campaign} needs {n} more vote.", "{campaign} needs {n} more votes.", { campaign })} ${pace}`;
}

function rests(campaign) {
  const late = lateBy(campaign);
  const closing = campaign.ends ? say("It closes on {day}.", { day: day(campaign.ends) }) : "";
  const said = late ? plural(late, "That is {n} day late.", "That is {n} days late.") : "";
  const rules = say("{asked}. Pairing: {pairing}. Version {version}.", { asked: asked(campaign), pairing: PAIRINGS[campaign.pairing], version: campaign.version });
  return [closing, said, rules].filter(Boolean).join(" ");
}

async function become(state) {
  await api.ask("PATCH", PATH, { body: { state } });
  load();
}

function buttons(campaign) {
  if (campaign.created_at === null || campaign.state === "closed") return [];
  const to = (words, state, kind) => button(words, (pressed) => act(part, pressed, () => become(state)), { class: kind });
  const edit = make("a", { class: "btn", href: `${api.HERE}/lab/new-campaign?name=${encodeURIComponent(NAME)}` }, say("Edit"));
  return {
    draft: [edit, to(say("Start"), "running", "btn pri")],
    running: [edit, to(say("Pause collecting"), "paused", "btn warn")],
    paused: [edit, to(say("Close for good"), "closed", "btn warn"), to(say("Go on"), "running", "btn pri")],
  }[campaign.state];
}

function summed(campaign) {
  const { progress, estimate } = campaign;
  const agreement = progress.agreement === null ? "–" : fixed(progress.agreement, 2);
  const { alpha } = progress.krippendorff;
  return facts([
    [votesSaid(campaign), say("votes, {pace} in the last week", { pace: perDay(progress.votes_a_day) })],
    [figure(progress.raters), say("raters who voted")],
    [agreement, say("of pairs of votes on one item say the same")],
    [alpha === null ? "–" : fixed(alpha, 2), say("Krippendorff's alpha")],
    [estimate.credits === null ? "–" : figure(estimate.credits), say("credits planned")],
  ]);
}

/** So many of the votes an item is to have; beyond the overlap stand disputed ones. */
const places = (votes, overlap) =>
  votes > overlap ? say("{n}, beyond the overlap", { n: figure(votes) }) : say("{part} of {all}", { part: figure(votes), all: figure(overlap) });

function spread({ progress, overlap }) {
  const columns = [
    { head: say("Raters who voted on it"), row: true, cell: (line) => (line.votes ? places(line.votes, overlap) : say("Nobody yet")) },
    { head: say("Items"), right: true, cell: (line) => figure(line.items) },
    { head: say("Votes"), right: true, cell: (line) => figure(line.votes * line.items) },
  ];
  return make("section", {}, [make("h2", {}, say("Overlap")), table(say("Overlap"), columns, progress.by_votes, say("Raters ask their own prompts here."))]);
}

function pairs({ progress, pairing, floor }) {
  const columns = [
    { head: say("Pair"), row: true, cell: (pair) => pair.models.join(", ") },
    { head: say("Votes"), right: true, cell: (pair) => figure(pair.votes) },
  ];
  const why = pairing === "uniform" ? say("All pairs are drawn alike.") : say("{pairing}; {n} a pair before that.", { pairing: PAIRINGS[pairing], n: figure(floor) });
  return make("section", {}, [
    make("h2", {}, say("Votes per pair")), table(say("Votes per pair"), columns, progress.pairs, say("No vote counts yet.")), make("p", { class: "sm mute" }, why),
  ]);
}

function raters({ progress, rater_share: most }) {
  const columns = [
    { head: say("Rater"), row: true, cell: (rater) => make("span", { class: "mono" }, rater.rater_id) },
    { head: say("Votes"), right: true, cell: (rater) => figure(rater.votes) },
    { head: say("Share"), right: true, cell: (rater) => share(rater.share) },
    { head: say("Median reading"), right: true, cell: (rater) => (rater.median_seconds === null ? "–" : say("{n} s", { n: figure(Math.round(rater.median_seconds)) })) },
  ];
  const why = most < 1 ? say("No rater may give more than {share} of the votes.", { share: share(most) }) : say("Nobody's share is limited.");
  return make("section", {}, [
    make("h2", {}, say("Raters in this campaign")), table(say("Raters"), columns, progress.by_rater, say("Nobody voted yet.")), make("p", { class: "sm mute" }, why),
  ]);
}

/** Alpha with what it rests on, or why there is none. */
function alphaSaid({ alpha, items, raters: people, why }) {
  return alpha === null ? english(why) : [fixed(alpha, 2), count(items, "item"), count(people, "rater")].join("; ");
}

function quality(campaign) {
  const { progress } = campaign;
  const voids = Object.entries(progress.voids).filter(([, number]) => number);
  const lines = [
    [say("Items with all their votes"), campaign.items === null ? "–" : say("{part} of {all}", { part: figure(campaign.done), all: figure(campaign.items) })],
    [say("Votes that boards leave out"), figure(campaign.held)],
    [say("Items with votes for both models"), figure(progress.disputed)],
    [say("Krippendorff's alpha"), alphaSaid(progress.krippendorff)],
    [say("Void battles"), [share(progress.void_rate), ...voids.map(([cause, number]) => `${CAUSES[cause]}: ${figure(number)}`)].join("; ")],
  ];
  const rows = lines.map(([words, value]) => make("tr", {}, [make("th", { scope: "row" }, words), make("td", { class: "r" }, value)]));
  return make("section", {}, [make("h2", {}, say("Quality so far")), make("table", { class: "wt blk" }, make("tbody", {}, rows))]);
}

function top(campaign) {
  const columns = [
    { head: say("Better"), row: true, cell: (pair) => pair.first },
    { head: say("Next"), cell: (pair) => pair.second },
    { head: say("Apart"), right: true, cell: (pair) => figure(Math.round(pair.difference)) },
    { head: say("Votes between them"), right: true, cell: (pair) => figure(pair.votes) },
    { head: say("About so many more tell them apart"), right: true, cell: (pair) => (pair.needed === null ? say("equal") : pair.needed ? figure(pair.needed) : say("told apart")) },
  ];
  return make("section", {}, [
    make("h2", {}, say("What the top still needs")),
    table(say("Neighbours at the top"), columns, campaign.progress.top, say("There is no board of this campaign yet.")),
  ]);
}

/** The beginning of a prompt, as long as one reads in a table. */
const short = (text) => (text.length > 100 ? `${text.slice(0, 97)} ...` : text);

/** What becomes of disputed items here. */
function asksFurther({ progress, further_votes: further }) {
  if (!further) return say("Nobody more is asked about them: {key} is 0.", { key: "further_votes" });
  const goes = plural(further, "Each goes to {n} more rater who has not had it.", "Each goes to {n} more raters who have not had it.");
  const done = { part: figure(progress.disputed_done), all: figure(progress.disputed) };
  return `${goes} ${say("All their votes are in: {part} of {all}.", done)}`;
}

function disputed(campaign) {
  const { disputed_items: items, disputed: all } = campaign.progress;
  const columns = [
    { head: say("Item"), row: true, cell: (item) => [make("span", { dir: "auto" }, short(item.prompt)), make("span", { class: "subl mono" }, item.battle_id)] },
    { head: say("Models"), cell: (item) => `${item.model_a}, ${item.model_b}` },
    { head: say("Votes"), right: true, cell: (item) => (item.wanted === null ? figure(item.given) : say("{part} of {all}", { part: figure(item.given), all: figure(item.wanted) })) },
    { head: say("For the first"), right: true, cell: (item) => figure(item.votes.model_a) },
    { head: say("For the second"), right: true, cell: (item) => figure(item.votes.model_b) },
    { head: say("Tie"), right: true, cell: (item) => figure(item.votes.tie) },
    { head: say("Both bad"), right: true, cell: (item) => figure(item.votes.both_bad) },
  ];
  return make("section", {}, [
    make("h2", {}, say("Disputed items")),
    table(say("Disputed items"), columns, items, say("No item has votes for both of its models.")),
    campaign.items === null ? "" : make("p", { class: "sm mute" }, asksFurther(campaign)),
    all > items.length ? make("p", { class: "sm mute" }, say("These are the {n} with most votes on both sides.", { n: figure(items.length) })) : "",
  ]);
}

function takes(campaign) {
  return make("section", {}, [
    make("h2", {}, say("What it takes")),
    make("ul", { class: "pl" }, campaign.estimate.assumptions.map((said) => make("li", {}, english(said)))),
  ]);
}

function draw([campaign, board]) {
  document.title = document.title.replace(/^[^·]*/, `${campaign.name} `);
  part.append(
    make("p", { "data-note": "", class: "note", role: "alert", hidden: true }),
    lead(statement(campaign), rests(campaign), buttons(campaign)),
    make("p", { class: "goes" }, [stateOf(campaign), votesOfPlan(campaign)].flat()),
    summed(campaign),
    make("p", { class: "sm" }, [`${counted(board.counting)} `, make("a", { href: `${api.HERE}/leaderboard?campaign=${encodeURIComponent(NAME)}` }, say("Its board"))]),
    make("div", { class: "parts" }, [make("section", { class: "chart" }, [make("h2", {}, campaign.ends ? say("Votes so far, and the plan") : say("Votes so far")), votesSoFar(campaign)]), make("div", { class: "thirds" }, [spread(campaign), pairs(campaign), quality(campaign)]), top(campaign), disputed(campaign), raters(campaign), takes(campaign)]),
  );
}

const board = () => api.ask("GET", `/leaderboards/overall?campaign=${encodeURIComponent(NAME)}`, { deadline: 60_000 });
const load = () => show(part, () => Promise.all([api.ask("GET", PATH), board()]), draw);

load();
