"""The story of one trade, told by the exchange itself on real data."""
