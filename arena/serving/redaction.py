"""Secrets cut out of what a server printed, before anybody is shown it.

Cut are the values of this process's own variables whose names say that they are secret, those that the configuration
names, and whatever has the form of one. The log file itself is what the server wrote, readable by its owner alone.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote

CUT: Final = "[secret]"
SECRET_NAMES: Final = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH", re.IGNORECASE)
SHORTEST: Final = 8
"""Shorter values of variables that only sound secret are words such as `true`."""
FORMS: Final = (
    re.compile(r"\b(?:hf|gh[pousr]|github_pat|glpat|xox[abp])[_-][A-Za-z0-9_-]{12,}"),
    re.compile(r"\bsk-[A-Za-z0-9_-]{8,}"),
    re.compile(r"\bAKIA[A-Z0-9]{12,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"),
    re.compile(r"(?i)(?<=bearer )\S+"),
    re.compile(r"(?<=://)[^\s/@]+(?=@)"),
    re.compile(r"(?i)(?:api[-_]?key|token|secret|password|passwd)[\"']?\s*[:=]\s*\[?[\"']?([^\s\"',\]})]{4,})"),
)


class Redaction:
    """Cuts the secrets of one environment out of lines."""

    def __init__(self, environment: Mapping[str, str], named: Iterable[str] = ()) -> None:
        """`named` are variables that hold secrets, whatever they are called."""
        sure = {value for name in named if len(value := environment.get(name, "")) >= 4}
        likely = {value for name, value in environment.items() if SECRET_NAMES.search(name) and len(value) >= SHORTEST}
        forms = {form for value in sure | likely for form in (value, quote(value), json.dumps(value)[1:-1])}
        self._values = sorted(forms, key=len, reverse=True)

    def __call__(self, line: str) -> str:
        for value in self._values:
            line = line.replace(value, CUT)
        for form in FORMS:
            line = form.sub(_cut, line)
        return line


def _cut(found: re.Match[str]) -> str:
    if not found.re.groups:
        return CUT
    start = found.start(1) - found.start()
    return found[0][:start] + CUT
