/* Where a formula begins and ends in markdown, in the four spellings models use: `$..$`, `$$..$$`, `\(..\)`, `\[..\]`, and
   LaTeX's environments. Only found here, with its delimiters; `formulas.js` sets it. A price is no formula, and a bracket
   with a backslash around plain words is a bracket. */

import { UNSPACED, UNSPACED_LETTER } from "/static/battle/markdown/scripts.js";

const ENVIRONMENT = new RegExp(
  "^\\\\begin\\{((?:align|aligned|alignat|array|[dr]?cases|drcases|CD|eqnarray|equation|flalign|gather|gathered|multline|" +
    "(?:[bpvBV]|small)?matrix|split|subarray)\\*?)\\}",
);
const TEX = /\\[a-zA-Z]|[\^_=<>+{}|]|\\\\/;
const NAMED = /\\(?:begin|end)\{[^{}]*\}/g;
const COMMAND = /\\[a-zA-Z]/;
const WORDS = /\p{L}{2}[^\p{L}\s]*\s\P{L}*\p{L}{2}/u;
const WORD = /[\p{L}\p{N}$]/u;
const AMOUNT = /^[\d.,]+\s*[^\d\s.,]*\p{L}{2,}|^[\d.,][\d.,\s]*\p{Script=Han}/u; // "5 million", "5美元"
const SENTENCE = /[\p{Ll}\p{Lo}]{3}[,;:.]?[ \t]+\p{L}{2}|\p{L}{2}[,;:.]?[ \t]+[\p{Ll}\p{Lo}]{3}/u;
const MARK = /[，。、；：！？]/; // of a Chinese or Japanese sentence
const LINES = 200; // of one formula
const CLOSES = { "$$": "$$", "\\[": "\\]", "\\(": "\\)" };
const SET_OFF = /^\$[ \t]+(?![ \t])([^$`\n]*[^$`\s])[ \t]+\$(?!\s*\d)/; // `$ x^2 $`

/** An extension of markdown-it. */
export function maths(parser) {
  parser.inline.ruler.before("escape", "maths", inline);
  parser.block.ruler.before("fence", "maths", block, { alt: ["paragraph", "reference", "blockquote", "list"] });
  const { escapeHtml } = parser.utils;
  parser.renderer.rules.maths_inline = (tokens, index) => place("span", tokens[index], escapeHtml);
  parser.renderer.rules.maths_block = (tokens, index) => `${place("div", tokens[index], escapeHtml)}\n`;
}

function place(tag, token, escapeHtml) {
  const wide = token.meta.display ? ' class="maths display" tabindex="0" role="group" aria-label="Formula"' : ' class="maths"';
  return `<${tag} dir="ltr"${wide}>${escapeHtml(token.content)}</${tag}>`;
}

// ---- within a line

function inline(state, silent) {
  const found = one(state) || formula(state) || environment(state);
  if (!found) return false;
  if (!silent) {
    const token = state.push("maths_inline", "", 0);
    token.content = found.content;
    token.meta = { display: found.display };
  }
  state.pos += found.content.length;
  return true;
}

/** `\(..\)`, and `\[..\]` and `$$..$$` where they stand within a line. */
function formula(state) {
  const open = state.src.slice(state.pos, state.pos + 2);
  const close = CLOSES[open];
  if (!close || (open === "$$" && (state.src[state.pos + 2] === "$" || state.src[state.pos - 1] === "$"))) return null;
  const display = open !== "\\(";
  state.unclosed ||= {};
  const end = state.unclosed[close] ? -1 : closing(state.src, state.pos + 2, close);
  if (end < 0 || end + 2 > state.posMax) {
    if (end < 0) state.unclosed[close] = true; // nor for any later one: do not look again
    state.tex ??= lastOf(TEX, state.src);
    state.command ??= lastOf(COMMAND, state.src);
    const source = (open === "$$" ? state.command : state.tex) >= state.pos + 2;
    return source ? { content: state.src.slice(state.pos, state.posMax), display: false } : null;
  }
  const inside = state.src.slice(state.pos + 2, end);
  if (!inside.trim() || (open === "$$" && state.src[end + 2] === "$")) return null;
  if (!TEX.test(inside) && (WORDS.test(inside) || !/[\p{L}\p{N}]/u.test(inside))) return null;
  if (open !== "$$" && /^[\d,\s]+$/.test(inside) && !alone(state, end + 2)) return null; // \[1\]: a reference
  if (open === "\\[" && (/^\p{L}{2,}$/u.test(inside) || (/^[xX]$/.test(inside) && !alone(state, end + 2)))) return null; // \[x\]: a box
  return { content: state.src.slice(state.pos, end + 2), display };
}

