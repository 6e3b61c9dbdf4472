/* What the pages of campaigns say alike: states, what is asked, votes of the plan, how it goes. */

import { figure, make } from "/static/making.js";
import { plural, say } from "/static/words.js";

export const STATES = {
  draft: ["half", say("Draft")],
  running: ["on", say("Collecting")],
  paused: ["off", say("Paused")],
  closed: ["off", say("Closed")],
};

/** How two models are drawn, in words. */
export const PAIRINGS = { uniform: say("All pairs alike"), coverage: say("Pairs with few votes first"), informative: say("Pairs that tell most") };

/** The square of a state, and its word. */
export function stateOf(campaign) {
  const [square, word] = STATES[campaign.state];
  return make("span", { class: `state ${square}` }, [make("i", { "aria-hidden": "true" }), word]);
}

/** Where prompts and answers come from. */
export const asked = (campaign) =>
  campaign.kind === "open" ? say("Raters' own prompts") : answered(campaign.answers, { set: campaign.prompt_set });

const answered = (answers, set) => (answers === "live" ? say("Live answers to {set}", set) : say("Stored answers to {set}", set));

/** Votes of those that are wanted, as a bar; nothing where no number is wanted. */
export function votesOfPlan(campaign) {
  const plan = campaign.progress.plan;
  if (!plan) return [];
  const part = (name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const said = plural(plan, "{votes} of {n} vote", "{votes} of {n} votes", { votes: figure(campaign.votes) });
  const drawn = part("svg", { viewBox: "0 0 150 22", width: 150, height: 22, role: "img", "aria-label": said });
  const width = 150 * Math.min(1, campaign.votes / plan);
  drawn.append(
    part("rect", { x: 0.5, y: 6.5, width: 149, height: 9, fill: "none", stroke: "var(--edge)" }),
    part("rect", { x: 0, y: 6, width, height: 10, fill: "var(--edge)" }),
  );
  return drawn;
}

/** Votes in words. */
export function votesSaid(campaign) {
  const plan = campaign.progress.plan;
  return plan === null ? figure(campaign.votes) : say("{part} of {all}", { part: figure(campaign.votes), all: figure(plan) });
}

/** Days in words: "about 3 days", "less than a day". */
export function days(number) {
  return number < 1 ? say("less than a day") : plural(Math.round(number), "about a day", "about {n} days");
}

/** A pace in words: "12 a day", "less than one a day". */
export const perDay = (number) => (number > 0 && number < 1 ? say("less than one a day") : say("{n} a day", { n: figure(Math.round(number)) }));

/** How late it will be, in whole days; 0 where it is on time or nobody can say. */
export const lateBy = (campaign) =>
  campaign.state === "running" ? Math.max(0, Math.round(campaign.progress.days_behind ?? 0)) : 0;

/** What there is to say of a campaign now, in one line. */
export function now(campaign) {
  const { plan, days_left: left, top } = campaign.progress;
  if (campaign.state === "draft") return say("Not started");
  if (campaign.state === "paused") return say("Gives out nothing new");
  if (campaign.state === "closed") return say("Takes nothing more");
  const late = lateBy(campaign);
  if (late) return make("b", { class: "err" }, plural(late, "{n} day behind", "{n} days behind"));
  if (plan !== null && left === null) return say("No vote in the last seven days");
  if (left !== null) return left === 0 ? say("Has its votes") : say("{days} to go", { days: days(left) });
  const close = top.find((pair) => pair.needed);
  return close ? plural(close.needed, "{n} vote to tell {first} from {second}", "{n} votes to tell {first} from {second}", close) : plan === null ? say("No number of votes is planned") : say("On plan");
}

/** Every campaign of the workspace, page after page. */
export async function every(ask) {
  const found = [];
  for (let after = ""; after !== null;) {
    const page = await ask("GET", `/campaigns?limit=500&after=${encodeURIComponent(after)}`);
    found.push(...page.campaigns);
    after = page.next;
  }
  return found;
}
