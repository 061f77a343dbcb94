#!/usr/bin/env python3
"""Checks who includes whom: the arrows of ARCHITECTURE.md, closed kernels, platform #ifdefs.

Usage: check_includes.py [ROOT]; prints one line per finding, exit status 1 when there are any.
"""

import pathlib
import re
import sys

# Folder -> folders it may include. The longest matching folder counts.
MAY_INCLUDE = {
    "harness/base": {"harness/base"},
    "models": {"harness/base", "models"},
    "backends": {"harness/base", "models", "backends"},
    "probes": {"harness/base", "probes"},
    "results": {"harness/base", "harness/stats", "results"},
    "results/submit": {"harness/base", "models", "harness/stats", "results"},
    "harness/stats": {"harness/base", "harness/stats"},
    "harness/runner": {"harness/base", "models", "backends", "probes", "results", "harness/stats",
                       "harness/runner", "harness/workloads"},
    "harness/workloads": {"harness/base", "models", "backends", "results", "harness/stats",
                          "harness/runner", "harness/workloads"},
    "harness/kernels": {"harness/base", "models", "backends", "results", "harness/runner", "harness/workloads",
                        "harness/kernels"},
    "harness/report": {"harness/base", "results", "harness/stats", "harness/report"},
    "harness/gate": {"harness/base", "results", "harness/stats", "harness/report", "harness/gate"},
    "harness/cli": {"harness", "models", "backends", "probes", "results"},
    "tests": {"harness", "models", "backends", "probes", "results", "tests"},
}

# Kernels are compiled for wider instruction sets than the rest of the program. An inline function
# of a shared header that they instantiate may be the copy that the linker keeps for everybody, and
# then the program dies on a processor without that set. So they see plain types and intrinsics.
KERNELS = re.compile(r"^backends/cpu/kernels[^/]*/")
KERNEL_HEADERS = {"cstddef", "cstdint", "cstring", "immintrin.h", "arm_neon.h", "arm_sve.h",
                  "arm_acle.h", "simde/x86/avx2.h", "simde/x86/avx512.h"}
PLAIN_HEADERS = {"backends/cpu/kernel_set.h", "models/quant/blocks.h",  # plain structs, for kernels too
                 "models/quant/quant_id.h"}
IN_PLAIN_HEADERS = {"cstddef", "cstdint", "stdint.h", "models/quant/quant_id.h"}
# Compiled for the same instruction set as the rest of the program.
BASELINE_KERNELS = re.compile(r"/scalar[^/]*$")

# The list of backends sees them all; headers that the build writes stand beside no source.
LIST_OF_BACKENDS = "backends/backends.cc"
# What backends of one kind share, and with whom; it sees none of them.
SHARED_BY_BACKENDS = {"gpu": {"vulkan", "opencl"}}
GENERATED = {"build_info.h"}

PLATFORM = re.compile(
    r"^\s*#\s*(?:if|ifdef|ifndef|elif)\b.*\b(_WIN32|WIN32|_WIN64|__APPLE__|__linux__|__ANDROID__"
    r"|__unix__|__FreeBSD__|__EMSCRIPTEN__|__wasm__|__x86_64__|__i386__|__aarch64__|__arm__"
    r"|__riscv|_M_X64|_M_ARM64)\b", re.M)
PLATFORM_ALLOWED = re.compile(
    r"^(harness/base/|probes/|backends/[^/]+/(.*_)?loader[^/]*$|backends/cpu/instruction_sets\.cc$"
    r"|backends/cpu/kernels[^/]*/|tests/)")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
SOURCES = {".h", ".cc", ".inc"}


def folder_of(path, table):
    """The longest key of `table` that `path` lies under, or None."""
    parts = path.split("/")
    for size in range(len(parts) - 1, 0, -1):
        folder = "/".join(parts[:size])
        if folder in table:
            return folder
    return None


def under(path, folders):
    return any(path.startswith(folder + "/") for folder in folders)


def backend_of(path):
    """"cpu" for backends/cpu/..., None for what all backends share."""
    parts = path.split("/")
    return parts[1] if parts[0] == "backends" and len(parts) > 2 else None


def check_file(path, text, exists):
    """Findings about one file; `exists(path)` tells whether the project has such a file."""
    findings = []
    layer = folder_of(path, MAY_INCLUDE)
    if layer is None:
        return [f"{path}: belongs to no layer; add its folder to MAY_INCLUDE in ci/check_includes.py"]
    here = path.rsplit("/", 1)[0]
    in_kernels = KERNELS.match(path)
    for match in INCLUDE.finditer(text):
        quoted, header = match.group(1) == '"', match.group(2)
        where = f"{path}:{text.count(chr(10), 0, match.start(2)) + 1}"
        if in_kernels:
            own = quoted and header.startswith(here + "/")
            baseline = BASELINE_KERNELS.search(path) and header == "cmath"
            if not own and not baseline and header not in KERNEL_HEADERS | PLAIN_HEADERS:
                findings.append(f"{where}: kernels may not include {header}: an inline function of it, compiled "
                                "for a wider instruction set, could become everybody's copy")
                continue
        if path in PLAIN_HEADERS and header not in IN_PLAIN_HEADERS:
            findings.append(f"{where}: {path} holds plain structs and may not include {header}")
        if not quoted or header in GENERATED:
            continue
        if not exists(header):
            findings.append(f'{where}: "{header}" is not a path from the project\'s root')
        elif not under(header, MAY_INCLUDE[layer]):
            findings.append(f"{where}: {layer} may not include {header}")
        elif (layer == "backends" and path != LIST_OF_BACKENDS and backend_of(header) is not None
              and backend_of(header) != backend_of(path)
              and backend_of(path) not in SHARED_BY_BACKENDS.get(backend_of(header), set())):
            findings.append(f"{where}: {path} may not include another backend's {header}")
    if not PLATFORM_ALLOWED.match(path):
        for match in PLATFORM.finditer(text):
            line = text.count("\n", 0, match.start(1)) + 1
            findings.append(f"{path}:{line}: {match.group(1)}: platform #ifdefs live in harness/base, "
                            "probes and the backends' loaders")
    return findings


def check(root):
    root = pathlib.Path(root)
    findings = []
    for top in ("harness", "models", "backends", "probes", "results", "tests"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix in SOURCES and file.is_file() and "build" not in file.parts:
                path = file.relative_to(root).as_posix()
                findings += check_file(path, file.read_text(encoding="utf-8"),
                                       lambda header: (root / header).is_file())
    return findings


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    findings = check(root)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
