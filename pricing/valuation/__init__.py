"""Value measurement (价值测度): what supplied data contributes to a buyer's stated task. Pure."""
