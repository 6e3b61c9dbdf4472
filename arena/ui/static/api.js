/* The arena's HTTP API, as the pages use it. */

import { say } from "/static/words.js";

/** What the addresses of a workspace begin with: /w/NAME, or nothing for the default one. */
export const HERE = /^\/w\/[^/]+/.exec(location.pathname)?.[0] ?? "";
const ROOT = `${HERE}/api/v1`;

/** The arena answered, and said no. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || say("The arena answered {status}.", { status }));
    this.status = status;
    this.code = problem.code;
  }
}

/** The arena did not answer in time, or not at all. */
export class Silence extends Error {}

/** Ask once. Resolves with the JSON answer; throws `Refusal` or `Silence`. */
export const ask = async (method, path, options) => (await exchange(method, path, options)).content;

/** Ask once for a document to keep. Resolves with its text as the arena wrote it: read and written again, 2.0 would be 2. */
export const written = async (path, options) => (await exchange("GET", path, options)).text;

async function exchange(method, path, { body, headers = {}, deadline = 10_000 } = {}) {
  const options = { method, headers: { Accept: "application/json", ...headers }, signal: AbortSignal.timeout(deadline) };
  if (body instanceof Blob) {
    options.headers["Content-Type"] = "application/octet-stream";
    options.body = body;
  } else if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer, text;
  try {
    answer = await fetch(ROOT + path, options);
    text = await answer.text();
  } catch {
    throw new Silence(say("The arena did not reply."));
  }
  if (answer.status === 204) return { content: null, text };
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    throw answer.ok ? new Silence(say("The arena's answer could not be read.")) : new Refusal(answer.status, {});
  }
  if (!answer.ok) throw new Refusal(answer.status, content);
  return { content, text };
}

/** Every entry of a list, page by page. */
export async function every(path, name, options) {
  const found = [];
  let after = "";
  for (;;) {
    const page = await ask("GET", `${path}?limit=500${after}`, options);
    found.push(...page[name]);
    if (page.next === null) return found;
    after = `&after=${encodeURIComponent(page.next)}`;
  }
}

/** Open a battle; `continues` names the battle it follows up on. Resolves with its id. */
export async function open(prompt, continues, campaign = "default") {
  const body = { prompt, ...(continues && { continues }), ...(campaign !== "default" && { campaign }) };
  return (await ask("POST", "/battles", { body })).battle_id;
}

/** The task that is open, or else the next one. Resolves with its id; a `Refusal` says why there is none. */
export const task = async (campaign) =>
  (await ask("POST", `/campaigns/${encodeURIComponent(campaign)}/tasks`)).battle_id;

/** Give a task back; it goes to others. */
export const skip = (id, reason) => ask("POST", `/battles/${encodeURIComponent(id)}/skips`, { body: { reason } });

/** Say what is wrong with a battle. */
export const report = (id, kind, reason) =>
  ask("POST", `/battles/${encodeURIComponent(id)}/reports`, { body: { kind, reason } });

/** A battle as far as this browser may know it. */
export const battle = (id) => ask("GET", `/battles/${encodeURIComponent(id)}`);

/** The rater's newest battle, or null when there is none. */
export const latest = () => ask("GET", "/battles/latest");

/** Address of a battle's stream. */
export const stream = (id) => `${ROOT}/battles/${encodeURIComponent(id)}/stream`;

/** Cast a vote under an idempotency key. Resolves with the names and the receipt. */
export const vote = (id, ballot, key, deadline) =>
  ask("POST", `/battles/${encodeURIComponent(id)}/votes`, { body: ballot, headers: { "Idempotency-Key": key }, deadline });

let asked = null;

/** End a battle that is being written; its place is free at once. */
export const stop = (id) => ask("POST", `/battles/${encodeURIComponent(id)}/stop`);

/** Who this browser is: rater, workspace and votes. Bar and page ask at the same time, and share one answer. */
export const me = () => (asked ??= ask("GET", "/me").finally(() => (asked = null)));
