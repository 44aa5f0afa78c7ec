"""What is written: text, the lossless document, the project."""