const alone = (state, end) => !state.src.slice(0, state.pos).trim() && !state.src.slice(end).trim();

/** An environment of LaTeX within a line, with signs of TeX in it: one that is only named is none. */
function environment(state) {
  if (!state.src.startsWith("\\begin{", state.pos)) return null;
  const found = ENVIRONMENT.exec(state.src.slice(state.pos, state.pos + 30));
  if (!found) return null;
  const close = `\\end{${found[1]}}`;
  state.named ||= {};
  if (state.pos < state.named[close]) return null; // nothing of TeX was found from before up to its end
  const end = closing(state.src, state.pos + found[0].length, close);
  if (end + close.length > state.posMax) return null;
  const inside = state.src.slice(state.pos + found[0].length, end < 0 ? state.posMax : end);
  const written = end >= 0 || state.env.writing || (!state.src.slice(0, state.pos).trim() && !WORDS.test(spoken(inside)));
  if (!written || !(inside.includes("&") || TEX.test(inside.replace(NAMED, "")))) {
    state.named[close] = end < 0 ? state.src.length : end;
    return null;
  }
  return { content: state.src.slice(state.pos, end < 0 ? state.posMax : end + close.length), display: end >= 0 };
}

/** `$..$`, as pandoc tells it from money: no blank inside the signs, no figure after them; and more, for "$5 and 10$". */
function one(state) {
  const { src, pos, posMax } = state;
  if (src[pos] !== "$" || src[pos + 1] === "$" || (WORD.test(src[pos - 1] || "") && !UNSPACED.test(src[pos - 1]))) return null;
  if (pos + 1 >= posMax) return null;
  if (/\s/.test(src[pos + 1])) return setOff(src.slice(pos, posMax));
  let end = pos + 1;
  while (end < posMax && src[end] !== "$" && src[end] !== "`") end += src[end] === "\\" ? 2 : 1;
  if (end >= posMax) {
    const rest = src.slice(pos, posMax);
    return /^\$[^\s$]*\\[a-zA-Z]/.test(rest) ? { content: rest, display: false } : null;
  }
  const inside = src.slice(pos + 1, end);
  if (src[end] !== "$" || src[end + 1] === "$" || /\s/.test(src[end - 1])) return null;
  const next = src.slice(end + 1, end + 4);
  if (/^(?!(?:th|st|nd|rd|s)\b)[\p{L}\p{N}]/u.test(next) && !UNSPACED.test(next[0])) return null;
  if (inside[0] === "{" && next[0] === "{") return null; // ${a}-${b}
  if (/^_[\p{L}\p{N}]/u.test(next)) return null; // $_GET/$_POST
  if (UNSPACED_LETTER.test(spoken(inside)) && (WORD.test(src[pos - 1] || "") || (!TEX.test(inside) && MARK.test(inside)))) return null;
  if (!TEX.test(inside) && (WORDS.test(inside) || AMOUNT.test(inside) || /^[\d.,]+\)/.test(inside))) return null;
  return { content: src.slice(pos, end + 1), display: false };
}

