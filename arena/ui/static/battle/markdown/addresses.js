/* Where an address ends, and what is none: `<std::string>` and `<host:port>` look like addresses in angle brackets. */

const BRACKETED = /<([a-z][a-z0-9+.-]{1,31}):/iy;
const LINKED = /^(?:https?|mailto)$/i;
/** Marks of Chinese and Japanese, with which a sentence goes on behind an address. */
const GOES_ON = /[\u3000-\u3004\u3008-\u301f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff3d\uff5b-\uff65“”…]/;

/** An extension of markdown-it. */
export function addresses(parser) {
  parser.inline.ruler.before("autolink", "bracket", (state, silent) => {
    BRACKETED.lastIndex = state.pos;
    const found = BRACKETED.exec(state.src);
    if (!found || LINKED.test(found[1])) return false;
    if (!silent) state.pending += "<";
    state.pos += 1;
    return true;
  });
  const { linkify } = parser;
  const matchAtStart = linkify.matchAtStart.bind(linkify);
  linkify.matchAtStart = (text) => matchAtStart(text.split(GOES_ON, 1)[0]);
}
