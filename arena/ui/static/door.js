/* Signing in, an invitation, the first account, and the account's own page. */

import * as api from "/static/api.js";

const THEME = "arena.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const page = document.body.dataset.page;
const last = decodeURIComponent(location.pathname.split("/").pop());

function paint(button) {
  const kept = localStorage.getItem(THEME);
  const dark = kept ? kept === "dark" : system.matches;
  document.documentElement.classList.toggle("dark", dark);
  button.textContent = dark ? "Light" : "Dark";
}

/** Say what was refused, or what was done, and let a reader of the screen hear it. */
function tell(section, sentence, done = false) {
  const note = section.querySelector(done ? "[data-done]" : "[data-note]");
  for (const other of section.querySelectorAll("[data-note], [data-done]")) other.hidden = true;
  note.textContent = sentence;
  note.hidden = false;
}

/** Send a form: its button waits meanwhile, and a refusal is said above it. */
function submits(name, send) {
  const section = document.querySelector(`[data-form="${name}"]`);
  section?.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = section.querySelector("button[type=submit]");
    button.disabled = true;
    try {
      await send(Object.fromEntries(new FormData(event.target)), section);
    } catch (error) {
      tell(section, error.message);
    } finally {
      button.disabled = false;
    }
  });
}

/** Where whoever signed in works. */
function go(begun) {
  const here = begun.workspace === "default" ? "/" : `/w/${begun.workspace}/`;
  location.assign(begun.workspace === null ? "/account" : here);
}

const post = (path, body) => api.ask("POST", path, { body, deadline: 30_000 });

const when = (time) => new Date(time).toLocaleDateString("en", { day: "numeric", month: "long", year: "numeric" });

async function show() {
  const [own, { sessions }] = await Promise.all([api.ask("GET", "/account"), api.ask("GET", "/sessions")]);
  document.querySelector("[data-email]").textContent = own.email;
  document.querySelector("[data-name]").textContent = own.name || "none";
  document.querySelector("[data-places]").replaceChildren(...own.workspaces.map(({ name, role }) => {
    const item = document.createElement("li");
    item.textContent = `${name}, as ${role}`;
    return item;
  }));
  document.querySelector("[data-sessions]").replaceChildren(...sessions.map((one) => {
    const item = document.createElement("li");
    const said = document.createElement("span");
    said.textContent = `${one.client}, since ${when(one.created_at)}${one.current ? " (this one)" : ""}`;
    item.append(said);
    if (!one.current) item.append(ending(one));
    return item;
  }));
}

function ending(one) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "tbtn";
  button.textContent = "End";
  button.setAttribute("aria-label", `End the session of ${one.client}, since ${when(one.created_at)}`);
  button.addEventListener("click", () => act(async () => {
    await api.ask("DELETE", `/sessions/${one.id}`);
    return `The session of ${one.client} was ended. It can no longer vote.`;
  }));
  return button;
}

/** Do something to the account, then show it as it is. */
async function act(what) {
  const section = document.querySelector("[data-account]");
  try {
    const said = await what();
    await show();
    tell(section, said, true);
  } catch (error) {
    tell(section, error.message);
  }
}

const theme = document.querySelector("[data-theme]");
paint(theme);
theme.addEventListener("click", () => {
  localStorage.setItem(THEME, document.documentElement.classList.contains("dark") ? "light" : "dark");
  paint(theme);
});

const link = new URLSearchParams(location.search).get("link");
if (page === "signin" && link) {
  document.querySelector('[data-form="signin"]').hidden = true;
  document.querySelector('[data-form="link"]').hidden = false;
}
submits("signin", async (form) => go(await post("/sessions", form)));
submits("link", async (form) => go(await post(`/password-links/${encodeURIComponent(link)}`, form)));
submits("setup", async (form) => go(await post("/setup", form)));
submits("invite", async (form) => go(await post(`/invitations/${encodeURIComponent(last)}/accept`, form)));
submits("password", async (form, section) => {
  await api.ask("PUT", "/account/password", { body: { old: form.old, new: form.password }, deadline: 30_000 });
  section.querySelector("form").reset();
  tell(section, "The password was changed. All other sessions were ended.", true);
});
submits("close", async (form) => {
  await post("/account/closure", { password: form.closing });
  location.assign("/signin");
});

if (page === "invite") {
  const section = document.querySelector('[data-form="invite"]');
  api.ask("GET", `/invitations/${encodeURIComponent(last)}`).then((offer) => {
    section.querySelector("h2").textContent = `You are invited to ${offer.workspace}, as ${offer.role}`;
  }, (error) => {
    tell(section, error.message);
    section.querySelector("form").hidden = true;
  });
}
if (page === "account") {
  show().catch((error) => tell(document.querySelector("[data-account]"), error.message));
  document.querySelector("[data-others]").addEventListener("click", () => act(async () => {
    await api.ask("DELETE", "/sessions");
    return "All other sessions were ended.";
  }));
  document.querySelector("[data-out]").addEventListener("click", async () => {
    const { sessions } = await api.ask("GET", "/sessions");
    await api.ask("DELETE", `/sessions/${sessions.find((one) => one.current).id}`);
    location.assign("/signin");
  });
}
