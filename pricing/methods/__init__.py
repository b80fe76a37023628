"""Appraisal methods: pure formulae over plain values, each with every intermediate figure."""
