/* `[1]: https://...` gives the link `[text][1]` its address and is not shown. One that no link uses is shown as it was
   written: lists of sources look like that, and what was written is to be seen. */

const DEFINITION = /^\[(?!\^)((?:[^[\]\\]|\\.)+)\]:\s*\S/;

/** An extension of markdown-it. */
export function definitions(parser) {
  parser.block.ruler.before("reference", "definition", mark);
  parser.core.ruler.before("inline", "definitions", watch);
  parser.core.ruler.after("inline", "definitions", show);
}

/** Remember a definition, and leave it to markdown-it. */
function mark(state, startLine, endLine, silent) {
  const text = state.getLines(startLine, startLine + 1, state.blkIndent, false).trim();
  const found = silent ? null : DEFINITION.exec(text);
  if (found) state.push("definition", "", 0).meta = { text, label: state.md.utils.normalizeReference(found[1]) };
  return false;
}

/** Notice which definitions links ask for. */
function watch(state) {
  const known = state.env.references || {};
  const used = new Set();
  state.env.used = used;
  state.tokens = state.tokens.filter((token) => token.type !== "definition" || token.meta.label in known);
  state.env.references = new Proxy(known, { get: (target, label) => { used.add(label); return target[label]; } });
}

/** Those nobody asked for become lines of text. */
function show(state) {
  const tokens = [];
  let lines = null;
  for (const token of state.tokens) {
    if (token.type !== "definition") {
      tokens.push(token);
      lines = null;
    } else if (!state.env.used.has(token.meta.label)) {
      if (lines) lines.content += `\n${token.meta.text}`;
      else {
        const paragraph = (type, nesting) => Object.assign(new state.Token(type, "p", nesting), { block: true });
        lines = Object.assign(new state.Token("inline", "", 0), { content: token.meta.text, block: true, level: 1 });
        tokens.push(paragraph("paragraph_open", 1), lines, paragraph("paragraph_close", -1));
      }
    }
  }
  for (const inline of tokens) {
    if (inline.type === "inline" && inline.children === null) {
      inline.children = [];
      state.md.inline.parse(inline.content, state.md, state.env, inline.children);
    }
  }
  state.tokens = tokens;
}
