"""Fuzz every parser of the verifier: `python -m tests.fuzz [--seconds 60] [TARGET …]`.

Guided by coverage where atheris is installed (`pip install atheris`); without it the mutations of
the formats alone are tried. Exit status 1 where a parser was wrong; the input is then kept in
`var/fuzz/`, and a run with `--input FILE TARGET` repeats it.
"""

import argparse
import random
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz.mutating import mutate

KEPT = Path("var/fuzz")
LARGEST = 20_000


def main() -> int:
    """Fuzz the targets one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="all, unless some are named")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--input", type=Path, help="try this file once")
    parser.add_argument("--guided", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.guided:
        return guide(options.targets[0], options.seconds)
    from tests.fuzz.targets import TARGETS, check

    chosen = [each for each in TARGETS if not options.targets or each.name in options.targets]
    if options.input:
        print(check(chosen[0], options.input.read_bytes()))
        return 0
    wrong = []
    for target in chosen:
        run = fuzz_guided if has_atheris() else fuzz_plainly
        if not run(target.name, options.seconds):
            wrong.append(target.name)
    print("wrong:", *wrong) if wrong else print("nothing was wrong")
    return 1 if wrong else 0


def has_atheris() -> bool:
    """Whether the coverage of the parsers can guide."""
    try:
        import atheris
    except ImportError:
        return False
    return True


def fuzz_guided(name: str, seconds: int) -> bool:
    """Fuzz in a process of its own, since the guide never returns."""
    command = [sys.executable, "-m", "tests.fuzz", "--guided", "--seconds", str(seconds), name]
    run = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    last = [line for line in run.stderr.splitlines() if line.startswith(("#", "Done"))][-1:]
    print(f"{name}: {'sound' if not run.returncode else 'WRONG'} {' '.join(last)}", flush=True)
    if run.returncode:
        print(run.stdout[-3000:], run.stderr[-3000:])
    return not run.returncode


def guide(name: str, seconds: int) -> int:
    """Fuzz one target under atheris."""
    import atheris

    with atheris.instrument_imports(include=["verify", "json", "base64"]):
        from tests.fuzz.targets import TARGETS, check
    target = next(each for each in TARGETS if each.name == name)
    corpus = KEPT / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)

    def change(data: bytes, largest: int, seed: int) -> bytes:
        rng = random.Random(seed)
        if rng.random() < 0.5:
            return bytes(atheris.Mutate(data, largest))
        return mutate(rng, data, target.seeds)[:largest]

    arguments = [sys.argv[0], str(corpus), f"-max_total_time={seconds}", f"-max_len={LARGEST}"]
    arguments += [f"-artifact_prefix={KEPT}/{name}-", "-print_final_stats=0", "-timeout=10"]
    arguments += ["-rss_limit_mb=1024"]
    atheris.Setup(arguments, lambda data: check(target, data) and None, custom_mutator=change)
    atheris.Fuzz()
    return 0


def fuzz_plainly(name: str, seconds: int) -> bool:
    """Fuzz without a guide."""
    from tests.fuzz.targets import TARGETS, check

    target = next(each for each in TARGETS if each.name == name)
    rng = random.Random()
    until = time.monotonic() + seconds
    count = 0
    while time.monotonic() < until:
        data = mutate(rng, rng.choice(target.seeds), target.seeds)
        count += 1
        try:
            check(target, data)
        except Exception as error:  # noqa: BLE001  whatever it is, it is what we look for
            KEPT.mkdir(parents=True, exist_ok=True)
            (KEPT / f"{name}-wrong").write_bytes(data)
            print(f"{name}: WRONG {error!r}, kept in {KEPT / f'{name}-wrong'}")
            return False
    print(f"{name}: sound, {count} inputs", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
