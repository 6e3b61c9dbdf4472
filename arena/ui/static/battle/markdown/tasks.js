/* Lists of things to do: `- [ ]` and `- [x]` are boxes, which say whether something is done and cannot be pressed. */

import { say } from "/static/words.js";

const BOX = /^\[([ xX])\](?=\s)/;

/** An extension of markdown-it. */
export function tasks(parser) {
  parser.core.ruler.after("inline", "tasks", (state) => {
    state.tokens.forEach((token, index) => {
      const inline = state.tokens[index + 2];
      if (token.type !== "list_item_open" || inline?.type !== "inline") return;
      const text = inline.children[0];
      const box = text?.type === "text" ? BOX.exec(text.content) : null;
      if (!box) return;
      text.content = text.content.slice(box[0].length);
      const task = new state.Token("task", "input", 0);
      task.meta = { done: box[1] !== " " };
      inline.children.unshift(task);
      token.attrJoin("class", "task");
    });
  });
  parser.renderer.rules.task = (tokens, index) => {
    const { done } = tokens[index].meta;
    return `<input type="checkbox" disabled${done ? " checked" : ""} aria-label="${done ? say("Done") : say("Not done")}">`;
  };
}
