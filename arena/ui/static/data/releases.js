/* Releases that were made: figures, what to check them with, what to train with, and their files. */

import * as asking from "/static/data/asking.js";
import { button, coded, command, count, day, figure, make, size } from "/static/making.js";
import { plural, say, sayWith } from "/static/words.js";

/** `purpose` tells what a format's command does; `again` takes a selection back onto the page; `trouble` is told why
    something could not be fetched. */
export class Releases {
  constructor(root, { purpose, title, again, trouble }) {
    this.root = root;
    this.purpose = purpose;
    this.title = title;
    this.again = again;
    this.trouble = trouble;
    this.key = "";
    this.shown = new Map(); // details of each release by its id
  }

  /** List releases, newest first; the one named `open` is unfolded. */
  draw(list, key, open) {
    this.key = key;
    const made = list.filter((one) => one.state === "done");
    for (const one of made) if (!this.shown.has(one.release_id)) this.shown.set(one.release_id, this.#folded(one));
    const folded = made.map((one) => this.shown.get(one.release_id)).reverse();
    const heading = make("h3", { class: "ruled" }, plural(made.length, "One release", "{n} releases"));
    this.root.replaceChildren(...(made.length ? [heading, ...folded] : []));
    if (open) this.shown.get(open).open = true;
  }

  /** Forget what was shown. */
  clear() {
    this.shown.clear();
    this.root.replaceChildren();
  }

  /** Put the focus on a release. */
  focus(id) {
    this.shown.get(id)?.querySelector("summary").focus();
  }

  #folded(one) {
    const facts = `${day(one.created_at)}, ${this.title(one.format)}, ${count(one.rows, "row")}`;
    const summary = make("summary", {}, [make("b", {}, say("Release {number}", { number: one.number })), make("span", { class: "mute sm" }, facts)]);
    const body = make("div", { class: "inside" }, make("p", { class: "sm mute" }, say("Fetching")));
    const details = make("details", { class: "release", "data-release": one.release_id }, [summary, body]);
    details.addEventListener("toggle", async () => {
      if (!details.open || details.dataset.filled) return;
      details.dataset.filled = "yes";
      try {
        body.replaceChildren(...this.#inside(await asking.release(one.release_id)));
      } catch (error) {
        delete details.dataset.filled;
        details.open = false;
        this.trouble(error);
      }
    });
    return details;
  }

  #inside(release) {
    const { manifest, number } = release;
    const { counts, ledger_head: head } = manifest;
    const folder = `release-${number}`;
    const left = Object.values(counts.left_out).reduce((sum, count) => sum + count, 0);
    const rows = Object.entries(counts.rows).map(([split, many]) => `${split} ${figure(many)}`).join(", ");
    const from = { votes: count(counts.votes, "vote"), battles: count(counts.battles, "battle"), raters: count(manifest.raters, "rater"), left: leftOut(left, counts.unit) };
    const facts = [
      [say("Rows"), rows],
      [say("From"), say("{votes} on {battles}, of {raters}; {left}", from)],
      [say("Ledger head"), head ? [`${say("line {n}", { n: figure(head.sequence) })} `, hash(head.hash)] : say("empty")],
      [say("Licence"), manifest.license ?? say("none stated")],
      [say("Manifest"), hash(release.manifest_sha256)],
      [say("Selection"), Object.keys(manifest.selection).length ? make("span", { class: "mono wrapped" }, JSON.stringify(manifest.selection)) : say("everything")],
    ];
    if (manifest.private) facts.push([say("Publish"), plural(manifest.private, "no: the raters of {n} vote do not agree", "no: the raters of {n} votes do not agree")]);
    const parts = [
      make("dl", { class: "method" }, facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])),
      button(say("Select the same"), () => this.again(manifest.selection, release.format)),
      ...this.#files(release, folder),
    ];
    if (!whole(release)) return parts;
    parts.push(
      make("h4", {}, say("Check it")),
      make("p", { class: "sm" }, say("Beside the folder, on any machine with this program:")),
      ...command(`arena release verify ${folder} --key ${this.key}`),
      make("p", { class: "xs mute" }, say("Works offline and finds any change. Ask this arena for its key, not whoever hands you the files.")),
    );
    const purpose = this.purpose(release.format);
    const inside = { folder: make("code", { class: "mono" }, `cd ${folder}`), purpose: make("span", {}, coded(purpose)) };
    if (purpose) parts.push(make("h4", {}, say("Use it")), make("p", { class: "sm" }, sayWith("In its folder ({folder}), to {purpose}:", inside)));
    parts.push(...command(manifest.command));
    return parts;
  }

  #files(release, folder) {
    const heading = make("h4", {}, say("Get it"));
    const sizes = Object.fromEntries(release.manifest.files.map((file) => [file.path, file.bytes]));
    if (!whole(release)) {
      const gone = say("Its texts are no longer here: it was made elsewhere, or one of its raters was erased. What proofs need is.");
      return [heading, make("p", { class: "sm" }, gone), this.#list(release, sizes)];
    }
    const total = Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0);
    const id = encodeURIComponent(release.release_id);
    const all = this.#save(say("Download all ({size}, zip)", { size: size(total) }), `${id}/archive`, `${folder}.zip`, { class: "btn pri wide-button", "data-archive": true });
    const each = make("details", { class: "each" }, [make("summary", { class: "sm" }, say("File by file")), this.#list(release, sizes)]);
    return [heading, ...leavers(release), all, each, make("p", { class: "sm" }, say("Unpack it where you mean to keep it:")), ...command(`python3 -m zipfile -e ${folder}.zip .`)];
  }

  #list(release, sizes) {
    const id = encodeURIComponent(release.release_id);
    const lines = release.files.map((name) => {
      const path = `${id}/files/${name.split("/").map(encodeURIComponent).join("/")}`;
      const save = this.#save(name, path, name.split("/").at(-1), { class: "tbtn mono", "data-file": name });
      return make("li", {}, [save, make("span", { class: "mute" }, name in sizes ? size(sizes[name]) : "")]);
    });
    return make("ul", { class: "files" }, lines);
  }

  /** A button that fetches something and hands it to the browser. */
  #save(words, path, name, attributes) {
    return button(words, async (pressed) => {
      if (pressed.getAttribute("aria-busy") === "true") return;
      pressed.setAttribute("aria-busy", "true");
      pressed.textContent = say("Fetching");
      try {
        await asking.download(path, name);
      } catch (error) {
        this.trouble(error);
      }
      pressed.removeAttribute("aria-busy");
      pressed.textContent = words;
    }, attributes);
  }
}

/** What was taken back of a release after it was made. */
function leavers({ left_since: left }) {
  if (!left) return [];
  const votes = plural(left, "{n} vote in it was withdrawn or erased since.", "{n} votes in it were withdrawn or erased since.");
  return [make("p", { class: "sm", "data-left-since": true }, `${votes} ${say("Build a new release, and drop from this one the rows of the votes its removed.jsonl lists.")}`)];
}

/** How many battles or votes a format left out. */
const leftOut = (left, unit) =>
  unit === "battle" ? plural(left, "{n} battle left out", "{n} battles left out") : plural(left, "{n} vote left out", "{n} votes left out");

/** Whether every file the manifest lists is still here; without one nothing can be checked or trained with. */
function whole(release) {
  return release.manifest.files.every((file) => release.files.includes(file.path));
}

function hash(text) {
  return make("span", { class: "mono wrapped" }, text);
}
