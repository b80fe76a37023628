"""What the commands have in common: whom to believe, and where the log is."""

import argparse
from pathlib import Path

from verify.errors import VerificationError
from verify.note import parse_vkey
from verify.policy import MAX_POLICY_BYTES, Policy, parse_policy
from verify.source import Folder, Web, open_source

_LONGEST_TOKEN = 4096


class Misuse(Exception):
    """The command was given something that it cannot work with."""


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Take the log's keys, or a policy."""
    trust = parser.add_mutually_exclusive_group(required=True)
    trust.add_argument(
        "--key",
        action="append",
        help="the log's verifier key, name+id+key, or a file with it; again for each other key "
        "that the log signs with",
    )
    trust.add_argument(
        "--policy", type=Path, help="file that names the log's keys, its witnesses and the quorum"
    )


def policy_of(options: argparse.Namespace) -> Policy:
    """Return whom the options believe."""
    try:
        if options.policy:
            with options.policy.open("rb") as file:
                return parse_policy(file.read(MAX_POLICY_BYTES + 1))
        return Policy.of_keys(dict.fromkeys(parse_vkey(_key(text)) for text in options.key))
    except (VerificationError, OSError) as error:
        raise Misuse(f"{'--policy' if options.policy else '--key'}: {error}") from error


def add_access(parser: argparse.ArgumentParser) -> None:
    """Take what a server asks of those who read entries."""
    parser.add_argument(
        "--token-file", type=Path, help="file with the token with which a server gives entries"
    )
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument(
        "--with-entries",
        dest="contents",
        action="store_true",
        default=None,
        help="fail where entries cannot be read, instead of checking the hashes alone",
    )
    extent.add_argument(
        "--hashes-only",
        dest="contents",
        action="store_false",
        help="do not read entries, only the tree of hashes",
    )


def source_of(options: argparse.Namespace, address: str) -> Folder | Web:
    """Return the place of the log."""
    token = ""
    if getattr(options, "token_file", None):
        with options.token_file.open(encoding="utf-8", errors="replace") as file:
            token = file.read(_LONGEST_TOKEN).strip()
    try:
        return open_source(address, token=token)
    except VerificationError as error:
        raise Misuse(str(error)) from error


def _key(text: str) -> str:
    if "+" in text:
        return text
    with Path(text).open(encoding="utf-8", errors="replace") as file:
        return file.read(_LONGEST_TOKEN).strip()
