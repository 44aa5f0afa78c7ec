"""What is wrong: rules over documents and processes."""
