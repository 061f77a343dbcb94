#!/usr/bin/env python3
"""Reads the machine code of the kernels' hot loops: the instruction that an instruction set is named
for is there, work is shared as the sources say, and no vector register is spilled to the stack.

Usage: codegen_test.py OBJDUMP AR LIBRARY KERNELS_DIR. LIBRARY is the archive of the backends; the
sets in CROSS are compiled here where a cross compiler is and the archive has none. Exits with 77 when a tool is missing.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIP = 77

# The dot of int8 codes, the multiply-add of floats, and the conversions of f16 and int8 values.
SETS = {
    "avx2": {
        "dot": r"vpmaddubsw .*%ymm",
        "fma": r"vfn?madd\w+ps .*%ymm",
        "f16": r"vcvtph2ps .*%ymm",
        "int": r"vcvtdq2ps .*%ymm",
    },
    "avx_vnni": {
        "dot": r"(\{vex\} )?vpdpbusd .*%ymm",
        "fma": r"vfn?madd\w+ps .*%ymm",
        "f16": r"vcvtph2ps .*%ymm",
        "int": r"vcvtdq2ps .*%ymm",
    },
    "avx512_vnni": {
        "dot": r"vpdpbusd .*%zmm",
        "fma": r"vfn?madd\w+ps .*%zmm",
        "f16": r"vcvtph2ps .*%zmm",
        "int": r"vcvtdq2ps .*%zmm",
    },
    "neon_dotprod": {
        "dot": r"sdot\s+v\d+\.4s",
        "fma": r"fml[as]\s+v\d+\.4s",
        "f16": r"fcvtl2?\s+v\d+\.4s",
        "int": r"scvtf\s+v\d+\.4s",
    },
    "neon_i8mm": {
        "dot": r"smmla\s+v\d+\.4s",
        "fma": r"fml[as]\s+v\d+\.4s",
        "f16": r"fcvtl2?\s+v\d+\.4s",
        "int": r"scvtf\s+v\d+\.4s",
    },
}

# Dots of bf16 beyond a set, and how many the loop over the widest tile has.
BRAINS = {
    "avx512_bf16": (r"vdpbf16ps .*%zmm", 24),
    "neon_bf16": (r"bfdot\s+v\d+\.4s", 16),
}

# What the cross compiler needs to know about those that the library may lack.
CROSS = {
    "neon_i8mm": "armv8.2-a+dotprod+i8mm",
    "neon_bf16": "armv8.2-a+bf16",
}

# Formats whose matmul tiles are read, and the most vectors on the stack that a loop over them may use:
# none, but where registers just hold the sums, scales and mins of a tile and of g++ 12 and clang 22
# one does not manage it.
FORMATS = {
    "CodesQ8_0": {"avx2": 1, "avx_vnni": 4},
    "CodesQ4_0": {"avx2": 6, "avx_vnni": 6},
    "CodesQ4_K": {"avx2": 12, "avx_vnni": 12, "avx512_vnni": 5},
}
FLOATS = {"avx2": 9, "avx_vnni": 9}  # the same for tiles of f16, where 15 of 16 registers are taken

# GCC 12 for AArch64 unrolls the loops over a tile too late to see that nothing reads its sums in
# memory, and stores them beside keeping them in registers. Not held against it here.
STORES_SUMS = {"neon_dotprod", "neon_i8mm"}

JUMP = re.compile(r"(?:j\w+|b|b\.\w+|cbn?z|tbn?z)\s.*?(?:0x)?([0-9a-f]+) <")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True).stdout


def functions(objdump, path):
    """(demangled name, [instruction]) of each function, and its innermost loops."""
    text = run(objdump, "-d", "-C", "--no-show-raw-insn", str(path)).decode()
    for part in re.split(r"\n(?=[0-9a-f]{8,} <)", text):
        head = re.match(r"[0-9a-f]+ <(.*)>:\n", part)
        if not head:
            continue
        lines = re.findall(r"^\s*([0-9a-f]+):\s+(.*)$", part, re.M)
        code = [re.sub(r"\s+", " ", line.strip()) for _, line in lines]
        places = {int(address, 16): i for i, (address, _) in enumerate(lines)}
        spans = []
        for i, line in enumerate(code):
            jump = JUMP.match(line)
            target = places.get(int(jump.group(1), 16)) if jump else None
            if target is not None and target <= i:
                spans.append((target, i + 1))
        inner = [s for s in spans if not any(o != s and s[0] <= o[0] and o[1] <= s[1] for o in spans)]
        yield head.group(1), code, [code[a:b] for a, b in inner]


def count(pattern, loop):
    return sum(1 for line in loop if re.match(pattern, line))


def spills(name, code, loop):
    """Instructions of the loop that move a vector between a register and the stack."""
    if name in STORES_SUMS:
        return []
    frame = any(re.match(r"mov %rsp,\s*%rbp", line) for line in code)
    x86 = r"\(%rsp" if not frame else r"\(%r[sb]p"
    found = [line for line in loop if re.search(x86, line) and re.search(r"%[xyz]mm", line)]
    found += [line for line in loop if re.match(r"(ld|st)[rpu]+ [qv]\d+.*\[(sp|x29)", line)]
    return found


class Checks:
    def __init__(self):
        self.failed = 0
        self.made = 0

    def check(self, good, what, loop=()):
        self.made += 1
        if not good:
            self.failed += 1
            print("FAILED:", what)
            print("".join(f"    {line}\n" for line in loop), end="")


def matmuls(name, ops, code, checks):
    for format_name, allowed in FORMATS.items():
        loops = [(function, body, loop) for function, body, inner in code
                 if format_name in function and "QuantTile" in function
                 for loop in inner if count(ops["dot"], loop) > 0]
        # Eight steps times the columns and groups of a tile: one of each shape.
        checks.check(any(count(ops["dot"], loop) >= 16 for _, _, loop in loops),
                     f"{name}: no loop over {format_name} has the dots of several groups or columns")
        for function, body, loop in loops:
            found = spills(name, body, loop)
            checks.check(len(found) <= allowed.get(name, 0),
                         f"{name}: {len(found)} spills in a loop of {len(loop)} of {function}", found)


def floats(name, ops, code, checks):
    """The loops over whole tiles of float weights: 12 sums and more."""
    loops = [(function, body, loop) for function, body, inner in code
             if "FloatTile" in function and "ElementF16" in function
             for loop in inner if count(ops["fma"], loop) >= 12]
    checks.check(loops, f"{name}: no loop over f16 weights has the multiply-adds of a whole tile")
    for function, body, loop in loops:
        found = spills(name, body, loop)
        checks.check(len(found) <= FLOATS.get(name, 0),
                     f"{name}: {len(found)} spills in a loop of {len(loop)} of {function}", found)


def brains(name, dot, most, code, checks):
    loops = [(function, body, loop) for function, body, inner in code
             if "BrainTile" in function for loop in inner if count(dot, loop) >= most]
    checks.check(loops, f"{name}: no loop has {most} dots of bf16")
    for function, body, loop in loops:
        found = spills(name, body, loop)
        checks.check(not found, f"{name}: {len(found)} spills in a loop of {len(loop)} of {function}", found)


def attention(name, ops, code, checks):
    tiles = 0
    for function, body, inner in code:
        tile = re.search(r"(ScoreTile|MixTile)<.*?, (?:\S*Cache(F16|Q8_0), )?(\d+), (\d+)>", function)
        if not tile:
            continue
        loops = [loop for loop in inner if count(ops["fma"], loop) > 0]
        checks.check(loops, f"{name}: no loop with multiply-adds in {function}")
        rows = int(tile.group(3))
        for loop in loops:
            tiles += 1
            found = spills(name, body, loop)
            checks.check(not found, f"{name}: {len(found)} spills in {function}", found)
            converted = count(ops["int" if tile.group(2) == "Q8_0" else "f16"], loop)
            checks.check(count(ops["fma"], loop) == rows * converted,
                         f"{name}: {converted} conversions for {count(ops['fma'], loop)} multiply-adds in "
                         f"{function}: {rows} rows should share each", loop)
    checks.check(tiles >= 8, f"{name}: only {tiles} tiles of attention were found")


def objects(ar, library, kernels, folder):
    """(set, object file, objdump or None for the given one) of the sets there are."""
    members = run(ar, "t", library).decode().split()
    for name in [*SETS, *BRAINS]:
        member = next((m for m in members if m in (f"{name}.cc.o", f"{name}.cc.obj")), None)
        path = pathlib.Path(folder) / f"{name}.o"
        if member:
            path.write_bytes(run(ar, "p", library, member))
            yield name, path, None
        elif name in CROSS:
            compiler, objdump = "aarch64-linux-gnu-g++", "aarch64-linux-gnu-objdump"
            if not (shutil.which(compiler) and shutil.which(objdump)):
                print(f"{name}: left out, as {compiler} or its objdump is missing")
                continue
            run(compiler, "-std=gnu++20", "-O3", "-fno-math-errno", "-fno-trapping-math",
                "-ffp-contract=fast", f"-march={CROSS[name]}", "-I", str(kernels.parents[2]), "-c",
                str(kernels / f"{name}.cc"), "-o", str(path))
            yield name, path, objdump


def main():
    objdump, ar, library = sys.argv[1:4]
    for tool, what in ((objdump, "objdump"), (ar, "ar")):
        if not shutil.which(tool):
            print(f"skipped: {what} is missing; it comes with the package binutils")
            return SKIP
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        for name, path, own in objects(ar, library, pathlib.Path(sys.argv[4]).resolve(), folder):
            code = list(functions(own or objdump, path))
            before = checks.made
            if name in BRAINS:
                brains(name, *BRAINS[name], code, checks)
            else:
                matmuls(name, SETS[name], code, checks)
                floats(name, SETS[name], code, checks)
                attention(name, SETS[name], code, checks)
            print(f"{name}: {checks.made - before} checks")
    print(f"{checks.made} checks, {checks.failed} failed")
    return 1 if checks.failed or not checks.made else 0


if __name__ == "__main__":
    sys.exit(main())
