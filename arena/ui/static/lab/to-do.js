/* What a lab should do next: a short list of things that wait for a person, each with where to do it. */

import * as api from "/static/api.js";
import { lateBy } from "/static/lab/campaigns.js";
import * as findings from "/static/lab/findings.js";
import { failsOften } from "/static/lab/models.js";
import { english } from "/static/making.js";
import { fixed, plural, say } from "/static/words.js";

const at = (path) => `${api.HERE}${path}`;
const campaign = ({ name }) => at(`/lab/campaigns/${encodeURIComponent(name)}`);

/** One thing for each model that should be looked at. */
function ofModels(models) {
  const active = models.filter((model) => model.state === "active");
  const silent = active.filter((model) => model.answers === false).map((model) => ({
    words: english(model.problem), verb: say("See its server"), where: at("/lab/models"),
  }));
  const often = active.filter((model) => model.answers !== false && failsOften(model)).map((model) => ({
    words: say("{model} fails in {share}% of its battles.", { model: model.name, share: fixed(100 * model.void_rate, 1) }), verb: say("Look at it, or pause it"), where: at("/lab/models"),
  }));
  const waiting = models.filter((model) => model.state === "announced").map((model) => ({
    words: say("{model} is announced and drawn for no battle yet.", { model: model.name }), verb: say("Make it active"), where: at("/lab/models"),
  }));
  return [...silent, ...often, ...waiting];
}

/** One thing for each campaign that does not go as planned. */
function ofCampaigns(campaigns) {
  const found = [];
  for (const one of campaigns) {
    const { plan, days_left: left, votes_a_day: pace } = one.progress;
    const late = lateBy(one);
    if (late) found.push({ words: plural(late, "{campaign} is {n} day behind its plan.", "{campaign} is {n} days behind its plan.", { campaign: one.name }), verb: say("See what it needs"), where: campaign(one) });
    else if (one.state === "running" && plan !== null && !pace && one.votes < plan) {
      found.push({ words: say("{campaign} had no vote in the last seven days.", { campaign: one.name }), verb: say("See how it goes"), where: campaign(one) });
    } else if (one.state === "running" && left === 0) {
      found.push({ words: say("{campaign} has the votes it wanted.", { campaign: one.name }), verb: say("Close it"), where: campaign(one) });
    }
    if (one.state === "draft") found.push({ words: say("{campaign} is a draft: nothing is given out yet.", { campaign: one.name }), verb: say("Finish and start it"), where: at(`/lab/new-campaign?name=${encodeURIComponent(one.name)}`) });
    if (one.state === "paused") found.push({ words: say("{campaign} is paused.", { campaign: one.name }), verb: say("Go on, or close it"), where: campaign(one) });
  }
  return found;
}

/** Everything that waits, the most urgent first: [{ words, verb, where }], the words a text or an element. */
export function toDo({ models, campaigns, waits, found }) {
  const reviews = [];
  if (waits.appeals) reviews.push({ words: plural(waits.appeals, "{n} rater asked for a review of a decision.", "{n} raters asked for a review of a decision."), verb: say("Answer it"), where: at("/lab/review") });
  if (waits.reports) reviews.push({ words: plural(waits.reports, "{n} report waits for a person.", "{n} reports wait for a person."), verb: say("Look and decide"), where: at("/lab/review") });
  if (waits.disputed) reviews.push({ words: plural(waits.disputed, "{n} disputed item waits for a look.", "{n} disputed items wait for a look."), verb: say("Look at them"), where: at("/lab/campaigns") });
  const pending = found.filter((finding) => finding.waits);
  const looks = pending.slice(0, 3).map((finding) => ({ words: findings.said(finding), verb: say("Look and decide"), where: findings.page(finding) }));
  const rest = pending.length - looks.length;
  if (rest > 0) looks.push({ words: plural(rest, "{n} more finding on raters waits for a person.", "{n} more findings on raters wait for a person."), verb: say("See all raters"), where: at("/lab/raters") });
  return [...ofModels(models), ...reviews, ...looks, ...ofCampaigns(campaigns)];
}
