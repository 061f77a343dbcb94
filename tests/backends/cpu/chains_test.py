#!/usr/bin/env python3
"""Counts instructions in the loops of the peak kernels: what is counted as done must stand there.

Usage: chains_test.py OBJDUMP LIBRARY. A compiler that shares equal products between chains, or keeps sums in
memory, would make a peak wrong by any factor, and no assertion on its result would notice. Exits with 77,
which means skipped, where there is nothing to read.
"""

import re
import shutil
import subprocess
import sys

# In a function whose name holds both parts: an instruction, how many different sums it must have, and the
# instruction that adds its products up, where it does not do so itself.
CHAINS = [
    (("FusedDotChainKernel", "Avx512Vnni"), "vpdpbusd", 12, None),
    (("Fp32ChainKernel", "Avx512Vnni"), r"vfn?madd\d+ps", 12, None),
    (("FusedDotChainKernel", "AvxVnni"), "vpdpbusd", 10, None),
    (("Fp32ChainKernel", "AvxVnni"), r"vfn?madd\d+ps", 12, None),
    (("DotChainKernel", "Avx2>"), "vpmaddubsw", None, "vpaddw"),
    (("Fp32ChainKernel", "Avx2>"), r"vfn?madd\d+ps", 12, None),
    (("Avx512Bf16Chain", ""), "vdpbf16ps", 12, None),
    (("AmxBf16Chain", ""), "tdpbf16ps", 4, None),
    (("AmxInt8Chain", ""), "tdpbssd", 4, None),
    (("Avx512Fp16Chain", ""), r"vfmadd\d+ph", 12, None),
    (("FusedDotChainKernel", "NeonDotprod"), "sdot", 24, None),
    (("Fp32ChainKernel", "NeonDotprod"), "fmla|fmad", 24, None),
    (("DotChainKernel", "Neon>"), "smull2?", None, "sadalp"),
    (("Fp32ChainKernel", "Neon>"), "fmla|fmad", 24, None),
    (("NeonFp16Chain", ""), "fmla", 24, None),
    (("NeonBf16Chain", ""), "bfdot", 24, None),
    (("NeonBf16MatrixChain", ""), "bfmmla", 24, None),
    (("NeonInt8MatrixChain", ""), "smmla", 24, None),
]
# Two additions of one product; and a sum that goes to memory and back.
SHARED = """0000000000000010 <shared>:
  10:	vpmaddubsw ymm1,ymm2,ymm3
  14:	vpaddw ymm4,ymm4,ymm1
  18:	vpaddw ymm5,ymm5,ymm1
  1c:	jne    10 <shared>
"""
SPILLED = """0000000000000010 <spilled>:
  10:	vfmadd213ps zmm1,zmm2,ZMMWORD PTR [rsp]
  1c:	jne    10 <spilled>
"""
HEADER = re.compile(r"^[0-9a-f]+ <(.*)>:$")
LINE = re.compile(r"^\s*([0-9a-f]+):\s+(?:\{[a-z0-9]+\}\s+)?([a-z][a-z0-9.]*)\s*(.*)$")
JUMP = re.compile(r"^(j[a-z]+|b\.[a-z]+|cbnz|cbz|tbz|tbnz|b)$")


def functions(text):
    """Name -> [(address, mnemonic, operands)]."""
    found, lines = {}, None
    for line in text.splitlines():
        if header := HEADER.match(line):
            lines = found.setdefault(header.group(1), [])
        elif lines is not None and (match := LINE.match(line)):
            lines.append((int(match.group(1), 16), match.group(2), match.group(3)))
    return found


def loops(lines):
    """The instructions of every loop: from the target of a jump back to the jump."""
    for address, mnemonic, operands in lines:
        if not JUMP.match(mnemonic) or "<" not in operands:
            continue
        target = re.search(r"([0-9a-f]+) <", operands)
        if target and lines[0][0] <= int(target.group(1), 16) < address:
            begin = int(target.group(1), 16)
            yield [line for line in lines if begin <= line[0] <= address]


def destination(operands):
    return operands.split(",")[0].split(".")[0].strip()


def check(name, lines, instruction, sums, adder):
    """What is wrong with the innermost loop that holds the instruction, or None."""
    wanted = re.compile(f"(?:{instruction})$")
    holding = [loop for loop in loops(lines) if any(wanted.match(m) for _, m, _ in loop)]
    if not holding:
        return f"{name}: no loop holds {instruction}"
    loop = min(holding, key=len)
    found = [operands for _, mnemonic, operands in loop if wanted.match(mnemonic)]
    if adder:
        added = sum(1 for _, mnemonic, _ in loop if re.match(f"{adder}$", mnemonic))
        if added != len(found):
            return f"{name}: {len(found)} {instruction} for {added} {adder}: products are shared or lost"
        return None
    different = {destination(operands) for operands in found}
    if len(different) != sums or len(found) % sums != 0:
        return f"{name}: {len(found)} {instruction} on {len(different)} sums, not on {sums} each as often"
    # Loads and stores of whole vectors: sums that do not stay in registers.
    spilled = [m for _, m, operands in loop if re.search(r"zmmword|ymmword|\[sp", operands.lower())]
    if spilled:
        return f"{name}: the loop goes to memory: {', '.join(spilled)}"
    return None


def self_test():
    assert "shared" in check("shared", functions(SHARED)["shared"], "vpmaddubsw", None, "vpaddw")
    spilled = functions(SPILLED)["spilled"]
    assert "memory" in check("spilled", spilled, "vfmadd213ps", 1, None)
    assert "1 sums, not on 2" in check("few", spilled, "vfmadd213ps", 2, None)
    assert "no loop" in check("none", spilled, "vpdpbusd", 2, None)


def main():
    self_test()
    objdump, library = sys.argv[1:]
    if not shutil.which(objdump):
        print(f"skipped: there is no {objdump}; install binutils")
        return 77
    command = [objdump, "-d", "-C", "--no-show-raw-insn", library]
    intel = subprocess.run(command[:1] + ["-M", "intel"] + command[1:], capture_output=True, text=True, check=False)
    done = intel if intel.returncode == 0 else subprocess.run(command, capture_output=True, text=True, check=True)
    found, problems, checked = functions(done.stdout), [], 0
    for parts, instruction, sums, adder in CHAINS:
        for name, lines in found.items():
            bare = name.replace("FusedDotChainKernel", "Fused") if parts[0] == "DotChainKernel" else name
            if parts[0] in bare and parts[1] in bare and "[clone" not in name and "lambda" not in name:
                checked += 1
                problem = check(name, lines, instruction, sums, adder)
                problems += [problem] if problem else []
    for problem in problems:
        print(problem)
    print(f"{checked} loops checked")
    if checked == 0:
        print("skipped: none of the known peak kernels is in the library")
        return 77
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
