#!/usr/bin/env python3
"""What GPUs that are not here would be given to run, by the compilers that the distribution has.

Usage: opencl_isa.py write    compiles all hot kernels for each GPU, writes the data and the table
       opencl_isa.py check    the same, and compares: exit status 1 with one line per finding, 77 when there is none of
                              the compilers

Data lie in backends/opencl/isa.csv, the table in backends/opencl/README.md between <!-- isa --> and
<!-- end of isa -->. NVIDIA's last compiler, ptxas, is in no distribution: of PTX, whose registers are without end, the
instructions and the local memory that the kernel itself asks for are counted.
"""

import concurrent.futures
import csv
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from isa_table import with_table

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/backends/opencl"))
from kernel_variants import hot_variants, source_of  # noqa: E402

KERNELS = ROOT / "backends/opencl/kernels"
DATA = ROOT / "backends/opencl/isa.csv"
README = ROOT / "backends/opencl/README.md"
CLANG, LIBCLC = "clang-22", pathlib.Path("/usr/lib/clc")
OPTIONS = "-cl-std=CL1.2 -cl-mad-enable -cl-no-signed-zeros -DHAS_FMA"  # OptionsOf in programs.cc
# What the compiler calls a GPU: what it is, and which of the functions below compiles for it.
GPUS = {"gfx906": ("Vega 20", "amd"), "gfx1030": ("RDNA 2", "amd"), "gfx1100": ("RDNA 3", "amd"),
        "sm_80": ("Ampere", "nvidia"), "skl": ("Intel Gen 9", "intel"), "tgllp": ("Intel Xe", "intel")}
NUMBERS = ("registers", "spilled", "scratch", "local", "lanes", "instructions")
TOLERANCE = 0.05  # of the instructions
SKIPPED = 77


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise SystemExit(f"opencl_isa.py: {' '.join(command)}\n{(done.stderr + done.stdout)[-2000:]}")
    return done.stdout + done.stderr


def clang(source, defines, folder, *target):
    """(what it says, the assembly)"""
    file, out = folder / "kernel.cl", folder / "kernel.s"
    file.write_text(source, encoding="utf-8")
    said = run([CLANG, *target, "-nogpulib", *OPTIONS.split(), *defines.split(), "-Xclang", "-finclude-default-header", "-O3",
                "-S", "-x", "cl", str(file), "-o", str(out)])
    return said, out.read_text(encoding="utf-8")


def amd(source, defines, gpu, folder):
    """{kernel: row}. Source: clang's remarks on the resources of kernels."""
    library = str(LIBCLC / "amdgcn-amd-amdhsa.bc")
    said, assembly = clang(source, defines, folder, "-target", "amdgcn-amd-amdhsa", f"-mcpu={gpu}", "-Xclang",
                           "-mlink-builtin-bitcode", "-Xclang", library, "-Rpass-analysis=kernel-resource-usage")
    kernels = set(re.findall(r"^\s*\.amdhsa_kernel (\w+)$", assembly, re.M))
    rows = {}
    for part in said.split("Function Name: ")[1:]:
        name = re.match(r"\w+", part)[0]
        if name not in kernels:
            continue
        of = lambda what, part=part: int(re.search(rf"remark:\s+{re.escape(what)}: (\d+)", part)[1])
        body = re.search(rf"^{name}:.*?^\.Lfunc_end", assembly, re.M | re.S)[0]
        rows[name] = {"registers": of("VGPRs"), "spilled": of("SGPRs Spill") + of("VGPRs Spill"),
                      "scratch": of("ScratchSize [bytes/lane]"), "local": of("LDS Size [bytes/block]"),
                      "lanes": 64 if gpu.startswith("gfx9") else 32, "instructions": len(re.findall(r"^\t[a-z]", body, re.M))}
    return rows


