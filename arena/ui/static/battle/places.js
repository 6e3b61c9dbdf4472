/* Where the page stands in the browser's history: each prompt, battle and follow-up is an entry of its own, so that
   Back and Forward walk through them. */

/** What the address names: `["battle", id]`, `["follow", id]`, or `[null, null]` for a fresh prompt. */
export function current() {
  const query = new URLSearchParams(location.search);
  for (const name of ["battle", "follow"]) if (query.get(name)) return [name, query.get(name)];
  return [null, null];
}

/** Make the address name a battle, a follow-up on one, or nothing. `instead` takes the place of the entry that is open. */
export function enter(name, id, instead = false) {
  const search = name ? `?${name}=${encodeURIComponent(id)}` : "";
  const here = location.search === search;
  if (here) return;
  history[instead ? "replaceState" : "pushState"]({}, "", search || location.pathname);
}

/** Keep something with the entry that is open, until the rater comes back to it or reloads. */
export function keep(what) {
  history.replaceState({ ...history.state, ...what }, "");
}

/** What was kept with the entry that is open. */
export const kept = () => history.state || {};

/** The page of a campaign. */
export const page = (campaign) => (campaign === "default" ? "/" : `/campaigns/${encodeURIComponent(campaign)}`);
