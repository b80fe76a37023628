"""Pricing: what a data product is worth, what it is asked for, and how far apart the two are."""