def nvidia(source, defines, gpu, folder):
    library = str(LIBCLC / "nvptx64--nvidiacl.bc")
    _, assembly = clang(source, defines, folder, "-target", "nvptx64-unknown-nvidiacl", f"-march={gpu}", "-Xclang",
                        "-target-feature", "-Xclang", "+ptx70", "-Xclang", "-mlink-builtin-bitcode", "-Xclang", library)
    # A kernel is a shell around a function with its body.
    rows = {}
    for name in re.findall(r"^\.entry (\w+)|^\.visible \.entry (\w+)", assembly, re.M):
        name = name[0] or name[1]
        at = assembly.rfind(f"__clang_ocl_kern_imp_{name}(")
        body = assembly[at if at >= 0 else assembly.find(f".entry {name}"):]
        body = body[:body.find("\n}")]
        depots = re.findall(r"\.local \.align \d+ \.b8\s+\w+\[(\d+)\]", body)
        rows[name] = {"registers": 0, "spilled": 0, "scratch": sum(map(int, depots)), "lanes": 32,
                      "local": sum(map(int, re.findall(r"\.shared \.align \d+ \.b8 \w+\[(\d+)\]", assembly))),
                      "instructions": len(re.findall(r"^\t(?:@%p\d+ )?[a-z]", body, re.M))}
    return rows


def intel(source, defines, gpu, folder):
    """Source: the comments that the compiler writes above its assembly."""
    dump = folder / "dump"
    dump.mkdir()
    (folder / "kernel.cl").write_text(source, encoding="utf-8")
    environment = {**os.environ, "IGC_ShaderDumpEnable": "1", "IGC_DumpToCustomDir": str(dump)}
    run(["ocloc", "compile", "-file", "kernel.cl", "-device", gpu, "-options", f"{OPTIONS} -DHAS_SUBGROUP {defines}"],
        env=environment, cwd=folder)
    rows = {}
    for file in dump.glob("*.asm"):
        text = file.read_text(encoding="utf-8", errors="replace")
        number = lambda pattern, text=text: int((re.search(pattern, text) or [0, 0])[1])
        name, lanes = re.search(r"^//\.kernel (\w+)", text)[1], int(re.search(r"_simd(\d+)_", file.name)[1])
        if name in rows and rows[name]["lanes"] > lanes:
            continue  # the widest that it kept is what runs
        scratch = number(r"//\.spill size (\d+)")
        rows[name] = {"registers": number(r"numGRF=(\d+)"), "spilled": number(r"//\.spill GRF ref count (\d+)"),
                      "scratch": scratch, "local": 0, "lanes": lanes, "instructions": number(r"//\.instCount (\d+)")}
    return rows


COMPILERS = {"amd": amd, "nvidia": nvidia, "intel": intel}


def why_not(vendor):
    """Why a vendor's kernels cannot be compiled here; empty: they can."""
    if vendor == "intel":
        return "" if shutil.which("ocloc") else "there is no ocloc (package intel-opencl-icd)"
    if not shutil.which(CLANG):
        return f"there is no {CLANG}"
    library = LIBCLC / ("amdgcn-amd-amdhsa.bc" if vendor == "amd" else "nvptx64--nvidiacl.bc")
    return "" if library.exists() else f"there is no {library} (package libclc-22)"


def version_of(vendor):
    if vendor == "intel":
        asked = ["dpkg-query", "-W", "-f=${Version}", "libigc1"]
        found = subprocess.run(asked, capture_output=True, text=True, check=False) if shutil.which(asked[0]) else None
        return f"ocloc, libigc {found.stdout if found and found.returncode == 0 else 'unknown'}"
    return re.match(r".*?version \S+", run([CLANG, "--version"]))[0]


def compile_one(gpu, variant):
    source, defines = hot_variants()[variant]
    with tempfile.TemporaryDirectory() as folder:
        return COMPILERS[GPUS[gpu][1]](source_of(KERNELS, source), defines, gpu, pathlib.Path(folder))


def compile_all():
    """({gpu: {(variant, kernel): row}}, {gpu: compiler}); says which are left out and why."""
    gpus = []
    for vendor in COMPILERS:
        reason = why_not(vendor)
        if reason:
            print(f"{vendor}: skipped: {reason}")
        else:
            gpus += [gpu for gpu in GPUS if GPUS[gpu][1] == vendor]
    jobs = [(gpu, variant) for gpu in gpus for variant in hot_variants()]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        found = list(pool.map(lambda job: compile_one(*job), jobs))
    compiled = {gpu: {} for gpu in gpus}
    for (gpu, variant), rows in zip(jobs, found):
        for kernel in sorted(rows):
            compiled[gpu][variant, kernel] = rows[kernel]
    return compiled, {gpu: version_of(GPUS[gpu][1]) for gpu in gpus}


