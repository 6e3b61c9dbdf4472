/* Which way a text runs. The browser finds it for what holds text itself (`dir="auto"`); what holds other blocks (lists,
   quotes, tables) follows its first letter, which `dir="auto"` does not see below another `dir`. Code and formulas run
   from left to right in any language. */

const LEAVES = { paragraph_open: true, heading_open: true, th_open: true, td_open: true };
const CONTAINERS = { bullet_list_open: true, ordered_list_open: true, list_item_open: true, blockquote_open: true, table_open: true };
const LETTER = /\p{L}/u;
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}]/u;

/** An extension of markdown-it. */
export function directions(parser) {
  parser.core.ruler.push("directions", (state) => {
    const open = [];
    state.tokens.forEach((token, index) => {
      if (CONTAINERS[token.type]) open.push(token);
      else if (LEAVES[token.type]) leaf(token, state.tokens[index + 1], open.at(-1));
      else if (token.type === "inline") {
        const first = way(token);
        for (const container of open) if (first && container.attrGet("dir") === null) container.attrSet("dir", first);
      }
      if (token.nesting === -1 && CONTAINERS[token.type.replace("_close", "_open")]) open.pop();
    });
  });
}

function leaf(token, inline, container) {
  if (!token.hidden) {
    if (token.tag.startsWith("t") && !way(inline)) return; // a cell of figures stands as its table does
    token.attrSet("dir", "auto");
  } else if (container?.type === "list_item_open" && container.attrGet("dir") === null && way(inline)) {
    container.attrSet("dir", "auto"); // the text of a tight list is the item's own
  }
}

/** "rtl" or "ltr", as the first letter of an inline token says; null without a letter. */
function way(inline) {
  for (const child of inline.children || []) {
    const letter = child.type === "text" || child.type === "image" ? LETTER.exec(child.content) : null;
    if (letter) return RIGHT_TO_LEFT.test(letter[0]) ? "rtl" : "ltr";
  }
  return null;
}

/** The `dir` attribute of a token, as HTML. */
export const direction = (token) => (token.attrGet("dir") ? ` dir="${token.attrGet("dir")}"` : "");
