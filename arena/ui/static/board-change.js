/* What would change the board: few votes, other rules, the side, circles, and how pairs were drawn. */

import { about, link, percent, points } from "/static/boards/asked.js";
import { button, english, make } from "/static/making.js";
import { lead, one, show, table } from "/static/page.js";
import { figure, plural, say } from "/static/words.js";

const part = one("[data-part]");
const SOME = 15; // neighbours that are looked at at once: each is fitted again some times
const LOGIT = 400 / Math.log(10);
const RULES = () => [
  [say("As published"), {}],
  [say("Ties left out"), { ties: "drop" }],
  [say("Ties as an outcome of their own"), { ties: "davidson" }],
  [say("Length taken out"), { controls: "length" }],
  [say("Held votes, too"), { votes: "all" }],
];

show(part, () => about("/doubts", { limit: SOME }), draw);

function draw(found) {
  const first = found.neighbours[0];
  const statement = first?.votes_that_hold == null ? say("No few votes that decide the first place were found.") : plural(first.votes_that_hold, "{n} vote of {all} decides the first place.", "{n} votes of {all} decide the first place.", { all: figure(found.votes) });
  part.append(
    lead(statement, say("The fewest votes found which, taken out, would let the next model pass. It is what an attacker would need, and what an honest doubt can rest on.")),
    make("div", { class: "cols c57 evidence" }, [flips(found), make("div", {}, [sides(found.fit), drawing(found.weighed)])]),
  );
  const rules = make("section", { class: "sec" }, [make("h2", {}, say("What if the rules were others")), make("p", { class: "sm mute" }, say("The same votes under other rules. Only places that change are named."))]);
  const others = make("div");
  rules.append(others);
  part.append(rules);
  show(others, fetched, (boards) => others.append(compared(boards)));
}

function flips(found) {
  const most = Math.max(...found.neighbours.map((pair) => pair.votes_that_hold ?? 0), 1);
  const columns = [
    { head: say("What would happen"), row: true, cell: (pair) => [link(pair.lower), ` ${say("passes")} `, link(pair.higher)] },
    { head: say("Votes"), right: true, cell: (pair) => (pair.votes_that_hold === null ? say("none found") : figure(pair.votes_that_hold)) },
    { head: say("of all"), right: true, cell: (pair) => (pair.votes_that_hold === null ? "" : percent(pair.votes_that_hold / found.votes, 2)) },
    { head: say("Points apart"), right: true, cell: (pair) => points(pair.difference) },
    { head: say("Beside each other"), cell: (pair) => make("i", { class: "amount", style: `width:${Math.round((120 * (pair.votes_that_hold ?? 0)) / most)}px` }) },
  ];
  const place = make("div", {}, table(say("Fewest votes that swap two neighbours"), columns, found.neighbours, say("There are no two rated models.")));
  const parts = [make("h2", {}, say("Fewest votes that swap two neighbours")), place, make("p", { class: "sm mute" }, say("Found by taking out the votes that pull most, fitting again, and looking for fewer."))];
  if (found.next !== null) {
    parts.push(button(say("Show more"), async (pressed) => {
      pressed.disabled = true;
      const more = await about("/doubts", { limit: SOME, after: found.next });
      const shown = flips({ ...found, neighbours: [...found.neighbours, ...more.neighbours], next: more.next });
      pressed.closest("section").replaceWith(shown);
      shown.querySelector(".scroll").focus();
    }));
  }
  return make("section", {}, parts);
}

/** The advantage of a side, and whether one scale fits. */
function sides(fit) {
  const chance = 1 / (1 + Math.exp(-fit.side_bias));
  const certain = fit.side_bias_se !== null && Math.abs(fit.side_bias) > 2 * fit.side_bias_se;
  const bias = certain
    ? say("Side A wins {share} of decided votes between equals, more or less than chance explains: {points} points. Sides are drawn by coin, so it falls on all models alike.", { share: percent(chance), points: points(fit.side_bias * LOGIT) })
    : say("Side A wins {share} of decided votes between equals, which chance explains.", { share: percent(chance) });
  const circles = fit.triples ? plural(fit.circles, "{n} of {all} triples goes in a circle: each beats the next.", "{n} of {all} triples go in a circle: each beats the next.", { all: figure(fit.triples) }) : say("No three models met often enough to look for circles.");
  const scale = fit.p_value < 0.01 ? say("One scale does not describe these votes well: pairs differ from it by more than chance. Read pairs, not ranks alone.") : say("One scale describes these votes as well as chance allows.");
  return make("section", {}, [make("h2", {}, say("Does one scale fit?")), make("p", {}, bias), make("p", {}, circles), make("p", { class: fit.p_value < 0.01 ? "note" : null }, scale)]);
}

/** The plain fit beside the one that makes up for how pairs were drawn. */
function drawing(weighed) {
  const title = make("h2", { class: "how-made" }, say("Does it matter how pairs were drawn?"));
  if (!weighed) return make("section", {}, [title, make("p", {}, say("It is not known of every vote how likely its pair was drawn, so the plain fit cannot be checked against it."))]);
  if (!weighed.differing.length) return make("section", {}, [title, make("p", {}, say("No: weighed by how likely each pair was drawn, every rating stays within its interval."))]);
  const told = plural(weighed.differing.length, "Weighed by how likely each pair was drawn, {n} model leaves its interval: {models}.", "Weighed by how likely each pair was drawn, {n} models leave their intervals: {models}.", { models: weighed.differing.join(", ") });
  return make("section", {}, [title, make("p", { class: "note" }, told)]);
}

/** A board under each rule; null where it cannot be fitted. */
const fetched = () => Promise.all(RULES().map(async ([rule, given]) => ({ rule, board: await about("", given).catch(() => null) })));

function compared(boards) {
  const ranked = (board) => (board?.entries ?? []).filter((entry) => entry.rank !== null);
  const before = new Map(ranked(boards[0].board).map((entry) => [entry.model, entry.rank]));
  const moved = (board) => ranked(board).filter((entry) => before.has(entry.model) && before.get(entry.model) !== entry.rank).map((entry) => `${entry.model} ${before.get(entry.model)} → ${entry.rank}`);
  const columns = [
    { head: say("Rule"), row: true, cell: ({ rule }) => rule },
    { head: say("First three"), cell: ({ board }) => ranked(board).slice(0, 3).map((entry) => entry.model).join(", ") || (board?.reason ? english(board.reason) : say("cannot be fitted")) },
    { head: say("What changes"), cell: ({ board }) => told(moved(board)) },
    { head: say("Votes"), right: true, cell: ({ board }) => (board ? figure(board.votes) : "–") },
  ];
  return table(say("What if the rules were others"), columns, boards, "");
}

const told = (moves) => (moves.length > 6 ? plural(moves.length - 6, "{first} and {n} more", "{first} and {n} more", { first: moves.slice(0, 6).join(", ") }) : moves.join(", ") || say("none"));
