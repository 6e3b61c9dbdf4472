/* What audits find, in a few words, and how sure they are. */

import { figure, say } from "/static/words.js";

export const KINDS = {
  lopsided: say("Votes for one side"),
  careless: say("Votes like a coin's"),
  half: say("Half of the votes like a coin's"),
  inverted: say("Votes for the worse answer"),
  push: say("Votes for or against one model"),
  hunt: say("Looks for one model"),
  ring: say("Votes that move together"),
  pooled: say("Many accounts of one kind, none of which says enough alone"),
  cohort: say("Accounts that differ together"),
  gold: say("Known answers missed"),
  repeat: say("Other votes when the same items come again"),
  quick: say("Too fast to have read"),
  straight: say("Sides that follow the vote before, not the answers"),
  skip: say("Skips until one model comes"),
  apart: say("Agrees less with others"),
};

const BILLION = Math.log(1e9);

/** How much more likely the votes are so than from honest raters: the strength is a logarithm. */
export function odds(strength) {
  if (strength > BILLION) return say("over a billion to 1");
  return say("{n} to 1", { n: figure(Number(Math.exp(strength).toPrecision(2))) });
}
