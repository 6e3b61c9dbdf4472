/* The top bar of every page: what a role may open, menu on phones, the account's own menu, light and dark. */

import * as api from "/static/api.js";
import { make } from "/static/making.js";
import { language, say } from "/static/words.js";

const THEME = "arena.theme";
export const ROLES = {
  admin: say("admin"), lab: say("lab"), trainer: say("trainer"), reviewer: say("reviewer"), reader: say("reader"), rater: say("rater"),
  anonymous: say("anonymous"),
};
const system = matchMedia("(prefers-color-scheme: dark)");

function paint(button) {
  const kept = localStorage.getItem(THEME);
  const dark = kept ? kept === "dark" : system.matches;
  for (const element of [document.documentElement, document.body]) element.classList.toggle("dark", dark);
  button.textContent = dark ? say("Light") : say("Dark");
}

/** The chooser of the language. The page is drawn anew in it; what is being written is kept as for any reload. */
function enlivenLanguages(chooser) {
  document.documentElement.lang = language;
  chooser.value = language.split("-")[0];
  chooser.addEventListener("change", () => {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `arena_language=${chooser.value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    location.reload();
  });
}

/** Let a link of a page lead within its workspace. */
function within(link) {
  const to = link?.getAttribute("href");
  if (api.HERE && to && !to.startsWith("/w/") && !to.startsWith("/static/")) link.setAttribute("href", api.HERE + to);
}

/** The address of a workspace's first page. */
export const home = (workspace) => `/w/${encodeURIComponent(workspace)}/`;

/** End this session, and go where one signs in. */
export async function signOut() {
  const sessions = await api.every("/sessions", "sessions");
  await api.ask("DELETE", `/sessions/${sessions.find((one) => one.current).id}`);
  location.assign("/signin");
}

/** Show who is here, and what they may open. */
function greet(bar, me) {
  const signed = Boolean(me.workspaces);
  const role = signed || me.role !== "rater" ? me.role : "anonymous";
  const named = `${ROLES[me.role] ?? me.role} ${me.id.slice(-4).toLowerCase()}`;
  for (const entry of bar.querySelectorAll("[data-roles]")) entry.hidden = !entry.dataset.roles.split(" ").includes(role);
  for (const part of bar.querySelectorAll("[data-account]")) part.hidden = !signed;
  for (const part of bar.querySelectorAll("[data-sign-in]")) part.hidden = signed;
  bar.querySelector("[data-workspace]").textContent = me.workspace;
  bar.querySelector("[data-slash]").hidden = false;
  bar.querySelector("[data-rater]").textContent = named;
  bar.querySelector("[data-rater]").hidden = signed;
  if (!signed) return;
  bar.querySelector("[data-member]").textContent = named;
  bar.querySelector("[data-places-of-account]").replaceChildren(...me.workspaces.map((place) => {
    const words = [make("span", {}, place.name), make("span", { class: "mute xs" }, ROLES[place.role] ?? place.role)];
    return make("li", {}, make("a", { href: home(place.name), "aria-current": place.name === me.workspace && "true" }, words));
  }));
}

function enlivenMenu(menu) {
  if (!menu) return;
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.querySelector("[data-sign-out]").addEventListener("click", () => signOut().catch((error) => {
    menu.querySelector("[data-sign-out]").textContent = error.message;
  }));
}

/** Bring the top bar below an element to life. */
export function enliven(element) {
  const bar = element.querySelector(".top");
  const theme = bar.querySelector("[data-theme]");
  paint(theme);
  enlivenLanguages(bar.querySelector("[data-language]"));
  theme.addEventListener("click", () => {
    localStorage.setItem(THEME, document.documentElement.classList.contains("dark") ? "light" : "dark");
    paint(theme);
  });
  // Gradio follows the system by itself, so paint again once it has
  system.addEventListener("change", () => setTimeout(() => paint(theme), 0));
  const menu = bar.querySelector("[data-menu]");
  menu.addEventListener("click", () => menu.setAttribute("aria-expanded", bar.classList.toggle("open")));
  element.querySelector(".skip").addEventListener("click", (event) => {
    const main = document.getElementById("main");
    if (!main) return;
    event.preventDefault();
    main.focus();
  });
  for (const link of document.querySelectorAll("a[href^='/']")) within(link);
  document.addEventListener("click", (event) => within(event.target.closest?.("a[href^='/']")), true); // of what came later
  element.querySelector(".subnav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  enlivenMenu(bar.querySelector(".acct"));
  // a bar without entries is that of a door: nobody is known there yet
  if (bar.querySelector("[data-roles]")) api.me().then((me) => greet(bar, me), () => {}); // nothing rather than something wrong
}

/** The same for a page that Gradio draws. */
export function mount(element, title) {
  document.title = `${say(title)} · Preference Arena`;
  enliven(element);
}
