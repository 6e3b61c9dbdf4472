"""Tests against a real vLLM server; `make test-vllm` starts one and names it in ARENA_VLLM_URL."""
