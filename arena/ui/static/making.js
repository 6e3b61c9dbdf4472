/* Elements made of text: nothing that came from the arena is ever read as markup. */

/** One element. `attributes` by name; `content` is a text, an element, or a list of them. */
export function make(tag, attributes = {}, content = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...[content].flat());
  return made;
}

/** A button that does something. */
export function button(words, does, attributes = {}) {
  const made = make("button", { type: "button", class: "tbtn", ...attributes }, words);
  made.addEventListener("click", () => does(made));
  return made;
}

/** The ballot glyph of an outcome. */
export const glyph = (letter) => make("span", { class: `g ${letter}`, "aria-hidden": "true" });

export const figure = (number) => number.toLocaleString("en");

export const count = (number, noun) => `${figure(number)} ${noun}${number === 1 ? "" : "s"}`;

/** A day, as a person writes it. */
export function day(moment) {
  return new Date(moment).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}

/** Bytes, as a person reads them. */
export function size(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let place = 0;
  while (bytes >= 1000 && place < units.length - 1) {
    bytes /= 1000;
    place += 1;
  }
  return `${place && bytes < 10 ? bytes.toFixed(1) : Math.round(bytes)} ${units[place]}`;
}

/** A command to paste, broken between its words, with a button that copies it where the browser lets it. */
export function command(text) {
  const words = text.split(/(\s+)/).map((piece) => (piece.trim() ? make("span", {}, piece) : piece));
  const code = make("code", { class: "cmd paste", tabindex: "0", role: "group", "aria-label": "Command" }, words);
  if (!navigator.clipboard) return [code];
  const said = make("span", { "aria-live": "polite" }, "Copy");
  const which = make("span", { class: "vh" }, ` ${text.split(/\s+/, 2).join(" ")}`);
  const copy = button([said, which], async () => {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      said.textContent = "The browser does not let this page copy; the command is selected";
    }
    setTimeout(() => (said.textContent = "Copy"), 4_000);
  });
  return [code, copy];
}

/** Words with `code` between backticks. */
export function coded(words) {
  return words.split("`").map((piece, index) => (index % 2 ? make("code", { class: "mono" }, piece) : piece));
}
