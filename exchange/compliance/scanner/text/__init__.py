"""Finding persons and what is said of them in free Chinese and English text. Pure.

`find_in_texts` gives, for each text, spans in Python's own character offsets; `Vocabulary` says
them in the words of a labeled file, and `score` compares them with its labels.
"""

from .finder import TextFinder
from .kinds import KINDS, Found, Kind
from .scores import Score, Scores
from .vocabulary import Vocabulary

__all__ = ["KINDS", "Found", "Kind", "Score", "Scores", "TextFinder", "Vocabulary"]
