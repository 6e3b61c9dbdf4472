/* Votes on their way: each kept in this browser, under its key, until the arena has answered.

   A vote sent twice under one key counts once, so a lost answer, a reload or a double press cannot make two. */

import * as api from "/static/api.js";

const PAUSE = 700;
const PREFIX = "arena.vote.";

/** A key nobody else has. (`crypto.randomUUID` exists on HTTPS and localhost only.) */
function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The vote kept for a battle: `{key, ballot}`, or null. */
export function kept(id) {
  return JSON.parse(localStorage.getItem(PREFIX + id) || "null");
}

/** Keep a ballot for a battle. The same ballot keeps its key; another one is another vote, under another key. */
export function keep(id, ballot) {
  const before = kept(id);
  if (before && JSON.stringify(before.ballot) === JSON.stringify(ballot)) return before;
  const entry = { key: freshKey(), ballot };
  localStorage.setItem(PREFIX + id, JSON.stringify(entry));
  return entry;
}

/** Nothing is on its way for this battle any more. */
export function drop(id) {
  localStorage.removeItem(PREFIX + id);
}

/** Send a kept vote, again and again under its key until the deadline. Throws what the last attempt threw. */
export async function send(id, entry, deadline = 10_000) {
  const until = performance.now() + deadline;
  for (;;) {
    try {
      return await api.vote(id, entry.ballot, entry.key, Math.max(1, until - performance.now()));
    } catch (error) {
      const passing = error instanceof api.Silence || error.status >= 500 || error.status === 429;
      if (!passing || performance.now() + PAUSE > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}
