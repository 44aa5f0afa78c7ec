"""The tools that an original meets while it is proved: a bundled `nats` and `jq`, and answers for all others."""
