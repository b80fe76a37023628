"""`manage.py problems`: write docs/problems.md from what the interface itself says."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from exchange.api.problem_types import PROBLEM_TYPES

HEAD = """# Problems the REST interface reports

Every refusal is a document of the media type `application/problem+json` (RFC 9457). Its `type` is
the address of the description below in the interface itself, for example
`/api/v1/problems/wrong-state`, which answers in the caller's language; `code` is the last part of
it and does not change. `title` says the kind, `detail` the case, `instance` the address that was
called and `request_id` the name of the request in the operator's logs. Further members:

- `errors`: for `invalid` and its kin, each field with its message;
- `state` and `allowed_actions`: for `wrong-state`;
- `refusal`: for `access-refused`, the code that stands in the log;
- `fault`: for `unreadable`, what is wrong with the file.

After a refusal nothing is half-done: either the whole request was carried out or nothing of it,
except that refused downloads are themselves recorded.

This page is written by `python3 manage.py problems`.
"""


class Command(BaseCommand):
    """Write the page of problems."""

    help = "Write docs/problems.md from the descriptions of the interface."

    def handle(self, **_options: Any) -> None:
        with translation.override("en"):
            parts = [HEAD, *[self.section(code) for code in PROBLEM_TYPES]]
        target = Path(settings.ROOT) / "docs" / "problems.md"
        target.write_text("\n".join(parts))
        self.stdout.write(f"{len(PROBLEM_TYPES)} problems in {target.relative_to(settings.ROOT)}")

    def section(self, code: str) -> str:
        """Return one problem's part of the page."""
        about = PROBLEM_TYPES[code]
        said = f"Status {about.status}. {about.cause}"
        return f"### {code}\n\n{said}\n\n**What to do:** {about.remedy}\n"
