"""A board in the spelling that is asked for: by `?format=`, or by `Accept` as RFC 9110 reads it."""

import httpx
import pytest

BOARD = "/api/v1/leaderboards/overall"
JSON, CSV, MARKDOWN = "application/json", "text/csv", "text/markdown"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", CSV),
        ("Text/CSV", CSV),
        ("TEXT/MARKDOWN; charset=utf-8", MARKDOWN),
        ("application/json;q=0.1, text/markdown;q=0.9", MARKDOWN),
        ("text/csv;q=0.4, text/markdown;q=0.5", MARKDOWN),
        ("text/csv ; Q=0.4 , text/markdown ; Q=.3", CSV),
        ("text/csv;q=0, */*", JSON),
        ("application/json;q=0, */*;q=0.5", CSV),
        ("text/*, application/json;q=0.2", CSV),
        ("text/*;q=0.8, text/csv;q=0.1", MARKDOWN),
        ("text/csv;q=often, text/markdown;q=0.001", MARKDOWN),
        ("text/html,application/xhtml+xml,*/*;q=0.8", JSON),
        ("image/png", JSON),
        ("", JSON),
        (",;,q=1", JSON),
    ],
)
def test_accept_chooses_by_weight_and_by_the_nearest_range(admin: httpx.Client, accept: str, media: str) -> None:
    answer = admin.get(BOARD, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == media
    assert answer.headers["vary"] == "Accept"


def test_several_accept_lines_are_one_list(admin: httpx.Client) -> None:
    lines = [("Accept", "application/json;q=0.5"), ("Accept", "text/markdown")]
    admin.headers.pop("Accept", None)
    answer = admin.get(BOARD, headers=lines)
    assert answer.headers["content-type"].partition(";")[0] == MARKDOWN


def test_a_format_in_the_address_goes_before_accept(admin: httpx.Client) -> None:
    answer = admin.get(BOARD + "?format=CSV", headers={"Accept": JSON})
    assert answer.headers["content-type"].partition(";")[0] == CSV
    assert answer.headers["content-disposition"] == 'attachment; filename="leaderboard-overall.csv"'
