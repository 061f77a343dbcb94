#!/usr/bin/env python3
"""Prints the shares of the roof, by op and format, of a Google Benchmark JSON file.

Usage: kernel_table.py FILE.json ('-' is stdin), as `inferometer kernels --benchmark_out=FILE.json`
writes it. The table is Markdown: one row for each device, op and format, one column for each step;
a cell holds the least and the largest share over the shapes, and the roof that binds.
"""

import json
import re
import statistics
import sys


def shares_of(document):
    """{(device, op, format): {step: [(share, roof)]}} and the names of what has an error."""
    runs, broken = {}, {}
    for row in document["benchmarks"]:
        name = row["run_name"]
        if row.get("error_occurred"):
            broken[name] = row.get("error_message", "")
        elif row["run_type"] == "iteration" and "roofline" in row:
            roof = next(word for word in row["label"].split(", ") if word.endswith(("_peak", "_bandwidth")))
            runs.setdefault(name, []).append((row["roofline"], roof))
    table = {}
    for name, repetitions in runs.items():
        if name in broken:
            continue
        parts = re.sub(r"/manual_time$", "", name).split("/")
        op, form, _, step, *rest = parts
        depth = [part for part in rest if part.startswith("depth:")]
        device = "/".join(part for part in rest if part not in depth)
        step = " ".join([step, *depth]).replace(":", " ")
        share = statistics.median(share for share, _ in repetitions)
        table.setdefault((device, op, form), {}).setdefault(step, []).append((share, repetitions[0][1]))
    return table, broken


def cell(shares):
    if not shares:
        return ""
    roofs = ", ".join(sorted({roof for _, roof in shares}))
    low, high = min(share for share, _ in shares), max(share for share, _ in shares)
    share = f"{low:.2f}" if f"{low:.2f}" == f"{high:.2f}" else f"{low:.2f} to {high:.2f}"
    return f"{share} of {roofs}"


def order_of(step):
    """tokens before outputs, few before many, shallow before deep."""
    return (step.startswith("outputs"), [int(number) for number in re.findall(r"\d+", step)])


def markdown(document):
    table, broken = shares_of(document)
    steps = sorted({step for row in table.values() for step in row}, key=order_of)
    lines = ["| device | op | format | " + " | ".join(steps) + " |", "|---|---|---|" + "---|" * len(steps)]
    for (device, op, form), row in table.items():
        cells = [cell(row.get(step, [])) for step in steps]
        lines.append(f"| `{device}` | {op} | {form} | " + " | ".join(cells) + " |")
    for name, message in broken.items():
        lines.append(f"\n`{name}`: {message}")
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        if sys.argv[1] == "-":
            document = json.load(sys.stdin)
        else:
            with open(sys.argv[1], encoding="utf-8") as file:
                document = json.load(file)
    except (OSError, ValueError) as error:
        sys.exit(f"kernel_table.py: {sys.argv[1]}: {error}")
    sys.stdout.write(markdown(document))


if __name__ == "__main__":
    main()
