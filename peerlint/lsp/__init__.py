"""The language server: findings, fixes and rule texts in an editor."""
