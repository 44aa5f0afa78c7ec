"""How it is mended: lowering, rewriting, fixing."""
