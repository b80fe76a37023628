"""Composition root: settings, urls, celery, checks, bootstrap. Nothing imports it."""
