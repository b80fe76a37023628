"""Forms of the pages, room by room."""
