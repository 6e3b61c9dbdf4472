/* Tables as models write them. Markdown cuts a row at each `|`, also within code and formulas, and drops the cells that
   are too many; here a row that would have too many is cut outside of them, and its last cell takes the rest. A line
   without a `|` ends a table with outer ones. In a cell, which has no other way to break a line, `<br>` is a break. */

const DELIMITERS = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*(?:\|[ \t]*)?$/;
const SEPARATOR = /(?<!\\)\|/g;
const WHOLE = /(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)|\\\(.*?\\\)|\\\[.*?\\\]|\$\$.*?\$\$|\$(?![\s$])(?:[^$\\]|\\.)*(?<!\s)\$(?!\d)/g;
const HELD = "\ufdd0"; // stands for a `|` that separates nothing; no text has this code point, by Unicode's word
const LONGEST = 4_000; // characters of a row in which code and formulas are looked for
const BREAK = /(?:(?<![ \t])[ \t]+)?<br[ \t]*\/?>[ \t]*/i;

/** An extension of markdown-it, the first to be used. */
export function tables(parser) {
  const [table] = parser.block.ruler.getRules("");
  parser.block.ruler.at("table", (state, startLine, endLine, silent) => {
    const delimiters = startLine + 1 < endLine ? line(state, startLine + 1) : "";
    if (!DELIMITERS.test(delimiters)) return false;
    const columns = delimiters.match(/-+/g).length;
    const header = whole(line(state, startLine), columns);
    if (!header.includes("|") || between(header).length !== columns - 1) return false;
    const { src, blkIndent } = state;
    if (silent) state.blkIndent = Math.min(blkIndent, state.sCount[startLine]); // straight after a list item
    const from = state.tokens.length;
    const { end, moved } = held(state, startLine, silent ? startLine + 2 : endLine, columns);
    const found = table(state, startLine, end, silent);
    Object.assign(state, { src, blkIndent });
    move(state, startLine, end, moved);
    for (const token of state.tokens.slice(from)) token.content = token.content.replaceAll(HELD, "|");
    return found;
  }, { alt: ["paragraph", "reference"] });
  parser.core.ruler.push("cells", (state) => {
    state.tokens.forEach((token, index) => {
      if (token.type !== "td_open" && token.type !== "th_open") return;
      const inline = state.tokens[index + 1];
      inline.children = inline.children.flatMap((child) => broken(child, state.Token));
    });
  });
}

const line = (state, number) => state.src.slice(state.bMarks[number] + state.tShift[number], state.eMarks[number]);

/** Mark what separates no cells, in a source of the table's lines alone. Returns the line before which the table ends at the
    latest, and by how much its lines have moved. */
function held(state, startLine, endLine, columns) {
  const outer = columns > 1 && line(state, startLine).startsWith("|");
  const pieces = [];
  const moved = state.bMarks[startLine];
  let taken = moved;
  let end = startLine;
  for (; end < endLine && !state.isEmpty(end); end += 1) {
    const row = line(state, end);
    if (outer && !row.includes("|")) break;
    if (end === startLine + 1) continue;
    const kept = end === startLine ? whole(row, columns) : fitted(row, columns);
    if (kept === row) continue;
    const begin = state.bMarks[end] + state.tShift[end];
    pieces.push(state.src.slice(taken, begin), kept);
    taken = begin + row.length;
  }
  if (!pieces.length) return { end, moved: 0 };
  state.src = pieces.join("") + state.src.slice(taken, state.eMarks[end - 1]);
  move(state, startLine, end, -moved);
  return { end, moved };
}

function move(state, startLine, endLine, by) {
  for (let number = startLine; number < endLine; number += 1) {
    state.bMarks[number] += by;
    state.eMarks[number] += by;
  }
}

/** A row of as many cells as there are columns, where it would have more; of the same length. */
function fitted(row, columns) {
  const kept = whole(row, columns);
  const many = between(kept).slice(columns - 1);
  if (!many.length || !kept.slice(many[0]).replaceAll("|", "").trim()) return kept;
  const [first, last] = [many[0], many.at(-1) + 1];
  return kept.slice(0, first) + kept.slice(first, last).replace(SEPARATOR, HELD) + kept.slice(last);
}

/** A row with its code and formulas whole, where it would have more cells than columns and then does not have fewer. */
function whole(row, columns) {
  if (between(row).length < columns || row.length > LONGEST) return row;
  const kept = row.replace(WHOLE, (piece) => piece.replace(SEPARATOR, HELD));
  return between(kept).length < columns - 1 ? row : kept;
}

/** Where the signs between the cells of a row stand. */
function between(row) {
  const found = [...row.matchAll(SEPARATOR)].map((match) => match.index);
  if (found.length && !row.slice(0, found[0]).trim()) found.shift();
  if (found.length && !row.slice(found.at(-1) + 1).trim()) found.pop();
  return found;
}

/** A piece of a cell, its breaks apart. */
function broken(child, Token) {
  if (child.type !== "text" || !BREAK.test(child.content)) return [child];
  return child.content.split(BREAK).flatMap((text, index) => {
    const piece = Object.assign(new Token("text", "", 0), { content: text, level: child.level });
    return index ? [new Token("hardbreak", "br", 0), piece] : [piece];
  });
}
