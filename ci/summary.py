#!/usr/bin/env python3
"""Adds up what ctest and others reported: `summary.py DIR` reads every DIR/<section>.xml (JUnit).

Prints each skipped test with its reason, each failed one, and the line `N passed, N failed, N
skipped` last. `summary.py FILE.xml` prints the counts of one section. Exit status 1 on failures.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree


def reason_of(output):
    """Why a test was skipped: GTEST_SKIP() << "reason", or a line `skipped: reason`."""
    match = re.search(r"(?:^|: )[Ss]kipped(?::[ \t]*|\n+)(?!\[)(\S.*)", output or "", re.M)
    return match.group(1).strip() if match else "no reason given"


def read(path):
    """(passed, [failed], [(skipped, reason)]) of one report."""
    passed, failed, skipped = 0, [], []
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        name, status = case.get("name"), case.get("status")
        if status is None:  # not ctest's: what happened is an element of the case
            failure = case.find("failure") if case.find("failure") is not None else case.find("error")
            skip = case.find("skipped")
            if failure is not None:
                failed.append(f"{case.get('classname')}: {name}")
            elif skip is not None:
                skipped.append((name, skip.get("message") or "no reason given"))
            else:
                passed += 1
        elif status == "run":
            passed += 1
        elif status == "fail":
            failed.append(name)
        else:  # "notrun", "disabled"
            # ctest calls a test that could not be started "notrun" too; that is a failure.
            element = case.find("skipped")
            message = element.get("message") if element is not None else ""
            if status == "notrun" and message not in ("", "SKIP_RETURN_CODE=77", "SKIP_REGULAR_EXPRESSION_MATCHED"):
                failed.append(f"{name} ({message})")
            else:
                skipped.append((name, reason_of(case.findtext("system-out"))))
    return passed, failed, skipped


def counts(passed, failed, skipped):
    return f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped"


def main():
    path = pathlib.Path(sys.argv[1])
    if path.is_file():
        passed, failed, skipped = read(path)
        print(counts(passed, failed, skipped))
        return 1 if failed else 0
    passed, failed, skipped = 0, [], []
    for report in sorted(path.glob("*.xml"), key=lambda file: file.stat().st_mtime):
        p, f, s = read(report)
        passed += p
        failed += f
        for name, reason in s:
            print(f"skipped in {report.stem}: {name}: {reason}")
        for name in f:
            print(f"FAILED in {report.stem}: {name}")
        skipped += s
    print(counts(passed, failed, skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
