"""Model servers that `arena models up` starts, watches and ends: each a `vllm serve` in a session of its own."""
