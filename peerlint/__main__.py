"""`python -m peerlint`."""

from peerlint.cli import main

main()
