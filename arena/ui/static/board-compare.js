/* Two models beside each other: their votes, how far they are apart, and the same in each category. */

import { about, chooser, choosing, link, points, words } from "/static/boards/asked.js";
import { dots, pictured } from "/static/boards/pictures.js";
import { make } from "/static/making.js";
import { lead, one, show, table } from "/static/page.js";
import { figure, plural, say, signed } from "/static/words.js";

const part = one("[data-part]");

async function load() {
  const board = await about("");
  const names = board.entries.map((entry) => entry.model);
  const first = words.get("first") ?? names[0];
  const second = words.get("second") ?? names.find((name) => name !== first);
  return { names, first, second, pair: first && second ? await about("/pair", { first, second }) : null };
}

function statement({ first, second, difference }) {
  if (!difference) return say("{first} and {second} have no common rating yet.", { first, second });
  const [higher, lower] = difference.difference >= 0 ? [first, second] : [second, first];
  const apart = points(Math.abs(difference.difference));
  if (difference.told_apart) return say("{higher} is {apart} points above {lower}, and they are told apart.", { higher, lower, apart });
  return say("{higher} is {apart} points above {lower}, and they are not told apart.", { higher, lower, apart });
}

function rests({ match, difference }) {
  const direct = plural(match?.votes ?? 0, "{n} direct vote.", "{n} direct votes.");
  if (!difference || difference.lower === null) return direct;
  const [from, to] = [difference.lower, difference.upper].map((value) => signed(Math.round(value)));
  const span = say("The difference lies between {from} and {to}, taken alone.", { from, to });
  const needed = difference.told_apart || difference.votes_needed === null ? "" : plural(difference.votes_needed, "About {n} more would tell them apart, if it stays.", "About {n} more would tell them apart, if it stays.");
  return [direct, span, needed].filter(Boolean).join(" ");
}

function draw({ names, first, second, pair }) {
  if (!pair) {
    part.append(lead(say("There are no two models to compare yet."), say("This page appears with the first vote.")));
    return;
  }
  const rows = [...pair.categories.filter((row) => row.match || row.difference), { value: say("All"), match: pair.match, difference: pair.difference }];
  const cell = (name) => (row) => (row.match ? figure(row.match[name]) : "–");
  const ties = (row) => (row.match ? figure(row.match.ties + row.match.both_bad) : "–");
  const columns = [
    { head: say("Votes"), row: true, cell: (row) => row.value },
    { head: first, right: true, cell: cell("wins") },
    { head: say("Shares"), cell: (row) => (row.match ? bar(row.match, first, second) : "") },
    { head: say("Tie, both bad"), right: true, cell: ties },
    { head: second, right: true, cell: cell("losses") },
  ];
  const title = say("Difference in rating, {first} minus {second}", { first, second });
  const drawn = rows.filter((row) => row.difference).map((row) => ({ name: row.value, value: row.difference.difference, lower: row.difference.lower, upper: row.difference.upper, words: signed(Math.round(row.difference.difference)) }));
  part.append(
    lead(statement(pair), rests(pair)),
    choosing([chooser("first", say("Model"), names, first), chooser("second", say("against"), names, second)]),
    make("section", { class: "evidence" }, [
      make("h2", {}, say("Their votes")),
      table(say("Votes between the two"), columns, rows.filter((row) => row.match), say("They have no vote between them.")),
      make("p", { class: "sm mute" }, say("Bars: dark for the first, open for ties and both bad, grey for the second.")),
    ]),
    make("section", { class: "sec" }, [
      make("h2", {}, say("How far apart")),
      make("p", { class: "sm mute" }, say("From all votes, those against others too, so it is tighter than the direct votes alone. Dashed: no difference.")),
      drawn.length ? pictured(`${first}-${second}`, title, dots("difference", title, say("95% intervals, each difference taken alone."), drawn, 0), [[say("Votes"), say("Difference"), say("Lowest"), say("Highest")], ...drawn.map((row) => [row.name, row.value, row.lower, row.upper])]) : make("p", { class: "mute" }, say("One of them has no rating yet.")),
      make("p", { class: "sm" }, [link(first), " · ", link(second)]),
    ]),
  );
}

/** The outcomes as one bar; its numbers stand beside it. */
function bar(match, first, second) {
  const tied = match.ties + match.both_bad;
  const words = say("{first} {wins}, tie {ties}, {second} {losses}", { first, second, wins: match.wins, ties: tied, losses: match.losses });
  const pieces = [["won", match.wins], ["tied", tied], ["lost", match.losses]].map(([kind, votes]) => make("i", { class: kind, style: `flex-grow:${votes}` }));
  return make("div", { class: "outcome-bar", role: "img", "aria-label": words }, pieces);
}

show(part, load, draw);
