/* Signing in, an invitation, the first account, and the account's own page. */

import * as api from "/static/api.js";
import { ROLES, home, signOut } from "/static/frame.js";
import { button, day, make } from "/static/making.js";
import { act, one, pieces, submits, tell } from "/static/page.js";
import { say, sayWith } from "/static/words.js";

const page = document.body.dataset.page;
const last = pieces.at(-1);

/** The part of a page with one form. */
const part = (name) => one(`[data-form="${name}"]`);

/** Where whoever signed in works, or the page that asked them to sign in again. */
function go(begun) {
  const back = new URLSearchParams(location.search).get("back") ?? "";
  if (page === "signin" && /^\/\w[\w./?=&%-]*$/.test(back)) return location.assign(back); // nothing beyond this site
  const here = begun.workspace === "default" ? "/" : `/w/${begun.workspace}/`;
  location.assign(begun.workspace === null ? "/account" : here);
}

/** Send a form; where its account has a second step, ask for the code, too. */
function coded(send) {
  return async ({ code, ...form }, section) => {
    try {
      return await send(code ? { ...form, code } : form, section);
    } catch (error) {
      const field = one("[data-code]", section);
      if (error.code === "second_step" && field.hidden) {
        field.hidden = false;
        one("input", field).focus();
        return "";
      }
      throw error;
    }
  };
}

const post = (path, body) => api.ask("POST", path, { body, deadline: 30_000 });
const begins = (path) => coded(async (form) => go(await post(path, form)));

async function show() {
  const [own, sessions] = await Promise.all([api.ask("GET", "/account"), api.every("/sessions", "sessions")]);
  one("[data-email]").textContent = own.email;
  one("[data-name]").textContent = own.name || say("none");
  stand(own);
  one("[data-places]").replaceChildren(...own.workspaces.map(({ name, role }) => {
    return make("li", {}, sayWith("{workspace}, as {role}", { workspace: make("a", { href: home(name) }, name), role: ROLES[role] ?? role }));
  }));
  one("[data-sessions]").replaceChildren(...sessions.map((session) => {
    const values = { client: session.client, day: day(session.created_at) };
    const said = make("span", {}, session.current ? say("{client}, since {day} (this one)", values) : say("{client}, since {day}", values));
    return make("li", {}, session.current ? said : [said, ending(session)]);
  }));
}

/** Say whether a code is needed, and offer the other. */
function stand({ second_step: on, has_password: known }) {
  const section = part("step");
  section.dataset.on = on ? "yes" : "";
  one("[data-said]", section).textContent = on
    ? say("Signing in with your password needs a code of your device, too.")
    : say("With it, signing in with your password needs a code that your phone shows, too.");
  if (!known && !on) section.hidden = true;
  one("[data-offer]", section).hidden = on;
  one("[data-prove]", section).hidden = !on;
  one("[type=submit]", section).hidden = !on;
  one("[type=submit]", section).textContent = on ? say("Switch it off") : say("Confirm");
}

function ending(session) {
  const label = say("End the session of {client}, since {day}", { client: session.client, day: day(session.created_at) });
  return button(say("End"), (pressed) => change(pressed, async () => {
    await api.ask("DELETE", `/sessions/${session.id}`);
    return say("The session of {client} was ended. It can no longer vote.", { client: session.client });
  }), { "aria-label": label });
}

/** Do something to the account, then show it as it is. */
const change = (pressed, does) => act(one("[data-own]"), pressed, async () => {
  const said = await does();
  await show();
  return said;
});

