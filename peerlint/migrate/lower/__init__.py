"""Lowering: shell of a process to its logic, as a list of passes. docs/lowering.md says how to teach it a construct."""

from peerlint.migrate.lower.process import lower_process
from peerlint.migrate.lower.result import Leftover, RepairUse, StepLowering

__all__ = ["Leftover", "RepairUse", "StepLowering", "lower_process"]
