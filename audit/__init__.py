"""What happened. Knows nobody: no foreign key leaves this package."""