const link = new URLSearchParams(location.search).get("link");
if (page === "signin" && link) {
  part("signin").hidden = true;
  part("link").hidden = false;
}
const device = new URLSearchParams(location.search).get("device");
if (page === "signin" && device) {
  part("signin").hidden = true;
  part("device").hidden = false;
}
submits(part("device"), async () => go(await post(`/device-links/${encodeURIComponent(device)}`, {})));
submits(part("signin"), begins("/sessions"));
submits(part("link"), begins(`/password-links/${encodeURIComponent(link)}`));
submits(part("setup"), async (form) => go(await post("/setup", form)));
submits(part("invite"), begins(`/invitations/${encodeURIComponent(last)}/accept`));
submits(part("password"), coded(async ({ password, ...form }, section) => {
  await api.ask("PUT", "/account/password", { body: { ...form, new: password }, deadline: 30_000 });
  one("form", section).reset();
  one("[data-code]", section).hidden = true;
  return say("The password was changed. All other sessions were ended.");
}));
submits(part("step"), async ({ password, code }, section) => {
  if (section.dataset.on) {
    await post("/account/second-step/removal", { password, code });
    await show();
    one("form", section).reset();
    return say("Signing in needs no code any more.");
  }
  const answered = await api.ask("PUT", "/account/second-step", { body: { password, code }, deadline: 30_000 });
  await show();
  one("form", section).reset();
  one("[data-offered]", section).hidden = true;
  one("[data-list]", section).replaceChildren(...answered.recovery_codes.map((one) => make("li", {}, make("code", {}, one))));
  one("[data-codes]", section).hidden = false;
  return say("From now on, signing in needs a code. All other sessions were ended.");
});
submits(part("close"), coded(async ({ closing, ...form }) => {
  await post("/account/closure", { password: closing, ...form });
  location.assign("/signin");
}));

if (page === "invite") {
  const section = part("invite");
  api.ask("GET", `/invitations/${encodeURIComponent(last)}`).then((offer) => {
    one("h2", section).textContent = say("You are invited to {workspace}, as {role}", { workspace: offer.workspace, role: ROLES[offer.role] ?? offer.role });
  }, (error) => {
    tell(section, error.message);
    one("form", section).hidden = true;
  });
}
const REFUSED = {
  unbelieved: say("Your organisation's answer could not be believed. Start again."),
  not_let_in: say("Your organisation gives you no place in this arena. Ask its admin."),
  has_password: say("This e-mail has an account with a password here. Sign in with that first, then with the organisation."),
  not_asked: say("Your organisation does not say that it asked just now who you are. Ask the admin of this arena for a link that sets a password."),
  later: say("Your organisation's server did not answer. Try again in a minute."),
};
if (page === "signin") {
  api.ask("GET", "/organisation").then(({ there }) => {
    one("[data-organisation]").hidden = !there;
  }, () => {});
  const query = new URLSearchParams(location.search);
  const refused = query.get("refused");
  if (REFUSED[refused]) tell(part("signin"), REFUSED[refused]);
  if (query.has("back") || refused === "not_asked") one("[data-organisation] a").href += "?anew=true";
}
if (page === "account") {
  one("[data-device]").addEventListener("click", (event) => act(one("[data-own]"), event.currentTarget, async () => {
    const made = await post("/sessions/devices", {});
    one("[data-device-picture]").src = `data:image/svg+xml,${encodeURIComponent(made.picture)}`;
    one("[data-device-address]").textContent = made.url;
    one("[data-linked]").hidden = false;
  }));
  one("[data-offer]").addEventListener("click", (event) => act(part("step"), event.currentTarget, async () => {
    const section = part("step");
    const offered = await post("/account/second-step/offers", {});
    one("[data-picture]", section).src = `data:image/svg+xml,${encodeURIComponent(offered.picture)}`;
    one("[data-secret]", section).textContent = offered.secret.match(/.{4}/g).join(" ");
    for (const hook of ["[data-offered]", "[data-prove]", "[type=submit]"]) one(hook, section).hidden = false;
  }));
  show().catch((error) => tell(one("[data-own]"), error.message));
  one("[data-others]").addEventListener("click", (event) => change(event.currentTarget, async () => {
    await api.ask("DELETE", "/sessions");
    return say("All other sessions were ended.");
  }));
  one("[data-out]").addEventListener("click", (event) => act(one("[data-own]"), event.currentTarget, signOut));
}
