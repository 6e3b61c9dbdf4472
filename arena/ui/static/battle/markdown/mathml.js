/* What MathML Core leaves to others: letters of another style, where the cells of a table stand, and signs that are to be
   as large as what they belong to. */

/** KaTeX's `math` element as browsers set it. */
export function finished(maths) {
  for (const styled of maths.querySelectorAll("[mathvariant]")) {
    const offsets = STYLES[styled.getAttribute("mathvariant")];
    if (offsets) styled.textContent = [...styled.textContent].map((letter) => restyled(letter, offsets)).join("");
  }
  for (const table of maths.querySelectorAll("mtable")) arrange(table);
  for (const sign of maths.querySelectorAll("mo")) resize(sign);
  for (const label of maths.querySelectorAll('mpadded[width^="+"]')) { // of an arrow: more room, which no browser gives
    label.removeAttribute("width");
    label.removeAttribute("lspace");
    label.setAttribute("class", "label");
  }
  return maths;
}

/** Signs that fonts have in other sizes under another name. Lines over and under a whole are drawn by the page. */
function resize(sign) {
  const [base, around] = [sign.previousElementSibling, sign.parentElement];
  const accent = around.matches("mover, munder") && base && !sign.nextElementSibling;
  const stretches = sign.getAttribute("stretchy") === "true";
  if (accent && stretches && sign.textContent === "‾") {
    const lined = base.hasAttribute("class") ? document.createElementNS(base.namespaceURI, "mrow") : base; // it has a line already
    around.replaceWith(lined);
    if (lined !== base) lined.append(base);
    lined.setAttribute("class", around.matches("mover") ? "over" : "below");
  } else if (accent && stretches && sign.textContent === "^") sign.textContent = "\u0302";
  else if (accent && sign.textContent === "\u20d7") {
    sign.textContent = "→";
    sign.setAttribute("stretchy", "false");
  } else if (sign.getAttribute("fence") === "true" && BARS[sign.textContent]) {
    sign.textContent = BARS[sign.textContent];
    sign.setAttribute("stretchy", "true");
  }
}

const BARS = { "∣": "|", "∥": "‖" };

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
