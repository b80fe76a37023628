"""One English message has one Chinese text, whichever app's catalogue comes first."""

from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from config.management.commands import translations
from config.management.commands.translations import DOMAIN, contradictions

polib = pytest.importorskip("polib", reason="a tool of developers")
pytestmark = pytest.mark.tools


def write_app(place: Path, name: str, *entries: polib.POEntry, code: str = "") -> Path:
    """Write an app of one module and a compiled catalogue of `entries`."""
    folder = place / name
    (folder / DOMAIN).mkdir(parents=True)
    (folder / "words.py").write_text(code, encoding="utf-8")
    catalog = polib.POFile()
    catalog.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    catalog.extend(entries)
    catalog.save(str(folder / DOMAIN / "django.po"))
    catalog.save_as_mofile(str(folder / DOMAIN / "django.mo"))
    return folder


def entry(text: str, *, message: str = "key", context: str | None = None) -> polib.POEntry:
    return polib.POEntry(msgid=message, msgstr=text, msgctxt=context)


def test_two_texts_of_one_message_are_named_with_their_apps(tmp_path: Path) -> None:
    apps = [
        write_app(tmp_path, "vault", entry("密钥")),
        write_app(tmp_path, "disclosure", entry("算法标识")),
        write_app(tmp_path, "log", entry("密钥")),
    ]
    assert contradictions(apps) == ["'key': 密钥 in vault, log; 算法标识 in disclosure"]


def test_a_context_keeps_senses_apart_and_is_named_where_it_does_not(tmp_path: Path) -> None:
    vault = write_app(tmp_path, "vault", entry("密钥"))
    disclosure = write_app(tmp_path, "disclosure", entry("算法标识", context="algorithm"))
    web = write_app(tmp_path, "web", entry("算法代码", context="algorithm"))
    assert contradictions([vault, disclosure]) == []
    assert contradictions([vault, disclosure, web]) == [
        "'key' (algorithm): 算法标识 in disclosure; 算法代码 in web"
    ]


def test_plurals_are_compared_and_messages_gone_are_not(tmp_path: Path) -> None:
    def days(text: str) -> polib.POEntry:
        return polib.POEntry(msgid="%d day", msgid_plural="%d days", msgstr_plural={0: text})

    gone = polib.POEntry(msgid="key", msgstr="键", obsolete=True)
    one = write_app(tmp_path, "one", days("%d 天"), entry("密钥"))
    two = write_app(tmp_path, "two", days("%d 日"), gone)
    assert contradictions([one, two]) == ["'%d day': %d 天 in one; %d 日 in two"]


@pytest.mark.parametrize("words", [[], ["--check"]])
def test_the_command_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    code = 'from django.utils.translation import gettext as _\n\nKEY = _("key")\n'
    vault = write_app(tmp_path, "vault", entry("密钥"), code=code)
    disclosure = write_app(tmp_path, "disclosure", entry("算法标识"), code=code)
    apps = [SimpleNamespace(path=str(path), label=path.name) for path in (vault, disclosure)]
    monkeypatch.setattr(translations, "own_apps", lambda: apps)
    said = StringIO()
    with pytest.raises(CommandError, match="1 messages are translated differently"):
        call_command("translations", *words, stdout=said)
    assert said.getvalue() == "'key': 密钥 in vault; 算法标识 in disclosure\n"
    monkeypatch.setattr(translations, "own_apps", lambda: apps[:1])
    call_command("translations", *words, stdout=said)
    assert said.getvalue().endswith("Translations are complete in 1 apps.\n")


def test_ours_agree() -> None:
    folders = [Path(app.path) for app in translations.own_apps()]
    assert len(folders) > 20
    assert contradictions(folders) == []
