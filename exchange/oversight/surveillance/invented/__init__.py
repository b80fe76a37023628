"""Invented trading histories: honest members of many habits, and planted cases of every rule."""
