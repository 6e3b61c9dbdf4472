"""Requests as the OpenAPI document allows them, and others, sent to an arena, whose answers are held against it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

ON_THE_MACHINE = ("/backups", "/imports", "/workspace/exports", "/workspaces/imports")
"""How paths end of routes that read or write files where the request says: they are tested with files made for it."""
LASTING = ("/stream", "/events")
"""How paths end of answers that go on; they are tested elsewhere."""
BUSY = 503
LONGEST_ADDRESS = 65_535
"""More characters are no HTTP to the server, which answers such a request before the arena is asked."""
REFUSED = {400: "malformed", 405: "method_not_allowed", 413: "too_large", 415: "", 422: "out_of_range"}
"""Status and `code` of a refusal that only a request outside the document deserves. Another `code` says what is not
here, or that keys which are each in range do not go together: no document knows that."""


@dataclass(kw_only=True)
class Found:
    """What was sent, and what was wrong with the answers, by operation and kind."""

    sent: Counter[str] = field(default_factory=Counter)
    """By role."""
    accepted: Counter[str] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)

    def note(self, operation: str, kind: str, detail: str) -> None:
        self.faults.setdefault(f"{operation}: {kind}", detail[:400])


def fuzz(
    document: dict[str, Any],
    url: str,
    tokens: Callable[[], Mapping[str, str]],
    ids: Mapping[str, str],
    examples: int,
    only: str = "",
) -> Found:
    """Send so many requests to each operation, and half as many that the document forbids; each as every role, by
    `tokens` that are new for each operation: some end who asks them."""
    found = Found()
    schema = schemathesis.openapi.from_dict(document)
    with requests.Session() as session:
        for result in schema.get_all_operations():
            operation = result.ok()
            if operation.path.endswith((*LASTING, *ON_THE_MACHINE)) or only not in operation.label:
                continue
            held = {name: ids[name] for name in _names(operation.path) if name in ids}
            held_by = tokens()
            _round(found, session, url, operation, held_by, GenerationMode.POSITIVE, held, examples)
            if forbidden := examples // 2:
                _round(found, session, url, operation, held_by, GenerationMode.NEGATIVE, {}, forbidden)
    return found


def _names(path: str) -> Iterator[str]:
    return (part.partition("}")[0] for part in path.split("{")[1:])


def _round(
    found: Found,
    session: requests.Session,
    url: str,
    operation: Any,
    tokens: Mapping[str, str],
    mode: GenerationMode,
    known: Mapping[str, str],
    count: int,
) -> None:
    @hypothesis.settings(
        max_examples=count,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode, path_parameters=dict(known) or None))
    def send(case: Any) -> None:
        positive = mode is GenerationMode.POSITIVE
        for role, token in tokens.items():
            headers = {"Authorization": f"Bearer {token}"}
            response = case.call(base_url=url, session=session, headers=headers, timeout=30)
            if len(response.request.url) > LONGEST_ADDRESS:
                continue
            found.sent[role] += 1
            if positive and response.status_code < 300:
                found.accepted[role] += 1
            judge(found, operation.label, case, response, positive=positive)

    try:
        send()
    except hypothesis.errors.Unsatisfiable:
        if mode is GenerationMode.POSITIVE:
            raise  # nothing can be forbidden where anything goes


def judge(found: Found, label: str, case: Any, response: Any, *, positive: bool) -> None:
    """Note what is wrong with an answer."""
    asked = f"{case.method} {case.formatted_path} {case.query} {case.headers} {str(case.body)[:200]}"
    sent = f"{asked} -> {response.content[:200]!r}"
    status = response.status_code
    if status >= 500 and status != BUSY:
        found.note(label, f"server error {status}", sent)
    try:
        checks = [status_code_conformance, content_type_conformance, response_schema_conformance]
        case.validate_response(response, checks=checks)
    except (Failure, FailureGroup) as failures:
        for one in getattr(failures, "exceptions", [failures]):
            found.note(label, f"{type(one).__name__} {status}", f"{one.message[:150]} | {sent}")
    if positive and status in REFUSED and _code(response) == REFUSED[status]:
        found.note(label, f"allowed and refused {status}", sent)


def _code(response: Any) -> str:
    try:
        return str(response.json()["code"])
    except (ValueError, KeyError):
        return ""
