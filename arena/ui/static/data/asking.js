/* The arena's HTTP API, asked with the token of a trainer. The token stays in this tab. */

import * as api from "/static/api.js";
import { say } from "/static/words.js";

const KEPT = "arena.token";
const PATIENCE = 180_000; // milliseconds: counting a million votes takes a while

/** The token this tab holds, or null. */
export const kept = () => sessionStorage.getItem(KEPT);

export const keep = (token) => sessionStorage.setItem(KEPT, token);

export const forget = () => sessionStorage.removeItem(KEPT);

/** Whether a text can be a token at all: a header carries nothing else. */
export const sayable = (token) => /^[\x21-\x7e]+$/.test(token);

/** Whether the arena refused the token, rather than what was asked. */
export const refused = (error) => error instanceof api.Refusal && [401, 403].includes(error.status);

const bearer = () => ({ Authorization: `Bearer ${kept()}` });

function ask(method, path, body) {
  return api.ask(method, path, { body, headers: bearer(), deadline: PATIENCE });
}

export const me = () => ask("GET", "/me");
export const selections = () => api.every("/selections", "selections", { headers: bearer(), deadline: PATIENCE });
export const promised = () => ask("GET", "/selections/promised");
/** `languages` waits until the languages of all prompts are found; otherwise they may be left out. */
export const counts = (select, format, languages) => ask("POST", "/selections/counts", { select, format, by_language: languages });
export const preview = (select, format, seed) => ask("POST", "/selections/preview", { select, format, seed });
export const releases = () => api.every("/exports", "exports", { headers: bearer(), deadline: PATIENCE });
export const release = (id) => ask("GET", `/exports/${encodeURIComponent(id)}`);
export const build = (select, format) => ask("POST", "/exports", { select, format });
export const stop = (id) => ask("DELETE", `/exports/${encodeURIComponent(id)}`);
export const key = () => ask("GET", "/exports/key");

/** Fetch one file of a release, or all of them packed, and hand it to the browser to save as `name`. */
export async function download(path, name) {
  let answer;
  try {
    answer = await fetch(`/api/v1/exports/${path}`, { headers: bearer() });
  } catch {
    throw new api.Silence(say("The arena did not reply."));
  }
  if (!answer.ok) throw new api.Refusal(answer.status, await answer.json().catch(() => ({})));
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
