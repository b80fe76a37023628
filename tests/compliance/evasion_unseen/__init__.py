"""Disguises that whoever builds the scanner does not look at; only their figures are told."""
