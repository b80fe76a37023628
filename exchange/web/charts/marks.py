"""Marks on documents: the exchange's seal and a code to the verification page."""

from django.utils.safestring import SafeString
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from .svg import figure, shorten, tag, words

SEAL = 112
QUIET = 2  # modules of white around the code


def seal(*, name: str, number: str, on: str, title: object, desc: object) -> SafeString:
    """Return the seal of an issued document: up to four characters, its number and date.

    A square private seal, on purpose unlike the round seals of state organs.
    """
    signs = name[:4]
    parts = [
        tag("rect", x=2, y=2, width=SEAL - 4, height=SEAL - 4, rx=6, class_="frame"),
        tag("rect", x=7, y=7, width=SEAL - 14, height=SEAL - 14, rx=3, class_="inner"),
    ]
    places = [(36, 48), (76, 48)] if len(signs) <= 2 else [(76, 40), (76, 74), (36, 40), (36, 74)]  # noqa: PLR2004  two or four signs
    parts += [
        words(sign, x=x, y=y + 8, kind="sign", anchor="middle")
        for sign, (x, y) in zip(signs, places, strict=False)
    ]
    if len(signs) <= 2:  # noqa: PLR2004  two signs leave room beneath
        parts += [
            words(shorten(number, SEAL - 20, 9), x=SEAL / 2, y=80, kind="small", anchor="middle"),
            words(on, x=SEAL / 2, y=94, kind="small", anchor="middle"),
        ]
    return figure(*parts, kind="seal", width=SEAL, height=SEAL, title=title, desc=desc)


def qr(address: str, *, title: object, desc: object) -> SafeString:
    """Return `address` as a QR code (ISO/IEC 18004), one path for all dark modules."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(address)
    code.make(fit=True)
    matrix = code.get_matrix()
    size = len(matrix)
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, line in enumerate(matrix) for x, dark in enumerate(line) if dark
    )
    parts = [
        tag("rect", x=0, y=0, width=size, height=size, class_="paper"),
        tag("path", d=path, class_="ink"),
    ]
    return figure(*parts, kind="qr", width=size, height=size, title=title, desc=desc)
