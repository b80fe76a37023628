"""Readers of untrusted files. They run in the limited child process only and know no framework."""
