"""Mails of the demo go to a folder, unless a mail server is set."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail import EmailMessage

from config.demo.mails import PRINTED, how_many, kept_mails


def post() -> None:
    """Send one mail."""
    EmailMessage("Nearer the line", "十万人", "a@example.org", ["b@example.org"]).send()


def test_mails_that_would_be_printed_are_written(
    settings: LazySettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_BACKEND = PRINTED
    folder = tmp_path / "mail"

    with kept_mails(folder):
        post()
        post()

    assert how_many(folder) == 2
    assert capsys.readouterr().out == ""
    assert settings.EMAIL_BACKEND == PRINTED


def test_a_mail_server_that_is_set_stays(settings: LazySettings, tmp_path: Path) -> None:
    with kept_mails(tmp_path / "mail"):
        post()

    assert how_many(tmp_path / "mail") == 0
    assert [sent.subject for sent in mail.outbox] == ["Nearer the line"]
