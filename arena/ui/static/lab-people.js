/* Who is in the workspace, who was invited, its programs, and what was done about them. */

import * as api from "/static/api.js";
import { button, command, count, day, make } from "/static/making.js";
import { act, lead, one, show, submits, table, when } from "/static/page.js";

const NONE = "\u2013";
const ROLES = ["rater", "reader", "reviewer", "trainer", "lab", "admin"];
const [members, invite, tokens, log] = ["members", "invite", "tokens", "log"].map((name) => one(`[data-${name}]`));

for (const [section, roles] of [[invite, ROLES], [tokens, ROLES.slice(1)]]) {
  const options = roles.map((role) => make("option", { value: role }, role));
  one("select", section).replaceChildren(...options);
}

/** A button in a row that ends something, and asks once more before it does. */
function ending(section, words, about, does) {
  const start = (pressed) => {
    const sure = button([`${words} for good`, make("span", { class: "vh" }, ` ${about}`)], (again) =>
      act(section, again, async () => {
        const said = await does();
        await load();
        return said;
      }),
    );
    pressed.replaceWith(sure);
    sure.focus();
  };
  return button([words, make("span", { class: "vh" }, ` ${about}`)], start);
}

const open = (invitation) => invitation.used < invitation.uses && new Date(invitation.ends_at) > new Date();

function drawMembers(accounts) {
  one("[data-list]", members).replaceChildren(table("Members", [
    { head: "E-mail", row: true, cell: (person) => person.email },
    { head: "Name", cell: (person) => person.name || NONE },
    { head: "Role", cell: (person) => person.role },
    { head: "Since", cell: (person) => day(person.since) },
    { head: "Signs in", cell: (person) => (person.disabled ? "no more" : "yes") },
    {
      head: "Ending",
      cell: (person) => ending(members, "Take out", person.email, async () => {
        await api.ask("POST", "/accounts/removal", { body: { email: person.email } });
        return `${person.email} is out: their sessions, and what they made, open nothing here any more.`;
      }),
    },
  ], accounts, "Nobody has an account here yet."));
}

function drawInvitations(invitations) {
  one("[data-list]", invite).replaceChildren(table("Invitations", [
    { head: "Made", row: true, cell: (one) => when(one.created_at) },
    { head: "By", cell: (one) => one.made_by },
    { head: "As", cell: (one) => one.role },
    { head: "Used", right: true, cell: (one) => `${one.used} of ${one.uses}` },
    { head: "Ends", cell: (one) => when(one.ends_at) },
    {
      head: "Ending",
      cell: (made) => ending(invite, "Withdraw", `the invitation of ${when(made.created_at)}`, async () => {
        await api.ask("DELETE", `/invitations/${encodeURIComponent(made.id)}`);
        return "Nobody can use that invitation any more.";
      }),
    },
  ], invitations.filter(open), "No invitation waits."));
}

function drawTokens(found) {
  one("[data-list]", tokens).replaceChildren(table("Tokens", [
    { head: "Token", row: true, cell: (token) => make("code", {}, token.id) },
    { head: "Role", cell: (token) => token.role },
    { head: "Campaign", cell: (token) => token.campaign ?? "all" },
    { head: "Made", cell: (token) => when(token.created_at) },
    {
      head: "Ending",
      cell: (token) => ending(tokens, "Revoke", token.id, async () => {
        await api.ask("DELETE", `/tokens/${encodeURIComponent(token.id)}`);
        return `Token ${token.id} opens nothing any more, nor does what was made with it.`;
      }),
    },
  ], found.filter((token) => !token.revoked_at), "No program has a token."));
}

function drawLog(entries) {
  one("[data-list]", log).replaceChildren(table("Audit log", [
    { head: "When", row: true, cell: (entry) => when(entry.at) },
    { head: "Who", cell: (entry) => entry.who },
    { head: "Did", cell: (entry) => entry.did },
    { head: "To", cell: (entry) => entry.to },
    { head: "Reason", cell: (entry) => entry.reason ?? NONE },
    { head: "From", cell: (entry) => (entry.from === null ? NONE : entry.from || "this machine") },
  ], entries, "Nothing has happened yet."));
}

/** Show what is told once, with a button that copies it. */
function told(section, sentence, text) {
  const made = one("[data-made]", section);
  made.replaceChildren(make("p", {}, sentence), ...command(text));
  made.hidden = false;
}

submits(invite, async ({ role, uses, days }) => {
  const made = await api.ask("POST", "/invitations", { body: { role, uses: Number(uses), days: Number(days) } });
  told(invite, `For ${count(Number(uses), "person").replace("persons", "people")}, until ${day(made.ends_at)}:`, made.url);
  await load();
  return "The link is below. It is shown only now.";
});
submits(tokens, async ({ role, campaign }) => {
  const body = campaign.trim() ? { role, campaign: campaign.trim() } : { role };
  const made = await api.ask("POST", "/tokens", { body });
  told(tokens, `Token ${made.id}:`, made.token);
  await load();
  return "The token is below. It is shown only now.";
});

const LISTS = ["accounts", "invitations", "tokens"];
const all = () =>
  Promise.all([...LISTS.map((name) => api.every(`/${name}`, name)), api.ask("GET", "/audit-log?limit=200")]);
const load = () =>
  show(one("[data-part]"), all, ([accounts, invitations, issued, { entries }]) => {
    const waiting = invitations.filter(open).length;
    const statement = `${count(accounts.length, "member")}, and ${count(waiting, "invitation")} that can be used.`;
    const rests = "A role holds in this workspace alone. Whoever is taken out leaves no token and no invitation behind.";
    one("[data-part]").append(lead(statement, rests));
    drawMembers(accounts);
    drawInvitations(invitations);
    drawTokens(issued);
    drawLog(entries);
  });
load();
