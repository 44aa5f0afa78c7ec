"""What it means: roles, the IR, the logic language, bash."""
