/* Votes by language come after the other figures: to find the languages, every prompt is read once. */

import * as api from "/static/api.js";
import * as asking from "/static/data/asking.js";

/** Ask until the figures of a data page have languages, unless somebody asks for it already. */
export async function find(page) {
  if (page.finding) return;
  page.finding = true;
  try {
    while (asking.known() && page.state.counts && !page.state.counts.values.languages) {
      const { select, format } = page.state;
      const asked = page.asked;
      const counts = await asking.counts(select, format, true);
      if (asked === page.asked) page.set({ counts });
    }
  } catch (error) {
    // a selection that is refused was refused before, and a newer one is asked about by itself
    if (!(error instanceof api.Refusal) || asking.refused(error)) page.troubled(error);
  } finally {
    page.finding = false;
  }
}
