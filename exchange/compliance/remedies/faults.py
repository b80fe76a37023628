"""What is wrong with a recipe: a code with its place and parameters, worded by the face."""

from collections.abc import Mapping


class RecipeFault(Exception):
    """A recipe that cannot be carried out; `place` is the path to what is wrong in it."""

    def __init__(self, place: str, what: str, **params: str | int) -> None:
        super().__init__(f"{place}: {what} {params}")
        self.place = place
        self.what = what
        self.params: Mapping[str, str | int] = params
