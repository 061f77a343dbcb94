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

SKIP = 77
FORMATS = range(13)
CACHES = range(4)
FEATURES = ["", "-DHAS_FMA -DHAS_FP16 -DHAS_SUBGROUP -DHAS_DOT"]
# Processors, whose own instructions the wide path asks for by name (builtin.cl).
PROCESSORS = ["haswell", "skylake-avx512"]


def variants():
    """(source, definitions) of what lower*.cc and peaks.cc ask for."""
    for path in ("-DWIDE -DITEMS={}", "-DITEMS={}"):
        wide = "WIDE" in path
        items = lambda one, many, path=path, wide=wide: path.format(one if wide else many)
        yield "norm", items(1, 64)
        yield "each", items(16, 64)
        yield "choose", items(1, 64)
        yield "probe", items(1, 256)
        for cache in CACHES:
            yield "heads", f"{items(1, 32)} -DCACHE={cache}"
            yield "attention", f"{items(1, 64)} -DCACHE={cache} -DROWS={16 if wide else 8}"
        for f in FORMATS:
            yield "embed", f"{items(4, 32)} -DFORMAT={f}"
            for packed in (0, 1) if wide else (0,):
                yield "matvec", f"{items(1, 64)} -DFORMAT={f} -DROWS={1 if wide else 2} -DCOLUMNS=1 -DPACKED={packed}"
                yield "matvec", f"{items(1, 64)} -DFORMAT={f} -DROWS=2 -DCOLUMNS=4 -DPACKED={packed}"
            yield ("gemm_wide", f"-DWIDE -DITEMS=1 -DFORMAT={f} -DROWS=8 -DBLOCKS=2") if wide else (
                "gemm", f"-DITEMS=128 -DFORMAT={f}")
    for quantized in (0, 1):
        yield "pack", f"-DWIDE -DITEMS=1 -DQUANTIZED={quantized}"
    for kind, lanes, chains in ((0, 16, 12), (0, 4, 8), (1, 4, 8), (2, 4, 8), (3, 16, 12)):
        yield "peak", f"-DITEMS=1 -DKIND={kind} -DLANES={lanes} -DCHAINS={chains}"


def source_of(folder, name):
    text = (folder / f"{name}.cl").read_text(encoding="utf-8")
    asked = re.findall(r"^//: (\w+)$", text, re.M)
    return "\n".join([(folder / f"{a}.cl").read_text(encoding="utf-8") for a in asked] + [text])


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
