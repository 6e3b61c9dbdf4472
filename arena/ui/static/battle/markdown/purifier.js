/* What may be on the page of what was rendered: two allow-lists, neither of which knows an element that loads. */

import DOMPurify from "/static/vendor/dompurify/purify.es.mjs";

const PLAIN = ["aria-label", "checked", "class", "dir", "disabled", "align", "role", "start", "tabindex", "title", "type", "value"];
const CLASSES = ["back", "codeb", "copy", "display", "image", "maths", "notes", "ref", "scroll", "task", "tasks", "tbtn", "vh", "wide", "written"];

const OF_ANSWERS = {
  ALLOWED_TAGS: ["p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h4", "h5", "h6", "div",
    "table", "thead", "tbody", "tr", "th", "td", "span", "sup", "section", "input", "button"],
  ALLOWED_ATTR: ["href", ...PLAIN],
  // the rule for addresses is for addresses: without this, `start="3"` is dropped for not being one
  ADD_URI_SAFE_ATTR: PLAIN,
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

const SIZES = ["width", "height", "depth", "lspace", "rspace", "voffset", "minsize", "maxsize", "linethickness", "mathsize"];
const OF_MATHS = ["display", "displaystyle", "scriptlevel", "mathvariant", "stretchy", "fence", "separator", "accent", "accentunder",
  "form", "largeop", "movablelimits", "symmetric", "notation", "columnalign", "columnlines", "columnspacing", "rowlines", ...SIZES];

const OF_FORMULAS = {
  ALLOWED_TAGS: ["math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle", "mpadded", "mphantom",
    "menclose", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts", "mprescripts", "none", "mtable", "mtr", "mtd"],
  ALLOWED_ATTR: OF_MATHS,
  ADD_URI_SAFE_ATTR: OF_MATHS,
  FORBID_CONTENTS: ["annotation", "annotation-xml", "script", "style"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

const purifier = DOMPurify(window);

purifier.addHook("uponSanitizeElement", (node) => {
  if (node.nodeName === "INPUT" && !(node.getAttribute("type") === "checkbox" && node.hasAttribute("disabled"))) node.remove();
  if (node.nodeName === "BUTTON" && node.getAttribute("type") !== "button") node.remove();
});

purifier.addHook("uponSanitizeAttribute", (node, data) => {
  if (data.attrName !== "class") return;
  data.attrValue = data.attrValue.split(/\s+/).filter((name) => CLASSES.includes(name) || /^hljs-[\w-]+$|^language-[\w+#.-]+$/.test(name)).join(" ");
  if (!data.attrValue) data.keepAttr = false;
});

purifier.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName !== "A") return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
});

/** One rendered block as the element it is. */
export const purified = (markup) => purifier.sanitize(markup, OF_ANSWERS).firstElementChild || document.createElement("p");

/** KaTeX's MathML. */
export const formula = (markup) => purifier.sanitize(markup, OF_FORMULAS);
