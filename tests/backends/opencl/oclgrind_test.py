#!/usr/bin/env python3
"""Runs small cases of every kernel in Oclgrind, a simulator that sees accesses outside of buffers and work-items that
race for the same place.

Usage: oclgrind_test.py OPENCL_TEST. Exits with 77 where Oclgrind is not installed.
"""

import glob
import os
import pathlib
import subprocess
import sys
import tempfile

SKIP = 77
PATHS = ["path=group no-subgroup no-tuning", "path=wide no-builtin no-tuning"]
DRIVERS = ["/usr/lib/oclgrind/liboclgrind-rt-icd.so", "/usr/lib/*/oclgrind/liboclgrind-rt-icd.so",
           "/usr/local/lib/liboclgrind-rt-icd.so"]


def main():
    test = sys.argv[1]
    drivers = [found for pattern in DRIVERS for found in glob.glob(pattern)]
    if not drivers:
        print("skipped: Oclgrind is not installed (package oclgrind)")
        return SKIP
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        vendors = pathlib.Path(folder) / "vendors"
        vendors.mkdir()
        (vendors / "oclgrind.icd").write_text(drivers[0] + "\n")
        running = []
        for i, path in enumerate(PATHS):
            log = pathlib.Path(folder) / f"log-{i}"
            environment = dict(os.environ, OCL_ICD_VENDORS=f"{vendors}/", OCLGRIND_DATA_RACES="1", OCLGRIND_CHECK_API="1",
                               OCLGRIND_LOG=str(log), INFEROMETER_CACHE=f"{folder}/cache-{i}", INFEROMETER_OPENCL=path)
            running.append((path, log, subprocess.Popen([test, "--gtest_filter=OpenClSimulated.*"], env=environment,
                                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)))
        for path, log, process in running:
            output = process.communicate()[0]
            if process.returncode != 0 or "SKIPPED" in output or "1 test" not in output:
                failures.append(f"{path}: exit {process.returncode}\n{output[-3000:]}")
            # The simulator says nothing of kernels that do nothing wrong.
            said = log.read_text() if log.exists() else ""
            if said.strip():
                failures.append(f"{path}: Oclgrind says\n{said[:3000]}")
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
