"""Pages, room by room."""