/** What would be words in a formula: it without its commands, what stands in braces, and a letter up or down. */
const spoken = (inside) => inside.replace(/\\[a-zA-Z]+|\{[^{}]*\}|[\^_]\p{L}/gu, "");

/** Whether sentences stand between the signs of a display: then the first of them was never closed. */
function prose(inside) {
  const text = spoken(inside);
  return /(?<!\\)\$/.test(text) || SENTENCE.test(text) || (UNSPACED_LETTER.test(text) && MARK.test(text));
}

/** `$ x^2 $`, with blanks that pandoc does not allow, where nothing looks like money. */
function setOff(text) {
  const found = SET_OFF.exec(text);
  const formula = found && (/\\[a-zA-Z]|[\^_=]/.test(found[1]) ? !WORDS.test(found[1].replace(/\\[a-zA-Z]+/g, "")) : /^[a-zA-Z]$/.test(found[1]));
  return formula ? { content: found[0], display: false } : null;
}

/** Where the last match of a pattern begins; -1 without one. Asked once a text: asking at each sign takes its square. */
function lastOf(pattern, src) {
  let at = -1;
  for (const match of src.matchAll(new RegExp(pattern.source, "g"))) at = match.index;
  return at;
}

/** Where a delimiter stands that no backslash takes its meaning from; -1 if nowhere. */
function closing(src, from, close) {
  for (let at = from; at < src.length - 1; at += 1) {
    if (src.startsWith(close, at)) return at;
    if (src[at] === "\\") at += 1;
  }
  return -1;
}

// ---- a block of its own

function block(state, startLine, endLine, silent) {
  if (state.sCount[startLine] - state.blkIndent >= 4) return false;
  const first = state.src.slice(state.bMarks[startLine] + state.tShift[startLine], state.eMarks[startLine]);
  const environment = ENVIRONMENT.exec(first);
  const open = environment ? environment[0] : first.slice(0, 2);
  const close = environment ? `\\end{${environment[1]}}` : CLOSES[open];
  if (!close || open === "\\(" || first.startsWith("$$$")) return false;
  const found = lines(state, startLine, endLine, open, close);
  if (!found) return false;
  if (silent) return true;
  const token = state.push("maths_block", "", 0);
  token.content = found.content;
  token.map = [startLine, found.end];
  token.meta = { display: true };
  state.line = found.end;
  return true;
}

/** The lines of a formula: `{content, end}`. Its last ends with the delimiter; or there is none yet, while it is written. */
function lines(state, startLine, endLine, open, close) {
  state.open ||= {};
  if (startLine < state.open[close]) return null; // it was looked for from before, and is not there
  let content = "";
  let blank = false;
  for (let line = startLine; line < Math.min(endLine, startLine + LINES); line += 1) {
    state.open[close] = line;
    const text = state.getLines(line, line + 1, state.sCount[startLine], false);
    const inside = state.sCount[line] >= state.blkIndent || state.isEmpty(line);
    blank ||= line > startLine && state.isEmpty(line);
    if (!inside || text.startsWith("```") || (blank && open === "$$" && content.split("\n", 1)[0].trim() !== "$$")) return null;
    const from = content.length;
    content += line > startLine ? `\n${text}` : text;
    const end = closing(content, line > startLine ? from : open.length, close);
    if (end < 0) continue;
    if (blank && open === "$$" && !(end === from + 1 && TEX.test(content.slice(2, end)) && !prose(content.slice(2, end)))) return null;
    state.open[close] = startLine;
    if (!/^[.,;:]?\s*$/.test(content.slice(end + close.length)) || !content.slice(open.length, end).trim()) return null;
    return { content: content.trimEnd(), end: line + 1 };
  }
  const bare = content.slice(open.length).trim();
  if (!state.env.writing || endLine !== state.lineMax || (open === "$$" && (blank || !TEX.test(bare)))) return null;
  state.open[close] = startLine;
  return { content, end: endLine };
}
