"""A vLLM server's /metrics page, as two engines of one server print it."""

import pytest

from arena.inference import server_metrics
from arena.inference.server_metrics import ServerMetrics
from arena.inference.wire import Unreadable

PAGE = """\
# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="a \\"quoted\\" {name}"} 2.0
vllm:num_requests_running{engine="1",model_name="a \\"quoted\\" {name}"} 1.0
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="m"} 4.0
# TYPE vllm:num_requests_waiting_by_reason gauge
vllm:num_requests_waiting_by_reason{engine="0",model_name="m",reason="capacity"} 4.0
# TYPE vllm:kv_cache_usage_perc gauge
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.25
vllm:kv_cache_usage_perc{engine="1",model_name="m"} 0.75
# TYPE vllm:generation_tokens_total counter
vllm:generation_tokens_total{engine="0",model_name="m"} 100.0
vllm:generation_tokens_total{engine="1",model_name="m"} 50.0
# TYPE vllm:generation_tokens_created gauge
vllm:generation_tokens_created{engine="0",model_name="m"} 1.79e+09
# TYPE vllm:time_to_first_token_seconds histogram
vllm:time_to_first_token_seconds_bucket{engine="0",le="0.001",model_name="m"} 0.0
vllm:time_to_first_token_seconds_bucket{engine="0",le="+Inf",model_name="m"} 3.0
vllm:time_to_first_token_seconds_count{engine="0",model_name="m"} 3.0
vllm:time_to_first_token_seconds_sum{engine="0",model_name="m"} 1.5
"""


def test_engines_add_up_and_the_fullest_cache_counts() -> None:
    assert server_metrics.read(PAGE) == ServerMetrics(
        running=3, waiting=4, kv_use=0.75, written_tokens=150, first_tokens=3, first_token_seconds=1.5
    )


@pytest.mark.parametrize("page", ["", "<html>no metrics here</html>", "process_open_fds 7.0\n", "broken{ 1\n"])
def test_another_page_says_nothing(page: str) -> None:
    assert server_metrics.read(page) == ServerMetrics()


def test_what_is_not_finite_is_not_said() -> None:
    page = "vllm:kv_cache_usage_perc NaN\nvllm:num_requests_running +Inf\n"
    assert server_metrics.read(page) == ServerMetrics()


@pytest.mark.parametrize("line", ['vllm:num_requests_running{engine="0"} many', "vllm:num_requests_running"])
def test_a_figure_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(Unreadable):
        server_metrics.read(line)


def test_two_readings_make_speeds() -> None:
    before = server_metrics.read(PAGE)
    after = ServerMetrics(written_tokens=350, first_tokens=5, first_token_seconds=2.5)
    speeds = server_metrics.rates(before, after, 10)
    assert (speeds.tokens_per_second, speeds.first_text_seconds) == (20.0, 0.5)


def test_an_idle_server_writes_nothing_and_has_no_time_to_first_text() -> None:
    page = server_metrics.read(PAGE)
    speeds = server_metrics.rates(page, page, 10)
    assert (speeds.tokens_per_second, speeds.first_text_seconds) == (0.0, None)


@pytest.mark.parametrize("before", [ServerMetrics(), ServerMetrics(written_tokens=900, first_tokens=9)])
def test_a_restarted_server_has_no_speed_yet(before: ServerMetrics) -> None:
    after = ServerMetrics(written_tokens=3, first_tokens=1, first_token_seconds=0.2)
    speeds = server_metrics.rates(before, after, 10)
    assert (speeds.tokens_per_second, speeds.first_text_seconds) == (None, None)
