/* Formulas: KaTeX makes MathML of them, which the browser sets. What it cannot make stays as it was written. */

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

/** What MathML Core leaves to others: letters of another style, and where the cells of a table stand. */
function finished(maths) {
  for (const styled of maths.querySelectorAll("[mathvariant]")) {
    const offsets = STYLES[styled.getAttribute("mathvariant")];
    if (offsets) styled.textContent = [...styled.textContent].map((letter) => restyled(letter, offsets)).join("");
  }
  for (const table of maths.querySelectorAll("mtable")) arrange(table);
  return maths;
}

function arrange(table) {
  const [align, lines, gaps, under] = ["columnalign", "columnlines", "columnspacing", "rowlines"].map((name) =>
    (table.getAttribute(name) || "").split(/\s+/).filter(Boolean));
  const nth = (list, index) => list[Math.min(index, list.length - 1)];
  [...table.children].forEach((row, down) => {
    [...row.children].forEach((cell, across) => {
      const names = [
        align.length && `${nth(align, across)}`,
        across < row.children.length - 1 && lines.length && nth(lines, across) !== "none" && "ruled",
        gaps.length && across > 0 && nth(gaps, across - 1) === "0em" && "close",
        gaps.length && across < row.children.length - 1 && nth(gaps, across) === "0em" && "near",
        down < table.children.length - 1 && under.length && nth(under, down) !== "none" && "under",
      ].filter(Boolean);
      if (names.length) cell.setAttribute("class", names.join(" "));
    });
  });
}

/** First code points of A, a and 0 in Unicode's mathematical alphabets, by MathML's name of the style. */
const STYLES = {
  bold: [0x1d400, 0x1d41a, 0x1d7ce],
  "bold-italic": [0x1d468, 0x1d482, null],
  script: [0x1d49c, 0x1d4b6, null],
  "bold-script": [0x1d4d0, 0x1d4ea, null],
  fraktur: [0x1d504, 0x1d51e, null],
  "bold-fraktur": [0x1d56c, 0x1d586, null],
  "double-struck": [0x1d538, 0x1d552, 0x1d7d8],
  "sans-serif": [0x1d5a0, 0x1d5ba, 0x1d7e2],
  "bold-sans-serif": [0x1d5d4, 0x1d5ee, 0x1d7ec],
  "sans-serif-italic": [0x1d608, 0x1d622, null],
  monospace: [0x1d670, 0x1d68a, 0x1d7f6],
};

/** Letters that Unicode had before those alphabets, and put elsewhere. */
const ELSEWHERE = {
  0x1d49d: "ℬ", 0x1d4a0: "ℰ", 0x1d4a1: "ℱ", 0x1d4a3: "ℋ", 0x1d4a4: "ℐ", 0x1d4a7: "ℒ", 0x1d4a8: "ℳ", 0x1d4ad: "ℛ", 0x1d4ba: "ℯ",
  0x1d4bc: "ℊ", 0x1d4c4: "ℴ", 0x1d506: "ℭ", 0x1d50b: "ℌ", 0x1d50c: "ℑ", 0x1d515: "ℜ", 0x1d51d: "ℨ", 0x1d53a: "ℂ", 0x1d53f: "ℍ",
  0x1d545: "ℕ", 0x1d547: "ℙ", 0x1d548: "ℚ", 0x1d549: "ℝ", 0x1d551: "ℤ",
};

function restyled(letter, [upper, lower, digit]) {
  const at = (first, from) => first && first + letter.codePointAt(0) - from.codePointAt(0);
  const point = /[A-Z]/.test(letter) ? at(upper, "A") : /[a-z]/.test(letter) ? at(lower, "a") : /[0-9]/.test(letter) ? at(digit, "0") : null;
  return point ? ELSEWHERE[point] || String.fromCodePoint(point) : letter;
}
