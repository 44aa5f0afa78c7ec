"""That it runs: the reference interpreter and its worlds."""
