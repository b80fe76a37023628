"""Hiding identifiers in every way that a provider might try, and clean files that look alike."""
