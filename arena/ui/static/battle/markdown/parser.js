/* Markdown as the models write it, one piece of HTML for each block of an answer. */

import markdownit from "/static/vendor/markdown-it/markdown-it.esm.min.mjs";
import { addresses } from "/static/battle/markdown/addresses.js";
import { definitions } from "/static/battle/markdown/definitions.js";
import { directions, direction } from "/static/battle/markdown/direction.js";
import { fences } from "/static/battle/markdown/fences.js";
import { language } from "/static/battle/markdown/languages.js";
import { lists } from "/static/battle/markdown/lists.js";
import { maths } from "/static/battle/markdown/maths.js";
import { notes } from "/static/battle/markdown/notes.js";
import { scripts } from "/static/battle/markdown/scripts.js";
import { tables } from "/static/battle/markdown/tables.js";
import { tasks } from "/static/battle/markdown/tasks.js";

const DEEPEST = 100; // levels that markdown-it reads; below, it drops what is written
const MOST = 4_000; // tags of one block: what sanitizes them takes the square of their number
const LOWERED = { h1: "h4", h2: "h5", h3: "h6", h4: "h6", h5: "h6", h6: "h6" };
const LONG_ADDRESS = 300; // characters of a data: address that are shown

const parser = markdownit({ html: false, linkify: true, breaks: true, typographer: false, maxNesting: DEEPEST });
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
for (const extension of [tables, fences, maths, scripts, addresses, notes, definitions, lists, tasks, directions]) parser.use(extension);

const { rules } = parser.renderer;
const { escapeHtml } = parser.utils;

/** The blocks of a text as HTML; `writing` while its end may still come. */
export function blocks(text, writing) {
  const environment = { writing };
  const tokens = parser.parse(text, environment);
  if (tokens.some((token) => token.level >= DEEPEST - 2)) return [asWritten(text, null)];
  return topmost(tokens).map((block) => {
    const markup = parser.renderer.render(block, parser.options, environment);
    return markup.split("<", MOST + 1).length > MOST ? asWritten(text, block[0].map) : markup;
  });
}

/** The lines of a block that is too much to draw, or all of them. */
function asWritten(text, lines) {
  const source = lines ? text.split("\n").slice(...lines).join("\n") : text;
  return `<pre class="written" dir="auto">${escapeHtml(source)}</pre>`;
}

/** Tokens by the block they belong to. */
function topmost(tokens) {
  const found = [];
  let depth = 0;
  for (const token of tokens) {
    if (depth === 0) found.push([]);
    found.at(-1).push(token);
    depth += token.nesting;
  }
  return found;
}

// an image is shown as what it says and where it points, as text
rules.image = (tokens, index, options, environment, self) => {
  const token = tokens[index];
  const alternative = self.renderInlineAsText(token.children || [], options, environment);
  const source = token.attrGet("src") || "";
  const address = source.startsWith("data:") && source.length > LONG_ADDRESS
    ? `${source.slice(0, LONG_ADDRESS)}… (${source.length.toLocaleString("en")} characters)`
    : source;
  const title = token.attrGet("title");
  const words = [`[image: ${alternative || "no description"}]`, address, title && `"${title}"`].filter(Boolean).join(" ");
  return `<span class="image">${escapeHtml(words)}</span>`;
};

for (const rule of ["heading_open", "heading_close"]) {
  rules[rule] = (tokens, index, options, environment, self) => {
    tokens[index].tag = LOWERED[tokens[index].tag] || tokens[index].tag;
    return self.renderToken(tokens, index, options);
  };
}

for (const rule of ["th_open", "td_open"]) {
  rules[rule] = (tokens, index, options, environment, self) => {
    const token = tokens[index];
    const style = token.attrGet("style");
    if (style) token.attrs = [...token.attrs.filter(([name]) => name !== "style"), ["align", style.replace("text-align:", "")]];
    return self.renderToken(tokens, index, options);
  };
}

rules.table_open = (tokens, index) =>
  `<div class="scroll"${direction(tokens[index])} tabindex="0" role="group" aria-label="Table, scrolls sideways"><table>`;
rules.table_close = () => "</table></div>";

rules.code_inline = (tokens, index) => `<code dir="ltr">${escapeHtml(tokens[index].content)}</code>`;

for (const rule of ["fence", "code_block"]) {
  rules[rule] = (tokens, index) => {
    const { content, info } = tokens[index];
    const named = language(parser.utils.unescapeAll(info));
    const name = escapeHtml(named.name);
    const coloured = named.language ? ` class="language-${named.language}"` : "";
    return `<div class="codeb"><div dir="ltr"><span>${name}</span>` +
      `<button class="tbtn copy" type="button">Copy<span class="vh"> this code: ${name}</span></button></div>` +
      `<pre dir="${named.language ? "ltr" : "auto"}" tabindex="0" role="group" aria-label="Code: ${name}">` +
      `<code${coloured}>${escapeHtml(content)}</code></pre></div>`;
  };
}
