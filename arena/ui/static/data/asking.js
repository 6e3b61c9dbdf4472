/* The arena's HTTP API, asked with the token of a trainer, which stays in this tab, or by somebody who is signed in. */

import * as api from "/static/api.js";
import { say } from "/static/words.js";

const KEPT = "arena.token";
const PATIENCE = 180_000; // milliseconds: counting a million votes takes a while

const ROLES = ["trainer", "lab", "admin"]; // that may build releases
let account = false; // whether the session of an account stands for a token

/** The token this tab holds, or null. */
const kept = () => sessionStorage.getItem(KEPT);

/** Whether there is something to ask with. */
export const known = () => account || kept() !== null;

/** Whether it is the session of an account. */
export const signedIn = () => account;

export const keep = (token) => sessionStorage.setItem(KEPT, token);

/** Ask as the account that is signed in, where this tab holds no token and the account's role may build releases. */
export async function recognise() {
  if (kept() !== null) return;
  const me = await api.me().catch(() => null); // whoever is not known has a token
  account = Boolean(me?.workspaces) && ROLES.includes(me.role);
}

export function forget() {
  account = false;
  sessionStorage.removeItem(KEPT);
}

/** Whether a text can be a token at all: a header carries nothing else. */
export const sayable = (token) => /^[\x21-\x7e]+$/.test(token);

/** Whether the arena refused the token, rather than what was asked. */
export const refused = (error) => error instanceof api.Refusal && [401, 403].includes(error.status);

const bearer = () => (account ? {} : { Authorization: `Bearer ${kept()}` });

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
    answer = await fetch(`${api.HERE}/api/v1/exports/${path}`, { headers: bearer() });
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
