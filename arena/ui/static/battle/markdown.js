/* Answers are markdown from strangers: rendered here, sanitized, and unable to fetch anything.

   Three layers, each enough alone: markdown-it with raw HTML off, an allow-list in DOMPurify without any element
   that loads, and the page's Content-Security-Policy. */

import markdownit from "/static/vendor/markdown-it/markdown-it.esm.min.mjs";
import DOMPurify from "/static/vendor/dompurify/purify.es.mjs";

const TAGS = ["p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h4", "h5", "h6",
  "div", "table", "thead", "tbody", "tr", "th", "td"];
const ATTRIBUTES = ["href", "title", "start", "align", "tabindex", "role", "aria-label", "class"];
const LOWERED = { h1: "h4", h2: "h5", h3: "h6", h4: "h6", h5: "h6", h6: "h6" };

const parser = markdownit({ html: false, linkify: true, breaks: false, typographer: false });
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });

const purifier = DOMPurify(window);
purifier.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName !== "A") return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
});

// an image is shown as what it says and where it points, as text
parser.renderer.rules.image = (tokens, index, options, environment, self) => {
  const token = tokens[index];
  const alternative = self.renderInlineAsText(token.children || [], options, environment);
  const words = `[image: ${alternative || "no description"}] ${token.attrGet("src") || ""}`;
  return parser.utils.escapeHtml(words.trim());
};

for (const rule of ["heading_open", "heading_close"]) {
  parser.renderer.rules[rule] = (tokens, index, options, environment, self) => {
    tokens[index].tag = LOWERED[tokens[index].tag];
    return self.renderToken(tokens, index, options);
  };
}

for (const rule of ["th_open", "td_open"]) {
  parser.renderer.rules[rule] = (tokens, index, options, environment, self) => {
    const style = tokens[index].attrGet("style");
    if (style) tokens[index].attrs = [["align", style.replace("text-align:", "")]];
    return self.renderToken(tokens, index, options);
  };
}
parser.renderer.rules.table_open = () => '<div class="scroll" tabindex="0" role="group" aria-label="Table, scrolls sideways"><table>';
parser.renderer.rules.table_close = () => "</table></div>";

for (const rule of ["fence", "code_block"]) {
  parser.renderer.rules[rule] = (tokens, index) =>
    `<pre tabindex="0"><code>${parser.utils.escapeHtml(tokens[index].content)}</code></pre>`;
}

/** Markdown as HTML that is safe to put into the page. */
export function render(text) {
  return purifier.sanitize(parser.render(text), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  });
}

/** Draws a growing text into an element, never more often than the drawing itself allows. */
export class Writer {
  #element;
  #text = "";
  #drawn = null;
  #writing = false;
  #timer = null;
  #pause = 60;

  constructor(element) {
    this.#element = element;
  }

  /** Show this text; while `writing`, with a caret at its end. */
  show(text, writing) {
    if (text === this.#text && writing === this.#writing && this.#drawn !== null) return;
    this.#text = text;
    this.#writing = writing;
    if (!writing) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), this.#pause);
  }

  /** Show something else than an answer. */
  clear(markup = "") {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#text = "";
    this.#drawn = null;
    this.#element.classList.remove("caret");
    this.#element.innerHTML = markup;
  }

  #draw() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const begun = performance.now();
    this.#element.innerHTML = render(this.#text);
    this.#element.classList.remove("caret");
    if (this.#writing) caret(this.#element);
    this.#drawn = this.#text;
    this.#pause = Math.max(60, 6 * (performance.now() - begun)); // long answers redraw less often
  }
}

function caret(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let last = null;
  while (walker.nextNode()) if (walker.currentNode.data.trim()) last = walker.currentNode;
  (last ? last.parentNode : element).classList.add("caret");
}
