"""That two mean the same: original and rewrite side by side."""
