/* What the pages of campaigns say alike: states, what is asked, votes of the plan, how it goes. */

import { figure, make } from "/static/making.js";

const STATES = {
  draft: ["half", "Draft"],
  running: ["on", "Collecting"],
  paused: ["off", "Paused"],
  closed: ["off", "Closed"],
};

/** The square of a state, and its word. */
export function stateOf(campaign) {
  const [square, word] = STATES[campaign.state];
  return make("span", { class: `state ${square}` }, [make("i", { "aria-hidden": "true" }), word]);
}

/** Where prompts and answers come from. */
export const asked = (campaign) =>
  campaign.kind === "open" ? "Raters' own prompts" : `${campaign.answers === "live" ? "Live" : "Stored"} answers to ${campaign.prompt_set}`;

/** Votes of those that are wanted, as a bar; nothing where no number is wanted. */
export function votesOfPlan(campaign) {
  const plan = campaign.progress.plan;
  if (!plan) return [];
  const part = (name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const said = `${figure(campaign.votes)} of ${figure(plan)} votes`;
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
  return plan === null ? figure(campaign.votes) : `${figure(campaign.votes)} of ${figure(plan)}`;
}

/** Days in words: "about 3 days", "less than a day". */
export function days(number) {
  if (number < 1) return "less than a day";
  const whole = Math.round(number);
  return whole === 1 ? "about a day" : `about ${figure(whole)} days`;
}

/** A pace in words: "12 a day", "less than one a day". */
export const perDay = (number) => (number > 0 && number < 1 ? "less than one a day" : `${figure(Math.round(number))} a day`);

/** How late it will be, in whole days; 0 where it is on time or nobody can say. */
export const lateBy = (campaign) =>
  campaign.state === "running" ? Math.max(0, Math.round(campaign.progress.days_behind ?? 0)) : 0;

/** What there is to say of a campaign now, in one line. */
export function now(campaign) {
  const { plan, days_left: left, top } = campaign.progress;
  if (campaign.state === "draft") return "Not started";
  if (campaign.state === "paused") return "Gives out nothing new";
  if (campaign.state === "closed") return "Takes nothing more";
  const late = lateBy(campaign);
  if (late) return make("b", { class: "err" }, `${late === 1 ? "1 day" : `${figure(late)} days`} behind`);
  if (plan !== null && left === null) return "No vote in the last seven days";
  if (left !== null) return left === 0 ? "Has its votes" : `${days(left)} to go`;
  const close = top.find((pair) => pair.needed);
  return close ? `${figure(close.needed)} votes to tell ${close.first} from ${close.second}` : "On plan";
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
