/* The top bar: menu on phones, light and dark, who is here. */

import * as api from "/static/api.js";

const THEME = "arena.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function paint(button) {
  const kept = localStorage.getItem(THEME);
  const dark = kept ? kept === "dark" : system.matches;
  for (const element of [document.documentElement, document.body]) element.classList.toggle("dark", dark);
  button.textContent = dark ? "Light" : "Dark";
}

/** Let a link of a page lead within its workspace. */
function within(link) {
  const to = link?.getAttribute("href");
  if (api.HERE && to && !to.startsWith("/w/") && !to.startsWith("/static/")) link.setAttribute("href", api.HERE + to);
}

/** Bring the top bar of a page to life. */
export function mount(element, title) {
  document.title = `${title} · Preference Arena`;
  const bar = element.querySelector(".top");
  const theme = bar.querySelector("[data-theme]");
  paint(theme);
  theme.addEventListener("click", () => {
    localStorage.setItem(THEME, document.body.classList.contains("dark") ? "light" : "dark");
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
  api.me().then((me) => {
    bar.querySelector("[data-account]").hidden = !me.workspaces;
    bar.querySelector("[data-sign-in]").hidden = Boolean(me.workspaces);
    bar.querySelector("[data-workspace]").textContent = me.workspace;
    bar.querySelector("[data-slash]").hidden = false;
    bar.querySelector("[data-rater]").textContent = `rater ${me.id.slice(-4).toLowerCase()}`;
  }, () => {}); // the bar says nothing rather than something wrong
}
