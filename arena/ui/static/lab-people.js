/* Who is in the workspace, who was invited, its programs, and what was done about them. */

import * as api from "/static/api.js";
import { ROLES as WORDS } from "/static/frame.js";
import { button, command, day, english, figure, make } from "/static/making.js";
import { act, lead, one, show, submits, table, when } from "/static/page.js";
import { plural, say } from "/static/words.js";

const NONE = "\u2013";
const ROLES = ["rater", "reader", "reviewer", "trainer", "lab", "admin"];
const said = (role) => WORDS[role] ?? role;
const [members, invite, tokens, log] = ["members", "invite", "tokens", "log"].map((name) => one(`[data-${name}]`));

for (const [section, roles] of [[invite, ROLES], [tokens, ROLES.slice(1)]]) {
  const options = roles.map((role) => make("option", { value: role }, said(role)));
  one("select", section).replaceChildren(...options);
}

/** A button in a row that ends something, and asks once more, in other words, before it does. */
function ending(section, [words, sureWords], about, does) {
  const start = (pressed) => {
    const sure = button([sureWords, make("span", { class: "vh" }, ` ${about}`)], (again) =>
      act(section, again, async () => {
        const done = await does();
        await load();
        return done;
      }),
    );
    pressed.replaceWith(sure);
    sure.focus();
  };
  return button([words, make("span", { class: "vh" }, ` ${about}`)], start);
}

const open = (invitation) => invitation.used < invitation.uses && new Date(invitation.ends_at) > new Date();

/** The role of a member, and another one to choose. Nothing changes before the button beside it is pressed. */
function roleOf({ email, role }) {
  const options = ROLES.map((one) => make("option", { value: one, selected: one === role }, said(one)));
  const chosen = make("select", { class: "txt", "aria-label": say("Role of {person}", { person: email }) }, options);
  const change = button([say("Change role"), make("span", { class: "vh" }, ` ${email}`)], (pressed) =>
    act(members, pressed, async () => {
      await api.ask("POST", "/accounts/roles", { body: { email, role: chosen.value } });
      await load();
      return say("{person} is {role} here from now on.", { person: email, role: said(chosen.value) });
    }),
  );
  change.hidden = true;
  chosen.addEventListener("change", () => {
    change.hidden = chosen.value === role;
  });
  return make("div", { class: "act" }, [chosen, change]);
}

function drawMembers(accounts) {
  one("[data-list]", members).replaceChildren(table(say("Members"), [
    { head: say("E-mail"), row: true, cell: (person) => person.email },
    { head: say("Name"), cell: (person) => person.name || NONE, has: (person) => person.name },
    { head: say("Role"), cell: roleOf },
    { head: say("Since"), cell: (person) => day(person.since) },
    { head: say("Signs in"), cell: (person) => (person.disabled ? say("no more") : say("yes")) },
    {
      head: say("Ending"),
      cell: (person) => ending(members, [say("Remove"), say("Remove for good")], person.email, async () => {
        await api.ask("POST", "/accounts/removal", { body: { email: person.email } });
        return say("{person} is out: their sessions, and what they made, open nothing here any more.", { person: person.email });
      }),
    },
  ], accounts, say("Nobody has an account here yet.")));
}

function drawInvitations(invitations) {
  one("[data-list]", invite).replaceChildren(table(say("Invitations"), [
    { head: say("Made"), row: true, cell: (one) => when(one.created_at) },
    { head: say("By"), cell: (one) => one.made_by },
    { head: say("As"), cell: (one) => said(one.role) },
    { head: say("Used"), right: true, cell: (one) => say("{part} of {all}", { part: figure(one.used), all: figure(one.uses) }) },
    { head: say("Ends"), cell: (one) => when(one.ends_at) },
    {
      head: say("Ending"),
      cell: (made) => ending(invite, [say("Withdraw"), say("Withdraw for good")], say("the invitation of {when}", { when: when(made.created_at) }), async () => {
        await api.ask("DELETE", `/invitations/${encodeURIComponent(made.id)}`);
        return say("Nobody can use that invitation any more.");
      }),
    },
  ], invitations.filter(open), say("No invitation waits.")));
}

function drawTokens(found) {
  one("[data-list]", tokens).replaceChildren(table(say("Tokens"), [
    { head: say("Token"), row: true, cell: (token) => make("code", {}, token.id) },
    { head: say("Role"), cell: (token) => said(token.role) },
    { head: say("Campaign"), cell: (token) => token.campaign ?? say("all") },
    { head: say("Made"), cell: (token) => when(token.created_at) },
    {
      head: say("Ending"),
      cell: (token) => ending(tokens, [say("Revoke"), say("Revoke for good")], token.id, async () => {
        await api.ask("DELETE", `/tokens/${encodeURIComponent(token.id)}`);
        return say("Token {token} opens nothing any more, nor does what was made with it.", { token: token.id });
      }),
    },
  ], found.filter((token) => !token.revoked_at), say("No program has a token.")));
}

function drawLog(entries) {
  one("[data-list]", log).replaceChildren(table(say("Audit log"), [
    { head: say("When"), row: true, cell: (entry) => when(entry.at) },
    { head: say("Who"), cell: (entry) => entry.who },
    { head: say("What was done"), cell: (entry) => english(entry.did) },
    { head: say("To what"), cell: (entry) => entry.to },
    { head: say("Why"), cell: (entry) => entry.reason ?? NONE },
    { head: say("From"), cell: (entry) => (entry.from === null ? NONE : entry.from || say("this machine")) },
  ], entries, say("Nothing has happened yet.")));
}

/** Show what is told once, with a button that copies it. */
function told(section, sentence, text) {
  const made = one("[data-made]", section);
  made.replaceChildren(make("p", {}, sentence), ...command(text));
  made.hidden = false;
}

submits(invite, async ({ role, uses, days, fields, reason }) => {
  const qualifications = fields.split(",").map((field) => field.trim()).filter(Boolean);
  const granted = qualifications.length ? { qualifications, reason } : {};
  const body = { role, uses: Number(uses), days: Number(days), ...granted };
  const made = await api.ask("POST", "/invitations", { body });
  told(invite, plural(Number(uses), "For {n} person, until {day}:", "For {n} people, until {day}:", { day: day(made.ends_at) }), made.url);
  await load();
  return say("The link is below. It is shown only now.");
});
submits(tokens, async ({ role, campaign }) => {
  const body = campaign.trim() ? { role, campaign: campaign.trim() } : { role };
  const made = await api.ask("POST", "/tokens", { body });
  told(tokens, say("Token {token}:", { token: made.id }), made.token);
  await load();
  return say("The token is below. It is shown only now.");
});

const LISTS = ["accounts", "invitations", "tokens"];
const all = () =>
  Promise.all([...LISTS.map((name) => api.every(`/${name}`, name)), api.ask("GET", "/audit-log?limit=200")]);
const load = () =>
  show(one("[data-part]"), all, ([accounts, invitations, issued, { entries }]) => {
    const waiting = invitations.filter(open).length;
    const invited = plural(waiting, "{n} invitation can be used.", "{n} invitations can be used.");
    const statement = `${plural(accounts.length, "{n} member.", "{n} members.")} ${invited}`;
    const rests = say("A role holds in this workspace alone. Whoever is taken out leaves no token and no invitation behind.");
    one("[data-part]").append(lead(statement, rests));
    drawMembers(accounts);
    drawInvitations(invitations);
    drawTokens(issued);
    drawLog(entries);
  });
load();
