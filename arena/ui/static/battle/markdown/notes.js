/* Footnotes: `[^1]` in the text, `[^1]: ...` anywhere; the notes stand at the end, also those nothing refers to. */

import { say } from "/static/words.js";

const DEFINITION = /^\[\^([^\]\s]{1,60})\]:[ \t]*(.*)$/;
const REFERENCE = /\[\^([^\]\s]{1,60})\]/y;

/** An extension of markdown-it. */
export function notes(parser) {
  parser.block.ruler.before("reference", "note", definition, { alt: ["paragraph", "reference"] });
  parser.core.ruler.after("block", "notes", gather);
  parser.inline.ruler.before("link", "note", reference);
  const { rules } = parser.renderer;
  rules.note_reference = (tokens, index) => {
    const number = numbered(tokens[index].meta);
    return `<sup><button class="ref" type="button" value="${number}" aria-label="Footnote ${number}">${number}</button></sup>`;
  };
  rules.notes_open = () => '<section class="notes" aria-label="Footnotes"><ol>';
  rules.notes_close = () => "</ol></section>";
  rules.note_open = (tokens, index) => `<li value="${numbered(tokens[index].meta)}" tabindex="-1">`;
  rules.note_close = (tokens, index) => {
    const number = numbered(tokens[index].meta);
    const back = `<button class="back" type="button" value="${number}" aria-label="${say("Back to the text")}">↩</button>`;
    return `${tokens[index].meta.used ? back : ""}</li>`;
  };
}

/** The number of a note: its own where all have one, else the order in which they are referred to. */
function numbered(note) {
  if (note.all.figures) return note.label;
  note.number ??= ++note.all.count;
  return note.number;
}

/** One definition, with the lines that belong to it. */
function definition(state, startLine, endLine, silent) {
  if (state.sCount[startLine] - state.blkIndent >= 4 || state.env.inNote || state.level > 0) return false;
  const text = (line) => state.getLines(line, line + 1, state.blkIndent, false);
  const first = DEFINITION.exec(text(startLine).trimStart());
  if (!first) return false;
  if (silent) return true;
  const content = [first[2]];
  let line = startLine + 1;
  for (; line < endLine; line += 1) {
    const next = text(line);
    if (DEFINITION.test(next.trimStart())) break;
    if (state.isEmpty(line - 1) && line > startLine + 1 && !state.isEmpty(line) && !/^(?: {2}|\t)/.test(next)) break;
    content.push(next.replace(/^(?: {1,4}|\t)/, ""));
  }
  while (content.length && !content.at(-1).trim()) content.pop();
  const all = (state.env.notes ||= { count: 0, figures: true, byLabel: new Map() });
  if (!/^\d{1,4}$/.test(first[1])) all.figures = false;
  const note = { label: first[1], used: false, all, tokens: [] };
  if (!all.byLabel.has(first[1])) all.byLabel.set(first[1], note);
  state.env.inNote = true;
  state.md.block.parse(content.join("\n"), state.md, state.env, note.tokens);
  state.env.inNote = false;
  state.push("note", "", 0).meta = note;
  state.line = line;
  return true;
}

/** Move the notes behind the text. */
function gather(state) {
  const found = state.tokens.filter((token) => token.type === "note").map((token) => token.meta);
  if (!found.length) return;
  const mark = (type, nesting, meta) => Object.assign(new state.Token(type, "", nesting), { meta, block: true });
  const body = state.tokens.filter((token) => token.type !== "note");
  const listed = found.flatMap((note) => [mark("note_open", 1, note), ...note.tokens, mark("note_close", -1, note)]);
  state.tokens = [...body, mark("notes_open", 1), ...listed, mark("notes_close", -1)];
}

function reference(state, silent) {
  REFERENCE.lastIndex = state.pos;
  const found = REFERENCE.exec(state.src);
  const note = found && state.env.notes?.byLabel.get(found[1]);
  if (!note || state.pos + found[0].length > state.posMax) return false;
  if (!silent) {
    note.used = true;
    if (!note.all.figures) numbered(note);
    state.push("note_reference", "", 0).meta = note;
  }
  state.pos += found[0].length;
  return true;
}
