/* Numbered lists show the numbers that were written: those of a countdown too, or of a list that leaves some out. Where
   all are the same, as with `1.` before each item, they are counted. */

const ROOM = 99; // the largest number that fits without more room

/** An extension of markdown-it. */
export function lists(parser) {
  parser.core.ruler.push("numbers", (state) => {
    const open = [];
    for (const token of state.tokens) {
      if (token.type === "ordered_list_open" || token.type === "bullet_list_open") open.push({ list: token, items: [] });
      else if (token.type === "list_item_open") open.at(-1).items.push(token);
      else if (token.type === "bullet_list_close") open.pop();
      else if (token.type === "ordered_list_close") number(open.pop());
    }
  });
}

function number({ list, items }) {
  const written = items.map((item) => Number(item.info));
  const counted = written.every((one) => one === written[0]);
  let [next] = written;
  let largest = 0;
  items.forEach((item, index) => {
    if (!counted && written[index] !== next) {
      next = written[index];
      item.attrSet("value", String(next));
    }
    largest = Math.max(largest, next);
    next += 1;
  });
  if (largest > ROOM) list.attrJoin("class", "wide");
}
