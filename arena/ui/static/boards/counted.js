/* Which votes a board counts, and which are held, and why. */

import { figure, plural, say } from "/static/words.js";

const WHY = () => ({
  finding: say("an audit found a pattern that is rare among honest votes"),
  probation: say("a second person looks first"),
  suspended: say("a person suspended the rater"),
  leak: say("an answer said which model wrote it"),
});

/** Why votes are held, in words. */
export const because = (why) => WHY()[why] ?? why;

/** "8,931 of 9,569 votes are counted; 638 are held: 600, a person suspended the rater." */
export function counted({ counted: kept, held, why }) {
  const all = kept + held;
  if (!held) return plural(all, "The {n} vote is counted; none is held.", "All {n} votes are counted; none is held.");
  const reasons = Object.entries(why).filter(([, number]) => number).map(([reason, number]) => `${figure(number)}, ${because(reason)}`);
  return say("{counted} of {all} votes are counted; {held} are held: {why}.", { counted: figure(kept), all: figure(all), held: figure(held), why: reasons.join("; ") });
}
