"""The decision log: what the platform's own algorithms decided, why, and who overrode it."""
