#!/usr/bin/env python3
"""What AMD's GPUs would be given to run, compiled by Mesa's RADV without any GPU.

Usage: gpu_isa.py write PROGRAM    compiles all hot pipelines for each family, writes the data and the table
       gpu_isa.py check PROGRAM    the same, and compares: exit status 1 with one line per finding, 77 when
                                   nothing can be compiled here

PROGRAM is the gpu_isa of a build (tests/backends/vulkan/gpu_isa.cc). Data lie in backends/vulkan/isa.csv,
the table in backends/vulkan/README.md between <!-- isa --> and <!-- end of isa -->.
"""

import concurrent.futures
import csv
import io
import os
import pathlib
import re
import subprocess
import sys

from isa_table import with_table

ROOT = pathlib.Path(__file__).resolve().parents[1]
DATA = ROOT / "backends/vulkan/isa.csv"
README = ROOT / "backends/vulkan/README.md"

# RADV's names for one GPU of each: GCN 5 without and with packed dot products, RDNA 1, 2 and 3.
FAMILIES = {"vega10": "Vega 10", "vega20": "Vega 20", "navi10": "RDNA 1", "navi21": "RDNA 2", "gfx1100": "RDNA 3"}
NUMBERS = ("vgprs", "sgprs", "spilled", "scratch", "lds", "waves", "instructions", "cost", "wants_dot", "dots")
TOLERANCE = 0.05  # of the estimated cost
SKIPPED = 77


class Skip(Exception):
    """Nothing can be compiled here; says why."""


def parse(text):
    """What the program prints: {"driver": ..., "dot_accelerated": bool}, {pipeline: {column: value}}."""
    head, _, body = text.partition("pipeline,")
    about = dict(line.split(",", 1) for line in head.splitlines())
    about["dot_accelerated"] = about.get("dot_accelerated") == "1"
    rows = {}
    for row in csv.DictReader(io.StringIO("pipeline," + body)):
        name = row.pop("pipeline")
        rows[name] = {key: int(value) if key in NUMBERS else value for key, value in row.items()}
    return about, rows


def compile_family(program, family):
    environment = {**os.environ, "RADV_FORCE_FAMILY": family}
    done = subprocess.run([program], env=environment, capture_output=True, text=True, check=False)
    if done.returncode == SKIPPED:
        raise Skip(done.stdout.strip())
    if done.returncode != 0:
        raise SystemExit(f"gpu_isa.py: {family}: {done.stderr.strip()}")
    return parse(done.stdout)


def compile_all(program):
    """{family: (about, rows)}"""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        runs = {family: pool.submit(compile_family, program, family) for family in FAMILIES}
        return {family: run.result() for family, run in runs.items()}


def faults(compiled):
    """What is wrong whatever the table says: spills, scratch memory, missing dot products."""
    findings = []
    for family, (about, rows) in compiled.items():
        for name, row in rows.items():
            where = f"{family}: {name} ({row['step']})"
            if row["spilled"] or row["scratch"]:
                findings.append(f"{where}: {row['spilled']} spilled registers, {row['scratch']} bytes of scratch memory")
            if row["wants_dot"] and about["dot_accelerated"] and not row["dots"]:
                findings.append(f"{where}: no packed dot product, which the device has")
    return findings


def changes(compiled, data):
    """What differs from the data file; only between the same drivers does that mean anything."""
    findings = []
    for family, (_, rows) in compiled.items():
        before = data.get(family, {})
        findings += [f"{family}: {name} is new" for name in rows if name not in before]
        findings += [f"{family}: {name} is gone" for name in before if name not in rows]
        for name, row in rows.items():
            cost = before.get(name, row)["cost"]
            if abs(row["cost"] - cost) > TOLERANCE * cost:
                findings.append(f"{family}: {name}: estimated cost {row['cost']}, in the table {cost}")
    return findings


def driver_of(compiled):
    return next(iter(compiled.values()))[0]["driver"]


def data_of(compiled):
    text = io.StringIO()
    text.write(f"driver,{driver_of(compiled)}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["family", "pipeline", "step", *NUMBERS])
    for family, (_, rows) in compiled.items():
        for name, row in rows.items():
            writer.writerow([family, name, row["step"], *(row[number] for number in NUMBERS)])
    return text.getvalue()


def read_data(text):
    """The driver that the data came from, {family: {pipeline: row}}"""
    first, _, rest = text.partition("\n")
    data = {}
    for row in csv.DictReader(io.StringIO(rest)):
        family, name = row.pop("family"), row.pop("pipeline")
        data.setdefault(family, {})[name] = {k: int(v) if k in NUMBERS else v for k, v in row.items()}
    return first.partition(",")[2], data


def cell(row):
    if row is None:
        return ""
    spills = f", **{row['spilled']} spills**" if row["spilled"] or row["scratch"] else ""
    dots = f", {row['dots']} dots" if row["dots"] else ""
    return f"{row['vgprs']} v {row['waves']} w {row['instructions']} i {row['cost']}{dots}{spills}"


def table(compiled):
    """Markdown: one row for each pipeline of one-token steps and of prefill."""
    names = {}
    for _, rows in compiled.values():
        for name, row in rows.items():
            names.setdefault(name, row)
    lines = [f"Compiled by {driver_of(compiled)}: VGPRs (v), waves per SIMD (w), instructions (i) and RADV's estimate of cost.",
             "", "| pipeline | step | LDS | " + " | ".join(FAMILIES.values()) + " |", "|---|---|---|" + "---|" * len(FAMILIES)]
    for name, row in names.items():
        if row["step"] not in ("decode", "prefill"):
            continue
        cells = [cell(compiled[family][1].get(name)) for family in FAMILIES]
        lines.append(f"| `{name}` | {row['step']} | {row['lds']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("write", "check"):
        sys.exit(__doc__)
    try:
        compiled = compile_all(sys.argv[2])
    except Skip as skip:
        print(skip)
        sys.exit(SKIPPED)
    findings = faults(compiled)
    if sys.argv[1] == "write":
        DATA.write_text(data_of(compiled), encoding="utf-8")
        README.write_text(with_table(README.read_text(encoding="utf-8"), table(compiled)), encoding="utf-8")
    else:
        driver, data = read_data(DATA.read_text(encoding="utf-8"))
        if driver == driver_of(compiled):
            findings += changes(compiled, data)
            if with_table(README.read_text(encoding="utf-8"), table(compiled)) != README.read_text(encoding="utf-8"):
                findings += [] if findings else ["the table in backends/vulkan/README.md is stale"]
        else:
            print(f"costs are not compared: the table is of {driver}, and this is {driver_of(compiled)}")
    print("\n".join(findings) or f"{sum(len(rows) for _, rows in compiled.values())} pipelines, no finding")
    if findings:
        print("When changes are meant: ci/gpu-isa")
        sys.exit(1)


if __name__ == "__main__":
    main()
