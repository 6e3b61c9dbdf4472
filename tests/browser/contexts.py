"""Browser contexts that go from test to test: files of the arena are read and compiled once, and nothing else stays.

What a page of the arena left is taken away where a browser has it: cookies, permissions, every kind of storage. What a
context was made with (a language, a theme) never changes, so the next that asks for the same gets it.
"""

from playwright import sync_api

KEPT = "local_storage,indexeddb,cache_storage,service_workers,file_systems"
"""Where pages keep things; what a tab keeps for itself goes with it."""


class Contexts:
    """Those of one browser."""

    def __init__(self, browser: sync_api.Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[sync_api.BrowserContext]] = {}
        self._made: dict[sync_api.BrowserContext, str] = {}

    def take(self, **made_with: object) -> sync_api.BrowserContext:
        """One that nobody has and nothing is in, made with these words of `Browser.new_context`."""
        key = repr(sorted(made_with.items()))
        if free := self._free.get(key):
            return free.pop()
        context = self._browser.new_context(**made_with)  # type: ignore[arg-type]
        self._made[context] = key
        return context

    def give_back(self, context: sync_api.BrowserContext, origin: str) -> None:
        """Close its pages, which were all of one origin, and take away what they left."""
        try:
            context.set_offline(False)
            first, *others = context.pages or [context.new_page()]
            for page in others:
                page.close()
            first.goto("about:blank")  # what a page does at its end it has done then
            asking = context.new_cdp_session(first)
            asking.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": KEPT})
            first.close()
            context.clear_cookies()
            context.clear_permissions()
        except sync_api.Error:  # a page that crashed, or would not go
            del self._made[context]
            context.close()
        else:
            self._free.setdefault(self._made[context], []).append(context)
