/* Every campaign of the workspace: its state, its votes of the plan, how it goes. */

import * as api from "/static/api.js";
import { asked, every, lateBy, now, perDay, stateOf, votesOfPlan, votesSaid } from "/static/lab/campaigns.js";
import { count, day, figure, make } from "/static/making.js";
import { lead, one, show, table } from "/static/page.js";

const NUMBERS = ["No campaign is", "One campaign is", "Two campaigns are", "Three campaigns are", "Four campaigns are"];

function statement(campaigns) {
  const collecting = campaigns.filter((campaign) => campaign.state === "running");
  const many = NUMBERS[collecting.length] ?? `${figure(collecting.length)} campaigns are`;
  const [late] = collecting.filter(lateBy).sort((first, second) => lateBy(second) - lateBy(first));
  const behind = late ? ` ${late.name} is ${count(lateBy(late), "day")} behind its plan.` : "";
  return `${many} collecting.${behind}`;
}

function draw(campaigns) {
  const votes = campaigns.reduce((sum, campaign) => sum + campaign.votes, 0);
  const daily = campaigns.reduce((sum, campaign) => sum + campaign.progress.votes_a_day, 0);
  const rests = `${count(votes, "vote")} in all, ${perDay(daily)} in the last seven days.`;
  const fresh = make("a", { class: "btn pri", href: `${api.HERE}/lab/new-campaign` }, "New campaign");
  const columns = [
    { head: "Campaign", row: true, cell: (one) => make("a", { href: `${api.HERE}/lab/campaigns/${encodeURIComponent(one.name)}` }, one.name) },
    { head: "State", cell: stateOf },
    { head: "What is asked", cell: asked },
    { head: "Votes of plan", cell: votesOfPlan },
    { head: "", right: true, cell: votesSaid },
    { head: "Raters", right: true, cell: (one) => (one.state === "draft" ? "–" : figure(one.progress.raters)) },
    { head: "Closes", cell: (one) => (one.ends ? day(one.ends) : "–") },
    { head: "Now", cell: now },
  ];
  one("[data-part]").append(
    lead(statement(campaigns), rests, [fresh]),
    table("Campaigns", columns, campaigns, "There is no campaign yet."),
    make("p", { class: "sm mute" }, "Days behind compares the votes of the last seven days with what is still needed until the closing day."),
  );
}

show(one("[data-part]"), () => every(api.ask), draw);
