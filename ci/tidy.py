#!/usr/bin/env python3
"""Runs clang-tidy on the project's sources, in parallel, and skips what has not changed.

Usage: tidy.py BUILD_DIR [FILE...]. A file is skipped when it, the project headers that it includes,
its compile command, .clang-tidy and clang-tidy itself are those of an earlier clean run.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Beside ccache's: another checkout of the same sources finds what this one has checked.
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "inferometer" / "tidy"
TIDY = "clang-tidy-22"
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
# emulated_avx512.cc stands on SIMDe, whose types clang 22 defines itself; g++ checks that file.
SOURCES = re.compile(r"^(?!tests/backends/cpu/emulated_avx512)(harness|models|backends|probes|results|tests)/.*\.cc$")


def closure(path, seen):
    """The project's files that `path` includes, itself among them."""
    if path in seen or not path.is_file():
        return seen
    seen.add(path)
    for name in INCLUDE.findall(path.read_text(encoding="utf-8")):
        closure(ROOT / name, seen)
    return seen


def key_of(entry, common):
    digest = hashlib.sha256(common)
    command = entry.get("command", " ".join(entry.get("arguments", [])))
    digest.update(command.replace(str(ROOT), "").encode())
    for path in sorted(closure(pathlib.Path(entry["file"]), set())):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def tidy(entry, build, key):
    """Empty when clean, else what clang-tidy says."""
    done = subprocess.run(
        [TIDY, "-p", build, "--quiet", "--extra-arg=-Wno-unknown-warning-option",
         "--extra-arg=-Wno-ignored-optimization-argument", entry["file"]],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode == 0:
        (CACHE / key).touch()
        return ""
    return done.stdout + done.stderr


def main():
    build = sys.argv[1]
    only = {str((ROOT / name).resolve()) for name in sys.argv[2:]}
    with open(pathlib.Path(build) / "compile_commands.json", encoding="utf-8") as file:
        commands = json.load(file)
    entries = {}
    for entry in commands:
        path = pathlib.Path(entry["file"])
        if not path.is_relative_to(ROOT) or not SOURCES.match(path.relative_to(ROOT).as_posix()):
            continue
        if not only or str(path) in only:
            entries[entry["file"]] = entry

    CACHE.mkdir(parents=True, exist_ok=True)
    common = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    common += (ROOT / ".clang-tidy").read_bytes()
    keys = {file: key_of(entry, common) for file, entry in entries.items()}
    changed = [file for file in sorted(entries) if not (CACHE / keys[file]).exists()]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        jobs = [pool.submit(tidy, entries[file], build, keys[file]) for file in changed]
        for job in jobs:
            if job.result():
                failed += 1
                print(job.result())
    print(f"clang-tidy: {len(entries)} files, {len(changed)} of them changed, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
