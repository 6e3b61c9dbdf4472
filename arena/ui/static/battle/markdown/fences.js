/* Fenced code as models write it. Two things that end a fence in markdown do not end it here: a line that stands further
   left than the list item that the code is in, where the closing fence is still to come; and, in a fence of markdown, the
   end of a fence that was begun within it with as many signs. */

import { language } from "/static/battle/markdown/languages.js";

const FENCE = /^(`{3,}|~{3,})[ \t]*([^]*)$/;
const LINES = 500; // in which the end of a fence with others in it is looked for
const ITEM = /^(?:\d{1,9}([.)])|([-*+]))[ \t]/;

/** An extension of markdown-it. */
export function fences(parser) {
  parser.block.ruler.at("fence", fence, { alt: ["paragraph", "reference", "blockquote", "list"] });
}

function fence(state, startLine, endLine, silent) {
  const open = at(state, startLine);
  if (!open) return false;
  if (silent) return true;
  const nests = language(open.info).language === "markdown";
  let end = nests ? closing(state, startLine, Math.min(endLine, startLine + LINES), open, true) : null;
  if (!end || (!end.closed && !state.env.writing)) end = closing(state, startLine, endLine, open, false);
  const token = state.push("fence", "code", 0);
  token.info = open.info;
  token.content = state.getLines(startLine + 1, end.line, indent(state, startLine, end.line), true);
  token.markup = open.signs;
  token.map = [startLine, end.line + Number(end.closed)];
  state.line = end.line + Number(end.closed);
  return true;
}

/** How much of what stands before each line is no code: as much as before the fence, or what all lines share where that is less. */
function indent(state, startLine, end) {
  let least = state.sCount[startLine];
  for (let line = startLine + 1; line < end; line += 1) {
    if (!state.isEmpty(line) && state.sCount[line] < state.blkIndent) least = Math.min(least, state.sCount[line]);
  }
  return least;
}

/** The fence that a line is: `{sign, signs, info}`; null for any other line. */
function at(state, line) {
  if (state.sCount[line] - state.blkIndent >= 4) return null;
  const found = FENCE.exec(text(state, line));
  if (!found || (found[1][0] === "`" && found[2].includes("`"))) return null;
  return { sign: found[1][0], signs: found[1], info: found[2] };
}

const text = (state, line) => state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]);

/** The line where a fence ends, and whether a closing fence ends it. */
function closing(state, startLine, endLine, open, nests) {
  let within = 0;
  let strays = null; // whether lines further left than the item belong to the code
  let line = startLine + 1;
  for (; line < endLine; line += 1) {
    if (!state.isEmpty(line) && state.sCount[line] < state.blkIndent) {
      strays ??= goesOn(state, line, endLine, open);
      if (!strays) break;
    }
    const found = at(state, line);
    if (!found || found.sign !== open.sign || found.signs.length < open.signs.length) continue;
    if (!found.info.trim() && within === 0) return { line, closed: true };
    if (nests) within += found.info.trim() ? 1 : -1;
  }
  return { line, closed: false };
}

/** Whether code, which a line further left seems to end, goes on to a closing fence without another item before. */
function goesOn(state, from, endLine, open) {
  const marker = state.tokens.findLast((token) => token.type === "list_item_open" && token.level < state.level)?.markup;
  for (let line = from; line < endLine; line += 1) {
    const found = at(state, line);
    if (found?.sign === open.sign && found.signs.length >= open.signs.length) return !found.info.trim();
    const item = state.sCount[line] < state.blkIndent && ITEM.exec(text(state, line));
    if (item && (item[1] || item[2]) === marker) return false;
  }
  return false;
}
