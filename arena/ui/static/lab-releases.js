/* Releases as they were made, and settlements of campaigns: what it comes to first, then for good. */

import * as api from "/static/api.js";
import { every as everyCampaign } from "/static/lab/campaigns.js";
import { button, make } from "/static/making.js";
import { act, lead, one, show, submits, table, when } from "/static/page.js";
import { savedText } from "/static/saving.js";
import { figure, plural, say } from "/static/words.js";

const LOOKED_AT = 10; // releases whose votes are looked at, the newest
const NONE = "–";
const section = one("[data-settle]");
const comes = one("[data-comes]", section);
const PATH = (campaign) => `/campaigns/${encodeURIComponent(campaign)}/settlements`;

function statement(releases) {
  const left = releases.reduce((sum, one) => sum + (one.left_since ?? 0), 0);
  const made = releases.length ? plural(releases.length, "{n} release was made.", "{n} releases were made.") : say("No release was made yet.");
  return left ? `${made} ${plural(left, "{n} vote in them left since.", "{n} votes in them left since.")}` : made;
}

function draw([exports, statuses, campaigns]) {
  const known = new Map(statuses.map((status) => [status.release_id, status]));
  const releases = exports.filter(({ state }) => state === "done").map((release) => ({ ...release, ...known.get(release.release_id) }));
  const unfinished = exports.filter(({ state }) => state !== "done");
  const build = make("a", { class: "btn pri", href: `${api.HERE}/data` }, say("Build a release"));
  const columns = [
    { head: say("Release"), row: true, cell: ({ number }) => figure(number) },
    { head: say("Format"), cell: ({ format }) => format },
    { head: say("Made"), cell: (release) => when(release.created_at) },
    { head: say("Rows"), right: true, cell: ({ rows }) => figure(rows) },
    { head: say("Votes that left since"), right: true, cell: ({ left_since: left }) => (left === undefined ? NONE : left ? make("b", { class: "err" }, figure(left)) : "0") },
    { head: say("Hash of the manifest"), cell: ({ manifest_sha256: hash }) => (hash ? make("code", { title: hash }, `${hash.slice(0, 4)} ${hash.slice(4, 8)}`) : NONE) },
  ];
  one("[data-part]").append(
    lead(statement(releases), say("Each lists the votes that it used, and a rater can prove theirs. Votes that left are in no later release; build a new one for whoever holds an older."), [build]),
    ...unfinished.map(({ format, state, problem }) => make("p", { class: "note" }, state === "failed" ? say("{format}: no release was made. {problem}", { format, problem }) : say("{format}: being built.", { format }))),
    table(say("Releases"), columns, releases.toReversed(), say("Build one under Data.")),
    make("p", { class: "sm mute" }, say("Votes that left are looked up for the newest ten.")),
  );
  const order = ["closed", "paused", "running", "draft"];
  const settled = campaigns.filter(({ state }) => state !== "draft").sort((first, second) => order.indexOf(first.state) - order.indexOf(second.state));
  one("select", section).replaceChildren(...settled.map(({ name, state }) => make("option", { value: name }, state === "closed" ? name : `${name} (${state})`)));
  warned = new Map(settled.map((campaign) => [campaign.name, campaign]));
}

let warned = new Map();

/** One row a part, for whoever pays. */
function csv({ unit, parts }) {
  const rows = parts.map(({ contributor, credits, amount, line }) => [contributor, credits, amount, unit, line ?? ""].join(","));
  return `contributor,credits,amount,unit,line\n${rows.join("\n")}\n`;
}

function listed({ parts, unit }) {
  return table(say("Who is paid what"), [
    { head: say("Rater"), row: true, cell: ({ contributor }) => make("code", {}, contributor) },
    { head: say("Credits"), right: true, cell: ({ credits }) => figure(credits) },
    { head: unit, right: true, cell: ({ amount }) => figure(amount) },
    { head: say("Ledger line"), right: true, cell: ({ line }) => (line === null ? NONE : figure(line)) },
  ], parts, say("Nothing is to be paid: no credit was settled since, or the amount was settled before."));
}

function consequences(planned) {
  const sum = planned.parts.reduce((total, { amount }) => total + amount, 0);
  const said = [plural(planned.parts.length, "{n} part, {sum} {unit} together.", "{n} parts, {sum} {unit} together.", { sum: figure(sum), unit: planned.unit })];
  const campaign = warned.get(planned.campaign);
  if (campaign && campaign.state !== "closed") said.push(say("The campaign is not closed: credits that are still held are not in it, and can be settled later at a larger amount."));
  said.push(say("Each part becomes a line of the ledger, which nothing takes back. The same amount once more pays nothing."));
  return make("ul", { class: "pl sm" }, said.map((words) => make("li", {}, words)));
}

submits(section, async ({ campaign, amount, unit }) => {
  const body = { amount: Number(amount), unit };
  const planned = await api.ask("POST", PATH(campaign), { body: { ...body, print_only: true } });
  const settle = button(say("Settle {campaign} at {amount} {unit}", { campaign, amount: figure(body.amount), unit }), (pressed) => act(section, pressed, async () => {
    const settled = await api.ask("POST", PATH(campaign), { body });
    comes.replaceChildren(listed(settled), make("div", { class: "act" }, button(say("Download for payment, CSV"), () => savedText(`${campaign}-payments.csv`, csv(settled)), { class: "btn" })));
    return plural(settled.parts.length, "{campaign} is settled: {n} line of the ledger.", "{campaign} is settled: {n} lines of the ledger.", { campaign });
  }), { class: "btn warn" });
  comes.replaceChildren(consequences(planned), listed(planned), ...(planned.parts.length ? [make("div", { class: "act" }, settle)] : []));
});
one("form", section).addEventListener("input", () => comes.replaceChildren());

show(one("[data-part]"), async () => {
  const exports = await api.every("/exports", "exports");
  const newest = exports.filter(({ state }) => state === "done").slice(-LOOKED_AT);
  const statuses = await Promise.all(newest.map(({ release_id: id }) => api.ask("GET", `/exports/${encodeURIComponent(id)}`)));
  return [exports, statuses, await everyCampaign(api.ask)];
}, draw);
