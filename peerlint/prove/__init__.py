"""That two mean the same: an original under bash and its rewrite under the interpreter, side by side."""
