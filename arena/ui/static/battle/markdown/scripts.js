/* Scripts that put no blanks between words. A sign next to one of their letters or marks stands as if a blank were there. */

const LETTERS = ["Han", "Hiragana", "Katakana", "Hangul", "Bopomofo", "Thai", "Lao", "Khmer", "Myanmar", "Tibetan"]
  .map((script) => `\\p{Script=${script}}`).join("");

/** One such letter. */
export const UNSPACED_LETTER = new RegExp(`[${LETTERS}]`, "u");

/** One such letter or mark. */
export const UNSPACED = new RegExp(`[${LETTERS}\\u3000-\\u303f\\uff00-\\uffef]`, "u");

const BLANK = /\s/;
const MARK = /[\p{P}\p{S}]/u;
const COMMA = /[，、；]/;
const BEGINS_NOTHING = /[\p{Pe}、。，；：！？]/u;
const OF_A_NAME = /[!#%&+,\-./:;=<>?@^|]/; // after one star: `*.jpg`, `*-5`

/** An extension of markdown-it: `**注意：**请` and `**테스트(test)**는` are bold. CommonMark wants a blank or a mark behind them. */
export function scripts(parser) {
  parser.inline.State = class extends parser.inline.State {
    scanDelims(start, withinWords) {
      const found = super.scanDelims(start, withinWords);
      const before = characterBefore(this.src, start);
      const after = characterAt(this.src, start + found.length);
      if (!withinWords || !(UNSPACED.test(before) || UNSPACED.test(after))) return found;
      return {
        ...found,
        can_open: flanks(before, after) && opens(after, found.length),
        can_close: flanks(after, before) && (!COMMA.test(before) || closes(this.src, start, found.length, after)),
      };
    }
  };
}

/** Whether emphasis may begin with what follows a run: `*.jpg` is a name. */
function opens(after, length) {
  return !BEGINS_NOTHING.test(after) && !(length === 1 && OF_A_NAME.test(after));
}

/** Whether a run straight after a comma ends emphasis, as in `**首先，**我们`. It begins a word in `*必填，*选填` and `**args，**opts`. */
function closes(src, start, length, after) {
  if (BLANK.test(after)) return true;
  if (length !== 2) return false;
  const before = src.lastIndexOf(src[start].repeat(2), start - 2);
  return before >= 0 && UNSPACED.test(characterAt(src, before + 2));
}

/** Whether a run of signs with `outside` on one side belongs to what stands `inside`, on the other. */
function flanks(outside, inside) {
  if (BLANK.test(inside)) return false;
  return UNSPACED.test(inside) || !MARK.test(inside) || BLANK.test(outside) || MARK.test(outside) || UNSPACED.test(outside);
}

const characterAt = (text, at) => (at < text.length ? String.fromCodePoint(text.codePointAt(at)) : " ");

function characterBefore(text, at) {
  if (at === 0) return " ";
  const low = /[\udc00-\udfff]/.test(text[at - 1]) && at > 1;
  return low ? text.slice(at - 2, at) : text[at - 1];
}
