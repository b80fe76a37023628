"""The market: its rooms, and the faces that show them."""
