"""peerlint: find script orchestration in agent instruction files, migrate it into logic, and prove the migration."""

__version__ = "0.1.0"
