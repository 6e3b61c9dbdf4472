/* A selection as the page holds it: what differs from taking everything, by key, as the API reads it. No DOM here.

   It stands in the address, each value as JSON where it is not a plain word: ?ties=drop&languages=["de","en"]. */

import { LOCALE, figure, plural, say } from "/static/words.js";

export const FORMAT = "trl-dpo";

/** Read the address: `{select, format}`. */
export function read(query) {
  const select = {};
  let format = FORMAT;
  for (const [key, text] of new URLSearchParams(query)) {
    if (key === "format") format = text;
    else if (!key.startsWith("__")) select[key] = value(text); // Gradio's own keys begin so
  }
  return { select, format };
}

/** Write the address; empty when nothing differs. */
export function write(select, format = FORMAT) {
  const query = new URLSearchParams();
  if (format !== FORMAT) query.set("format", format);
  for (const key of Object.keys(select).sort()) query.set(key, text(select[key]));
  const said = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return said ? `?${said}` : "";
}

/** A selection with one key changed; a value that asks for nothing takes the key out. */
export function changed(select, key, value) {
  const { [key]: dropped, ...rest } = select;
  return value === null || value === undefined || value === false || value === "" ? rest : { ...rest, [key]: value };
}

/** A selection that keeps what releases promised, where it says nothing else. */
export const keeping = (promised, select) => ({ ...promised.select, ...select });

/** A list with one name in or out. `all` are the names there are: with all of them the list asks for nothing. */
export function listed(select, key, name, on, all) {
  const before = names(select, key) ?? all;
  const after = on ? [...new Set([...before, name])] : before.filter((other) => other !== name);
  const every = all.every((other) => after.includes(other));
  return changed(select, key, every ? null : after.sort());
}

/** The names a selection asks for under a key; null when it asks for none. */
export function names(select, key) {
  const found = select[key];
  return found === undefined ? null : Array.isArray(found) ? found.map(String) : [String(found)];
}

/** What the arena says of a selection, in this page's words: keys become the `labels` of their fields, shares percent. */
export function worded(sentence, labels) {
  const label = (key) => (labels.has(key) ? say("“{field}”", { field: labels.get(key) }) : key);
  return sentence
    .replace(/(held_out_share)=([\d.e-]+\d)/, (_, key, share) => `${label(key)} ${percent(share)}`)
    .replace(/(split_by_cluster)=true/, (_, key) => label(key))
    .replace(/(\w+) is (-?[\d.e+-]+); it is a share from 0 to (less than )?([\d.]*\d)\./, (_, key, asked, less, most) => {
      const values = { field: label(key), asked: percent(asked), most: percent(most) };
      return less ? say("{field} is {asked}; it is from 0 to less than {most}.", values) : say("{field} is {asked}; it is from 0 to {most}.", values);
    })
    .replace(/(\w+) is empty, which selects nothing; name some, or leave the key out\./, (_, key) => say("Nothing is ticked under {field}, which selects nothing; tick some, or press All.", { field: label(key) }))
    .replace(/\b(\w+) is (?=-?\d)/g, (_, key) => `${label(key)} is `)
    .replaceAll(" 00:00:00+00:00", "");
}

/** The keys whose values a sentence of the arena is about. */
export const blamed = (sentence) => new Set([...sentence.matchAll(/\b(\w+)(?: is |=)/g)].map(([, key]) => key));

/** Why something is held out that nobody here asked for; empty where no release promised anything. */
export function promisedWords({ select, releases }) {
  if (!releases.length) return "";
  const values = { releases: new Intl.ListFormat(LOCALE).format(releases.map(String)), share: percent(select.held_out_share) };
  return select.split_by_cluster
    ? plural(releases.length, "Filled in: release {releases} promised to keep {share}% of the prompts, nearly equal prompts together, out of every later release.", "Filled in: releases {releases} promised to keep {share}% of the prompts, nearly equal prompts together, out of every later release.", values)
    : plural(releases.length, "Filled in: release {releases} promised to keep {share}% of the prompts out of every later release.", "Filled in: releases {releases} promised to keep {share}% of the prompts out of every later release.", values);
}

const percent = (share) => figure(Number((share * 100).toPrecision(12)), { maximumFractionDigits: 10 });

function value(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function text(value) {
  if (typeof value !== "string") return JSON.stringify(value);
  try {
    JSON.parse(value);
    return JSON.stringify(value); // a word that would be read as something else
  } catch {
    return value;
  }
}
