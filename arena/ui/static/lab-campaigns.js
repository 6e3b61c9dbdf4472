/* Every campaign of the workspace: its state, its votes of the plan, how it goes. */

import * as api from "/static/api.js";
import { asked, every, lateBy, now, perDay, stateOf, votesOfPlan, votesSaid } from "/static/lab/campaigns.js";
import { count, day, figure, make } from "/static/making.js";
import { lead, one, show, table } from "/static/page.js";
import { plural, say } from "/static/words.js";

function statement(campaigns) {
  const collecting = campaigns.filter((campaign) => campaign.state === "running");
  const many = collecting.length ? plural(collecting.length, "One campaign is collecting.", "{n} campaigns are collecting.") : say("No campaign is collecting.");
  const [late] = collecting.filter(lateBy).sort((first, second) => lateBy(second) - lateBy(first));
  const behind = late ? plural(lateBy(late), "{campaign} is {n} day behind its plan.", "{campaign} is {n} days behind its plan.", { campaign: late.name }) : "";
  return [many, behind].filter(Boolean).join(" ");
}

function draw(campaigns) {
  const votes = campaigns.reduce((sum, campaign) => sum + campaign.votes, 0);
  const daily = campaigns.reduce((sum, campaign) => sum + campaign.progress.votes_a_day, 0);
  const rests = say("{votes} in all, {pace} in the last seven days.", { votes: count(votes, "vote"), pace: perDay(daily) });
  const fresh = make("a", { class: "btn pri", href: `${api.HERE}/lab/new-campaign` }, say("New campaign"));
  const columns = [
    { head: say("Campaign"), row: true, cell: (one) => make("a", { href: `${api.HERE}/lab/campaigns/${encodeURIComponent(one.name)}` }, one.name) },
    { head: say("State"), cell: stateOf },
    { head: say("What is asked"), cell: asked },
    { head: say("Votes of plan"), right: true, cell: votesSaid },
    { head: "", wide: true, cell: votesOfPlan, has: ({ progress }) => progress.plan },
    { head: say("Raters"), right: true, cell: (one) => (one.state === "draft" ? "–" : figure(one.progress.raters)) },
    { head: say("Closes"), cell: (one) => (one.ends ? day(one.ends) : "–"), has: (one) => one.ends },
    { head: say("Now"), cell: now },
  ];
  one("[data-part]").append(
    lead(statement(campaigns), rests, [fresh]),
    table(say("Campaigns"), columns, campaigns, say("There is no campaign yet.")),
    campaigns.some((one) => one.ends) ? make("p", { class: "sm mute" }, say("Days behind compares the votes of the last seven days with what is still needed until the closing day.")) : "",
  );
}

show(one("[data-part]"), () => every(api.ask), draw);
