"""A form without fields: a button that asks for nothing but to be pressed."""

from django import forms


class PlainForm(forms.Form):
    """Nothing to fill in."""
