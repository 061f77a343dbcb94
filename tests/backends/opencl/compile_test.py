#!/usr/bin/env python3
"""Compiles every variant of every OpenCL kernel with clang, for devices that are not here: fp16, subgroups and
integer dot products on and off, both paths, all formats, OpenCL C 1.2 and 3.0, to SPIR and to GPUs' own code.

Usage: compile_test.py KERNELS_DIR. Exits with 77 when there is no clang that knows OpenCL C.
"""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

from kernel_variants import source_of, variants

SKIP = 77
FEATURES = ["", "-DHAS_FMA -DHAS_FP16 -DHAS_SUBGROUP -DHAS_DOT"]
# Processors, whose own instructions the wide path asks for by name (builtin.cl).
PROCESSORS = ["haswell", "skylake-avx512"]


def compiler():
    for name in ("clang-22", "clang", "clang-19", "clang-15", "clang-14"):
        if shutil.which(name):
            return name
    return None


def check(clang, folder, name, defines, standard, features, processor=None):
    fp16 = "-DKIND=1" in defines
    if fp16 and "HAS_FP16" not in features:
        return ""
    if "-DKIND=2" in defines and "HAS_DOT" not in features:
        return ""
    target = ["-target", "spir64"] if processor is None else ["-target", "x86_64-linux-gnu", f"-march={processor}"]
    command = [clang, *target, f"-cl-std={standard}", "-Xclang", "-finclude-default-header", "-O0",
               "-Wall", "-Werror", "-Wno-unused-function", "-Wno-psabi", "-c", "-emit-llvm", "-x", "cl", "-o", os.devnull,
               *defines.split(), *features.split(), "-"]
    done = subprocess.run(command, input=source_of(folder, name), text=True, capture_output=True, check=False)
    return "" if done.returncode == 0 else f"{name} {defines} {features} {standard}:\n{done.stderr[:1500]}"


def main():
    folder = pathlib.Path(sys.argv[1])
    clang = compiler()
    if clang is None:
        print("skipped: there is no clang")
        return SKIP
    used = {name for name, _ in variants()}
    asked = {a for f in folder.glob("*.cl") for a in re.findall(r"^//: (\w+)$", f.read_text(), re.M)}
    forgotten = {f.stem for f in folder.glob("*.cl")} - used - asked
    failures = [f"{name}.cl is compiled by no variant" for name in sorted(forgotten)]
    # Both standards and all features, each at least once with every variant.
    jobs = [(name, defines, "CL1.2" if i == 0 else "CL3.0", features)
            for name, defines in variants() for i, features in enumerate(FEATURES)]
    jobs += [(name, defines, "CL3.0", "-DHAS_FMA -DHAS_BUILTIN", processor)
             for name, defines in variants() if "-DWIDE" in defines for processor in PROCESSORS]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        failures += [f for f in pool.map(lambda job: check(clang, folder, *job), jobs) if f]
    for failure in failures:
        print(failure)
    print(f"{len(jobs)} variants by {clang}, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
