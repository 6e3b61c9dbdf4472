/* Code: its colours, and its button. The highlighter comes with the first code that has a
   language it knows; languages beyond its common ones come one by one. */

import { say } from "/static/words.js";

const LONGEST = 50_000; // characters of code that is still coloured
const KEPT = 200; // pieces kept coloured, for the next time the answer is drawn
const SAID = 2_000; // milliseconds for which the button says what it did

const FURTHER = {
  clojure: () => import("/static/vendor/highlight/languages/clojure.min.js"),
  dart: () => import("/static/vendor/highlight/languages/dart.min.js"),
  dockerfile: () => import("/static/vendor/highlight/languages/dockerfile.min.js"),
  elixir: () => import("/static/vendor/highlight/languages/elixir.min.js"),
  haskell: () => import("/static/vendor/highlight/languages/haskell.min.js"),
  http: () => import("/static/vendor/highlight/languages/http.min.js"),
  julia: () => import("/static/vendor/highlight/languages/julia.min.js"),
  latex: () => import("/static/vendor/highlight/languages/latex.min.js"),
  matlab: () => import("/static/vendor/highlight/languages/matlab.min.js"),
  nginx: () => import("/static/vendor/highlight/languages/nginx.min.js"),
  powershell: () => import("/static/vendor/highlight/languages/powershell.min.js"),
  scala: () => import("/static/vendor/highlight/languages/scala.min.js"),
};

let highlighter = null;
const loading = new Map(); // language -> promise
const made = new Map(); // language and code -> coloured

/** Colour the code in an element. Returns a promise where the highlighter is still to come: colour it again then. */
export function colour(element) {
  const waits = [...element.querySelectorAll("pre > code[class]")].map((code) => {
    const known = code.className.replace("language-", "");
    if (code.textContent.length > LONGEST) return null;
    if (!highlighter?.getLanguage(known)) return load(known);
    const key = `${known} ${code.textContent}`;
    const coloured = made.get(key) || keep(key, colours(highlighter.highlight(code.textContent, { language: known, ignoreIllegals: true }).value));
    code.replaceChildren(coloured.cloneNode(true));
    return null;
  });
  return waits.some(Boolean) ? Promise.all(waits) : null;
}

/** What the highlighter made, built from nothing but spans of its classes and text. */
function colours(markup) {
  const whole = document.createDocumentFragment();
  const open = [whole];
  for (const [piece, classes] of markup.matchAll(/<span class="((?:hljs-[\w-]+|language-[\w-]+|[\w-]+_| )+)">|<\/span>|[^<]+/g)) {
    if (piece === "</span>") {
      if (open.length > 1) open.pop();
    } else if (classes) {
      const span = document.createElement("span");
      span.className = classes;
      open.at(-1).append(span);
      open.push(span);
    } else open.at(-1).append(piece.replace(/&(amp|lt|gt|quot|#x27);/g, (entity) => ENTITIES[entity]));
  }
  return whole;
}

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'" };

function keep(key, coloured) {
  if (made.size >= KEPT) made.delete(made.keys().next().value);
  made.set(key, coloured);
  return coloured;
}

function load(known) {
  if (!loading.has(known)) {
    loading.set(known, fetched(known).catch((error) => {
      loading.delete(known);
      throw error;
    }));
  }
  return loading.get(known);
}

async function fetched(known) {
  const [main, further] = await Promise.all([import("/static/vendor/highlight/highlight.min.js"), FURTHER[known]?.()]);
  highlighter = main.default;
  if (further) highlighter.registerLanguage(known, further.default);
}

/** Put the code that a button belongs to on the clipboard, and say so on the button. */
export async function copy(button) {
  const code = button.closest(".codeb").querySelector("code");
  const words = button.firstChild;
  words.data = (await written(code)) ? say("Copied") : say("Not copied");
  setTimeout(() => { words.data = say("Copy"); }, SAID);
}

async function written(code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    return true;
  } catch { // not offered without https: what is selected can still be copied
    getSelection().selectAllChildren(code);
    return document.execCommand("copy");
  }
}
