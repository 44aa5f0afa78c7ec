"""What people see: output formats."""
