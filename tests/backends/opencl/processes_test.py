#!/usr/bin/env python3
"""What several processes do to one cache, and what becomes of a device that is gone.

Usage: processes_test.py OPENCL_TEST INFEROMETER. Exits with 77 where there is no OpenCL device.
"""

import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile

SKIP = 77


def main():
    test, program = sys.argv[1:3]
    listed = subprocess.run([program, "list", "devices"], capture_output=True, text=True, check=False)
    devices = [line.split()[0] for line in listed.stdout.splitlines()
               if line.startswith("opencl:") and not line.startswith("opencl:-")]
    if not devices:
        print("skipped: no OpenCL device")
        return SKIP
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        # Both compile the same programs into an empty cache.
        environment = dict(os.environ, INFEROMETER_CACHE=folder)
        command = [test, "--gtest_filter=OpenClDevice.ProbesDoWhatTheyAreTimedFor"]
        running = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        for process in running:
            output = process.communicate()[0]
            if process.returncode != 0:
                failures.append(f"one of two processes at once failed:\n{output}")
        files = sorted(pathlib.Path(folder).iterdir())
        if not files:
            failures.append("nothing was cached")
        for file in files:
            digest, _, binary = file.read_bytes().partition(b"\n")
            if hashlib.sha256(binary).hexdigest().encode() != digest:
                failures.append(f"{file.name} is no whole file of the cache")
    # The driver is gone: its backend says so, and a run that asks for the device names those that there are.
    gone = dict(os.environ, OCL_ICD_VENDORS=os.devnull, OCL_ICD_FILENAMES="")
    missing = subprocess.run([program, "run", "--backend", "opencl", "--model", "smollm2-135m", "--json", "-"], env=gone,
                             capture_output=True, text=True, check=False)
    if missing.returncode != 7 or "opencl" not in missing.stderr or "driver" not in missing.stderr:
        failures.append(f"run without a driver: exit {missing.returncode}, {missing.stderr}")
    named = subprocess.run([program, "run", "--device", devices[0], "--json", "-"], env=gone,
                           capture_output=True, text=True, check=False)
    if named.returncode != 2 or devices[0] not in named.stderr:
        failures.append(f"run on a device that is gone: exit {named.returncode}, {named.stderr}")
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
