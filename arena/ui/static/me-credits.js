/* A rater's credits: where they stand, by campaign, and every line of the ledger behind them. */

import * as api from "/static/api.js";
import { button, day, figure, make } from "/static/making.js";
import { facts, lead, one, show, table, when } from "/static/page.js";
import { saved } from "/static/saving.js";
import { LOCALE, plural, say, signed } from "/static/words.js";

const WHAT = { vote: say("Vote"), edit: say("Corrected answer"), held_back: say("Held back"), given_back: say("Given back"), payment: say("Payment") };
const STATES = { held: say("Held"), settled: say("Settled"), held_back: say("Held back") };
const RESTS = say("You earn for every recorded vote, whatever you vote. Held means earned, and not yet past the time in which a mistake can be found.");
const PATIENCE = 60_000; // milliseconds

const part = one("[data-part]");

show(part, () => page(), draw);

/** One page of lines, with the sums. */
function page(after) {
  return api.ask("GET", after ? `/me/credits?limit=100&after=${after}` : "/me/credits?limit=100", { deadline: PATIENCE });
}

function draw(own) {
  const download = button(say("Download my ledger"), () => everything(own), { class: "btn" });
  part.replaceChildren(lead(statement(own), RESTS, own.lines.length ? [download] : []), sums(own));
  const campaigns = make("section", {}, [make("h2", {}, say("By campaign")), byCampaign(own)]);
  const how = make("section", {}, document.importNode(one("[data-how]", document).content, true));
  one("[data-contributor]", how).textContent = own.contributor;
  part.append(make("div", { class: "cols c57 purse" }, [campaigns, how]), lines(own));
}

/** The sentence the page opens with. */
function statement(own) {
  if (!own.earned) return say("You have no credits yet.");
  const states = [];
  if (own.settled) states.push(plural(own.settled, "{n} settled", "{n} settled"));
  if (own.held) states.push(plural(own.held, "{n} held until audit windows close", "{n} held until audit windows close"));
  if (own.held_back) states.push(plural(own.held_back, "{n} held back", "{n} held back"));
  const listed = new Intl.ListFormat(LOCALE).format(states);
  return plural(own.earned, "{n} credit: {states}.", "{n} credits: {states}.", { states: listed });
}

function sums(own) {
  const ends = own.campaigns.filter((one) => one.held && one.window_ends).map((one) => one.window_ends).sort();
  return facts([
    [figure(own.earned), plural(own.earned, "credit in all", "credits in all")],
    [figure(own.settled), own.unpaid && own.unpaid !== own.settled ? say("settled, {n} of them not paid yet", { n: figure(own.unpaid) }) : say("settled, yours whatever happens")],
    [figure(own.held), ends.length ? say("held, the first are settled on {day}", { day: day(ends[0]) }) : say("held until audit windows close")],
    [figure(own.held_back), say("held back, by a person with a reason")],
  ]);
}

function byCampaign(own) {
  const sum = (name) => (row) => figure(row[name]);
  const columns = [
    { head: say("Campaign"), cell: (row) => row.campaign, row: true },
    { head: say("Votes"), cell: sum("votes"), right: true },
    { head: say("Earned"), cell: sum("earned"), right: true },
    { head: say("Settled"), cell: sum("settled"), right: true },
    { head: say("Held"), cell: sum("held"), right: true },
    { head: say("Held back"), cell: sum("held_back"), right: true },
    { head: say("Audit window ends"), cell: ends },
  ];
  const made = table(say("Credits by campaign"), columns, own.campaigns, say("No campaign has paid you yet."));
  if (own.campaigns.length > 1) {
    const votes = own.campaigns.reduce((all, one) => all + one.votes, 0);
    const all = [votes, own.earned, own.settled, own.held, own.held_back].map((number) => make("td", { class: "r" }, figure(number)));
    one("table", made).append(make("tfoot", {}, make("tr", {}, [make("th", { scope: "row" }, say("All")), ...all, make("td")])));
  }
  return made;
}

/** When a campaign's last credits are settled. */
function ends(row) {
  if (row.window_ends) return new Date(row.window_ends) > new Date() ? day(row.window_ends) : make("span", { class: "mute" }, say("{day}, over", { day: day(row.window_ends) }));
  return make("span", { class: "mute" }, row.held ? say("not known yet") : say("settled at once"));
}

function lines(own) {
  const columns = [
    { head: say("When"), cell: (row) => make("span", { class: "mute nowrap" }, when(row.at)) },
    { head: say("For"), cell: about },
    { head: say("Credits"), cell: (row) => signed(row.amount), right: true },
    { head: say("State"), cell: (row) => STATES[row.state] },
    { head: say("Balance"), cell: (row) => figure(row.balance), right: true },
    { head: say("Ledger line"), cell: (row) => figure(row.line), right: true },
  ];
  const header = make("header", {}, [make("h2", {}, say("Every line")), make("p", {}, say("Newest first; each one is in the ledger."))]);
  const section = make("section", { class: "sec" }, [header, table(say("Lines of the ledger"), columns, own.lines, say("There is no line yet."))]);
  if (own.next) section.append(further(section, columns, own.next));
  return section;
}

/** A button that shows the next page of lines. */
function further(section, columns, after) {
  return button(say("Show more"), async (pressed) => {
    pressed.disabled = true;
    const next = await page(after).catch(() => null);
    pressed.disabled = false;
    if (!next) return;
    one("tbody", section).append(...one("tbody", table("", columns, next.lines, "")).children);
    pressed.remove();
    if (next.next) section.append(further(section, columns, next.next));
  });
}

function about(row) {
  const title = make("b", {}, `${WHAT[row.what]}, ${row.campaign}`);
  if (row.what === "payment") return [title, make("span", { class: "subl" }, `${figure(row.paid)} ${row.unit}`)];
  return row.reason ? [title, make("span", { class: "subl" }, row.reason)] : title;
}

/** Save every line, with the sums. */
async function everything(own) {
  const all = [...own.lines];
  for (let next = own.next; next; ) {
    const more = await page(next);
    all.push(...more.lines);
    next = more.next;
  }
  saved("my-credits.json", { ...own, lines: all, next: null });
}
