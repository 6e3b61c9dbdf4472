/* What waits for a person, as numbers beside the words of the lab's line of pages. */

import * as api from "/static/api.js";
import { figure, make } from "/static/making.js";
import { plural } from "/static/words.js";

const WORDS = {
  disputed: (n) => plural(n, "{n} disputed item", "{n} disputed items"),
  findings: (n) => plural(n, "{n} finding waits for a decision", "{n} findings wait for a decision"),
  appeals: (n) => plural(n, "{n} review to answer", "{n} reviews to answer"),
  reports: (n) => plural(n, "{n} report to decide on", "{n} reports to decide on"),
};

/** Write the numbers anew; none where nothing waits. A reader of the screen hears what they count with the link. */
export async function showWaiting() {
  const places = document.querySelectorAll("[data-waits]");
  if (!places.length) return;
  const waits = await api.ask("GET", "/waiting").catch(() => null); // rather no number than a wrong one
  for (const place of places) {
    const found = place.dataset.waits.split(" ").filter((name) => waits?.[name]);
    const words = found.map((name) => WORDS[name](waits[name])).join(", ");
    const sum = found.reduce((total, name) => total + waits[name], 0);
    place.hidden = !found.length;
    place.title = words;
    place.replaceChildren(make("span", { "aria-hidden": "true" }, figure(sum)), make("span", { class: "vh" }, words));
  }
}
