#!/usr/bin/env python3
"""Checks the house rules that no compiler knows: length, first lines, guards, links, words.

Usage: check_tree.py [ROOT]; prints one line per finding, exit status 1 when there are any.
"""

import os
import pathlib
import re
import subprocess
import sys

MAX_LINES = 400
MAX_LINES_OF = {"ARCHITECTURE.md": 150}
TABLES_OF_DATA = set()  # files that are one long table; each is named here

CODE = {".h", ".cc", ".inc", ".cmake", ".py", ".sh", ".mjs", ".ts"}
COMMENT = {".h": "// ", ".cc": "// ", ".inc": "// ", ".mjs": "// ", ".ts": "// ", ".cmake": "# "}
TEXT = CODE | {".md", ".txt", ".json", ".yml", ".yaml", ""}

# Folders of somebody's own machine: what stands below them exists nowhere else.
OWN_PATH = re.compile(r"""(?:^|[\s"'=(`])(/(?:home|root|work|tmp|mnt|Users)/[\w.-]*)""", re.M)
# Notes to oneself, and tracker numbers that mean nothing outside the tracker.
NOTE = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|(?:^|\s)(?![\w.-]+/[\w.-]+ )\S+ ([Ii]ssue #?\d+)\b")
NOTE_ALLOWED = {"ci/check_tree.py", "tests/ci/check_tree_test.py"}

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
GUARD = re.compile(r"^#ifndef (\w+)\n#define (\w+)$", re.M)


def files_of(root):
    """What belongs to the project: tracked files and new ones that git does not ignore."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"],
                            capture_output=True, check=False)
    if listed.returncode == 0:
        return sorted({name for name in listed.stdout.decode().split("\0") if name
                       and (root / name).is_file()})
    found = []  # not a git checkout
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in {"build", ".git", ".cache", "local", "node_modules"}]
        found += [(pathlib.Path(folder) / name).relative_to(root).as_posix() for name in names]
    return sorted(found)


def guard_of(path):
    """harness/base/error.h -> INFEROMETER_HARNESS_BASE_ERROR_H_"""
    return "INFEROMETER_" + re.sub(r"\W", "_", path).upper() + "_"


def anchor_of(heading):
    """The fragment that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def check_links(path, text, root):
    findings = []
    prose = re.sub(r"```.*?```", "", text, flags=re.S)
    for target in LINK.findall(prose):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, fragment = target.partition("#")
        linked = root / path if not name else (root / path).parent / name
        if not linked.exists():
            findings.append(f"{path}: link to {target}, which does not exist")
        elif fragment and linked.suffix == ".md":
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.M)
            if fragment not in {anchor_of(heading) for heading in headings}:
                findings.append(f"{path}: link to {target}, but there is no such heading")
    return findings


def check_code(path, suffix, text):
    findings = []
    first = text.split("\n", 1)[0]
    comment = COMMENT.get(suffix)
    if comment and not first.startswith(comment):
        findings.append(f"{path}:1: the first line says the file's purpose, as a comment")
    if suffix == ".h":
        guard = GUARD.search(text)
        if not guard or not guard.group(1) == guard.group(2) == guard_of(path):
            findings.append(f"{path}: the include guard is {guard_of(path)}")
    return findings


def check_file(path, root):
    suffix = pathlib.PurePosixPath(path).suffix
    try:
        text = (root / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        if suffix in TEXT and not path.startswith("tests/fixtures/") and "/corpus/" not in path:
            return [f"{path}: is not UTF-8"]
        return []
    findings = []
    lines = text.count("\n")
    limit = MAX_LINES_OF.get(path, MAX_LINES if suffix in CODE else None)
    if limit and lines > limit and path not in TABLES_OF_DATA:
        findings.append(f"{path}: {lines} lines, at most {limit}; split it, or name it in TABLES_OF_DATA")
    if suffix in CODE:
        findings += check_code(path, suffix, text)
    if suffix == ".md":
        findings += check_links(path, text, root)
    if suffix in TEXT and not path.startswith("tests/fixtures/"):
        for pattern, what in ((OWN_PATH, "is a path of one machine"), (NOTE, "says nothing to a reader")):
            if path in NOTE_ALLOWED:
                continue
            for match in pattern.finditer(text):
                word = match.lastindex
                line = text.count("\n", 0, match.start(word)) + 1
                findings.append(f"{path}:{line}: '{match.group(word)}' {what}")
    return findings


def check(root):
    root = pathlib.Path(root)
    findings = []
    for path in files_of(root):
        findings += check_file(path, root)
    return findings


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    findings = check(root)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
