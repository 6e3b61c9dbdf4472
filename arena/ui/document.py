"""The HTML document of each page, as it leaves the house.

Gradio writes the document and its template names Gradio: in previews of links, which chats show, and in addresses
elsewhere. Here that is replaced by the page's own title and words; stylesheets and scripts are named in the head, so
that a browser fetches them beside Gradio's and not after; and there is a sentence for browsers without JavaScript.
"""

import functools
import html
import json
import re
from http import HTTPStatus

from arena.ui import assets, catalogue_markup, catalogues, frame, language
from arena.ui.bar import NAME
from arena.ui.language import mark, say

PREVIEWS = {
    "/": mark("Ask anything. Two models answer without their names, and you say which answer is better."),
    "/leaderboard": mark("Which models people prefer when they read two answers without knowing who wrote them."),
    "/data": mark("Preference data from blind battles between models, as files that trainers load."),
    "/me": mark("Your votes, their receipts, and the releases that used them."),
}
"""What a preview of a link to a page says of it."""
ENTRIES = {"/": ("battle.js",), "/leaderboard": ("board.js",), "/data": ("data.js",), "/me": ("me.js",)}
"""The script of each page, beside that of the top bar."""

WITHOUT_SCRIPTS = mark(
    "This page needs JavaScript, which is switched off in this browser. Switch it on for this site and load the page "
    "again. Programs use the HTTP API, described at /api/openapi.json."
)
FOREIGN = re.compile(r'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*>')
PART = re.compile(r'(?:(?<="html_template":)"|(?<="value":)"(?=\\u003cdiv id=\\"main\\"))(?:[^"\\]|\\.)*"')
"""The markup of a part, or of a page until its own comes, in what Gradio tells its scripts."""
MANIFEST = re.compile(r'\s*<link rel="manifest"[^>]*>')
"""Gradio's description of itself as an app to install, at an address that is closed here."""
THEME = (
    "<script>{const kept=localStorage.getItem('arena.theme');document.documentElement.classList.toggle('dark',"
    "kept?kept==='dark':matchMedia('(prefers-color-scheme: dark)').matches)}</script>"
)
"""The theme, before anything is painted."""
AT_REST = (
    "<script>{const frame=requestAnimationFrame,known=new WeakMap,kind=work=>{if(!known.has(work)){"
    "const said=String(work);known.set(work,/performance\\.now\\(\\).*\\/1e3/.test(said)?'count':"
    "/\\.tasks\\.forEach\\(/.test(said)?'move':'')}return known.get(work)};"
    "window.requestAnimationFrame=work=>kind(work)==='count'?0:"
    "kind(work)==='move'&&!document.querySelector('.toast-wrap>*')?setTimeout(()=>frame(work),100):frame(work)}</script>"
)
"""Gradio's first spinner counts its seconds at every frame for as long as a page is open, and moves for seconds after
it has gone: a fifteenth of a core. Nobody sees it, so it does not count. Svelte moves everything from one function, so
all that Gradio moves goes on ten times a second, and at every frame while a message is shown."""
PLAIN_STYLE = "font:17px/1.6 sans-serif;max-width:60ch;margin:15vh auto;padding:0 16px"


def edited(document: str, path: str, origin: str) -> str:
    """Gradio's document of the page at `path`, with a head of ours; `origin` is where a person reaches the arena."""
    document = MANIFEST.sub("", FOREIGN.sub("", document)).replace('lang="en"', language.attributes(), 1)
    if language.current() != language.ENGLISH:
        document = PART.sub(lambda part: _translated(part[0], language.current()), document)
    document = document.replace("<base ", head(path, origin) + "<base ", 1)
    return re.sub(r"<body[^>]*>", lambda body: body[0] + _without_scripts(), document, count=1)


def words(name: str) -> str:
    """The elements that bring the scripts of a page their words; none in English, which is in the scripts."""
    code = language.current()
    if code == language.ENGLISH:
        return ""
    chosen = [catalogues.script(code, part) for part in sorted({"", catalogues.part_of(name)})]
    return "".join(f'<script src="{script.address}"></script>' for script in chosen)


def head(path: str, origin: str) -> str:
    """What a page's document says of itself, and the files a browser may fetch while it reads on."""
    name = next(name for name, address in frame.PAGES if address == path)
    title = f"{say(name)} · {NAME}"
    preview = say(PREVIEWS[path])
    told = {
        "og:type": "website",
        "og:site_name": NAME,
        "og:title": title,
        "og:description": preview,
        "og:url": origin + path,
        "og:image": origin + assets.address("preview.png"),
    }
    lines = [
        f"<title>{html.escape(title)}</title>",
        f'<meta name="description" content="{html.escape(preview)}">',
        *(f'<meta property="{key}" content="{html.escape(value)}">' for key, value in told.items()),
        '<meta name="twitter:card" content="summary">',
        '<meta http-equiv="x-dns-prefetch-control" content="off">',
        AT_REST,
        words(path.strip("/")),
        f'<link rel="preload" as="style" href="{assets.address(assets.STYLES)}">',
        *(f'<link rel="modulepreload" href="{address}">' for address in assets.modules("frame.js", *ENTRIES[path])),
    ]
    return "\n".join(lines) + "\n"


def refusal(status: int, sentence: str) -> str:
    """A whole page for an address that is none, or a refusal that a person meets before there is a page."""
    missing = status == HTTPStatus.NOT_FOUND
    title = say("There is no such page.") if missing else say("The arena did not open this page.")
    links = "".join(f'<li><a href="{address}">{html.escape(say(name))}</a></li>' for name, address in frame.PAGES)
    return (
        f'<!doctype html><html {language.attributes()}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{HTTPStatus(status).phrase} · {NAME}</title><link rel="icon" href="{assets.address("favicon.png")}">'
        f'<link rel="stylesheet" href="{assets.address(assets.STYLES)}"></head><body class="plain pa"><main '
        f'class="pa-wrap refusal"><span class="g" aria-hidden="true"></span><h1>{title}</h1>'
        f'<p dir="auto">{html.escape(sentence)}</p><nav aria-label="{say("Pages")}"><ul>{links}</ul></nav></main>'
        f"{THEME}</body></html>"
    )


@functools.lru_cache(128)
def _translated(part: str, code: str) -> str:
    """A string of JSON in a script of a document, with the markup it holds in a language."""
    with language.speaking(code):
        markup = catalogue_markup.translated(json.loads(part))
    written = json.dumps(markup, ensure_ascii=False)
    for sign in "<>&'":  # as Gradio writes it: nothing in it ends the script
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return written


def _without_scripts() -> str:
    sentence = html.escape(say(WITHOUT_SCRIPTS))
    return f'<noscript><p style="{PLAIN_STYLE}">{sentence}</p></noscript>'
