"""The version of the scanner: what it finds changes with it, so that results name it."""

VERSION = "2.2.0"
