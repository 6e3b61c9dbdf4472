"""Browser contexts that go from test to test: files of the arena are read and compiled once, and nothing else stays.

One page stays open in each, so that the next finds the process of this one (`--process-per-site`), which has compiled
the arena's scripts: opening a page takes it three quarters of the CPU.

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
        self._staying: dict[sync_api.BrowserContext, sync_api.Page] = {}

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
            staying = self._staying.get(context) or self._opened(context, origin)
            for page in context.pages:
                if page is not staying:
                    page.goto("about:blank")  # what a page does at its end it has done then
                    page.close()
            asking = context.new_cdp_session(staying)
            asking.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": KEPT})
            asking.detach()
            context.clear_cookies()
            context.clear_permissions()
        except sync_api.Error:  # a page that crashed, or would not go
            del self._made[context]
            self._staying.pop(context, None)
            context.close()
        else:
            self._free.setdefault(self._made[context], []).append(context)

    def _opened(self, context: sync_api.BrowserContext, origin: str) -> sync_api.Page:
        """The page that stays open, from the first arena that answers it."""
        page = context.new_page()
        try:
            page.goto(f"{origin}/healthz")
        except sync_api.Error:  # the arena was killed
            return page
        self._staying[context] = page
        return page