def faults(compiled):
    """What is wrong whatever the table says."""
    findings = []
    for gpu, rows in compiled.items():
        missing = set(hot_variants()) - {variant for variant, _ in rows}
        findings += [f"{gpu}: {variant} gave no kernel" for variant in sorted(missing)]
        findings += [f"{gpu}: {variant}, {kernel}: {row['spilled']} spilled registers, {row['scratch']} bytes of scratch memory"
                     for (variant, kernel), row in rows.items() if row["spilled"] or row["scratch"]]
    return findings


def changes(compiled, compilers, data):
    """What differs from the data file; only between equal compilers does that mean anything."""
    findings = []
    for gpu, rows in compiled.items():
        before = data.get(gpu, {})
        other = {row["compiler"] for row in before.values()} - {compilers[gpu]}
        if other:
            print(f"{gpu}: not compared: the table is of {', '.join(sorted(other))}, and this is {compilers[gpu]}")
            continue
        findings += [f"{gpu}: {', '.join(key)} is {word}" for word, keys in
                     (("new", rows.keys() - before.keys()), ("gone", before.keys() - rows.keys())) for key in sorted(keys)]
        for key in rows.keys() & before.keys():
            for number in NUMBERS:
                was, now = before[key][number], rows[key][number]
                if abs(now - was) > (TOLERANCE * was if number == "instructions" else 0):
                    findings.append(f"{gpu}: {', '.join(key)}: {now} {number}, in the table {was}")
    return findings


def data_of(compiled, compilers):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["gpu", "compiler", "variant", "kernel", *NUMBERS])
    for gpu, rows in compiled.items():
        for (variant, kernel), row in rows.items():
            writer.writerow([gpu, compilers[gpu], variant, kernel, *(row[number] for number in NUMBERS)])
    return text.getvalue()


def read_data(text):
    """{gpu: {(variant, kernel): row}}"""
    data = {}
    for row in csv.DictReader(io.StringIO(text)):
        data.setdefault(row["gpu"], {})[row["variant"], row["kernel"]] = {
            key: int(value) if key in NUMBERS else value for key, value in row.items()}
    return data


def cell(row):
    if row is None:
        return ""
    spills = f", **{row['spilled']} spills, {row['scratch']} B**" if row["spilled"] or row["scratch"] else ""
    registers = f"{row['registers']} r " if row["registers"] else ""
    return f"{registers}{row['lanes']} l {row['instructions']} i{spills}"


def table(data):
    """Markdown, of the data file."""
    names = list(dict.fromkeys(key for rows in data.values() for key in rows))
    gpus = [gpu for gpu in GPUS if gpu in data]
    compilers = list(dict.fromkeys(row["compiler"] for gpu in gpus for row in data[gpu].values()))
    lines = [f"By {' and '.join(compilers)}: registers (r), lanes that run together (l) and instructions (i).", "",
             "| kernel | " + " | ".join(GPUS[gpu][0] for gpu in gpus) + " |", "|---|" + "---|" * len(gpus)]
    for variant, kernel in names:
        name = variant if variant.startswith(kernel + " ") else f"{kernel} {variant.partition(' ')[2]}"
        lines.append(f"| {name} | " + " | ".join(cell(data[gpu].get((variant, kernel))) for gpu in gpus) + " |")
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in ("write", "check"):
        sys.exit(__doc__)
    compiled, compilers = compile_all()
    if not compiled:
        sys.exit(SKIPPED)
    findings = faults(compiled)
    if sys.argv[1] == "write":
        if len(compiled) < len(GPUS):
            sys.exit("opencl_isa.py: the table is written only where all the compilers are")
        DATA.write_text(data_of(compiled, compilers), encoding="utf-8")
        readme = README.read_text(encoding="utf-8")
        README.write_text(with_table(readme, table(read_data(data_of(compiled, compilers)))), encoding="utf-8")
    else:
        data = read_data(DATA.read_text(encoding="utf-8"))
        findings += changes(compiled, compilers, data)
        readme = README.read_text(encoding="utf-8")
        if with_table(readme, table(data)) != readme:
            findings.append("the table in backends/opencl/README.md is not that of isa.csv")
    print("\n".join(findings) or f"{sum(len(rows) for rows in compiled.values())} kernels, no finding")
    if findings:
        print("When changes are meant: ci/opencl-isa")
        sys.exit(1)


if __name__ == "__main__":
    main()
