/* Formulas: KaTeX makes MathML of them, which the browser sets. What it cannot make stays as it was written. */

import { finished } from "/static/battle/markdown/mathml.js";
import { formula } from "/static/battle/markdown/purifier.js";

const LONGEST = 4_000; // characters of one formula
const MOST = 500; // formulas of one block
const KEPT = 1_000; // formulas kept set, for the next time the answer is drawn

const SPELLINGS = [
  [/^\$\$([^]+)\$\$([.,;:]?)$/, true],
  [/^\\\[([^]+)\\\]([.,;:]?)$/, true],
  [/^\\\(([^]+)\\\)$/, false],
  [/^\$([^]+)\$$/, false],
  [/^(\\begin\{[^]+\\end\{[a-zA-Z]+\*?\})([.,;:]?)$/, true],
];

/** Environments that KaTeX does not know, as ones that it does. */
const KNOWN = [
  [/\\(begin|end)\{multline\*?\}/g, "\\$1{gathered}"],
  [/\\(begin|end)\{flalign\*?\}/g, "\\$1{aligned}"],
  [/\\begin\{eqnarray\*?\}/g, "\\begin{array}{rcl}"],
  [/\\end\{eqnarray\*?\}/g, "\\end{array}"],
  [/\\label\{[^{}]*\}/g, ""], // nothing on the page refers to it
];

const OPTIONS = {
  output: "mathml",
  throwOnError: true,
  strict: "ignore",
  maxSize: 20,
  maxExpand: 500,
  // addresses, images and classes: KaTeX would show such a command in red and drop what it is about
  trust: () => { throw new Error("not trusted"); },
};

let katex = null;
let loading = null;
const made = new Map();

/** Set every formula in an element. Returns a promise where KaTeX is still to come: set them again then. */
export function set(element) {
  const found = element.matches(".maths") ? [element] : [...element.querySelectorAll(".maths")];
  if (!found.length) return null;
  if (!katex) return load();
  for (const place of found.slice(0, MOST)) {
    const maths = made.get(place.textContent) || keep(place.textContent, make(place.textContent));
    if (!maths) continue;
    place.replaceChildren(maths.cloneNode(true));
  }
  return null;
}

function load() {
  loading ??= import("/static/vendor/katex/katex.min.js").then(
    () => { katex = self.katex; },
    (error) => { loading = null; throw error; },
  );
  return loading;
}

function keep(source, maths) {
  if (made.size >= KEPT) made.delete(made.keys().next().value);
  made.set(source, maths);
  return maths;
}

/** The `math` element of a formula with its delimiters; false where there is none. */
function make(source) {
  if (source.length > LONGEST) return false;
  for (const [spelling, displayMode] of SPELLINGS) {
    const inside = spelling.exec(source);
    if (!inside) continue;
    const tex = KNOWN.reduce((text, [unknown, known]) => text.replace(unknown, known), inside[1].trim() + (inside[2] || ""));
    try {
      const maths = formula(katex.renderToString(tex, { ...OPTIONS, displayMode })).querySelector("math");
      return maths ? finished(maths) : false;
    } catch {
      return false; // not LaTeX, or more than the limits allow
    }
  }
  return false;
}
