#!/usr/bin/env python3
"""Holds the ceilings against plain C and against clock x width x pipes.

Usage: compare_stream.py INFEROMETER STREAM THREADS ROUNDS. Each round runs a fresh process of either,
who goes first alternates. Prints the ratio of the read bandwidths, and for every CPU kernel set with known
pipes the share of its peaks in clock x operations a cycle x threads, the clock being that of a chain of
additions in the same process.
"""

import json
import statistics
import subprocess
import sys

# fp32 and int8 operations a cycle of two pipes: 2 x lanes x 2, and four products where fp32 has one. AVX2 alone
# has no int8 dot: a VPMADDUBSW and the addition of its sums keep four pipes busy where two multiply, so that
# its share stays below one.
PIPES = {"cpu:avx512_vnni": (64, 256), "cpu:avx_vnni": (32, 128), "cpu:avx2": (32, 128)}
MEBIBYTES, SECONDS = "256", "0.3"


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        sys.exit(f"error: {command[0]} ended with {done.returncode}: {done.stderr.strip()[-800:]}")
    return json.loads(done.stdout)


def ceilings(program, threads, devices):
    command = [program, "ceilings", "--threads", threads, "--progress", "none", "--json", "-"]
    for device in devices:
        command += ["--device", device]
    found = {}
    for ceiling in run(command)["ceilings"]:
        found.setdefault(ceiling["device"], {})[ceiling["metric"]] = ceiling["value"]
    return found


def main():
    program, stream, threads, rounds = sys.argv[1:]
    here = {device["id"] for device in run([program, "list", "devices", "--json"])}
    devices = [device for device in PIPES if device in here]
    if not devices:
        sys.exit("error: this processor runs none of the kernel sets whose pipes are known: " + ", ".join(PIPES))
    ratios, shares = [], {}
    for number in range(int(rounds)):
        sides = {}
        order = ["inferometer", "stream"]
        for side in order if number % 2 == 0 else reversed(order):
            sides[side] = (ceilings(program, threads, devices[:1]) if side == "inferometer"
                           else run([stream, threads, MEBIBYTES, SECONDS]))
        ours, theirs = sides["inferometer"][devices[0]]["read_bandwidth"], sides["stream"]["read"]
        ratios.append(ours / theirs)
        print(f"round {number + 1}: read {ours / 1e9:.1f} against {theirs / 1e9:.1f} GB/s", file=sys.stderr)
        for device, found in ceilings(program, threads, devices).items():
            if device not in PIPES:
                continue
            cycles = found["core_clock"] * int(threads)
            for metric, each in zip(("fp32_peak", "int8_peak"), PIPES[device]):
                shares.setdefault((device, metric), []).append(found[metric] / (each * cycles))
    print(f"{threads} threads, {rounds} rounds")
    print(f"read bandwidth, {devices[0]} / plain C: median {statistics.median(ratios):.3f} "
          f"({min(ratios):.3f} to {max(ratios):.3f})")
    for (device, metric), values in sorted(shares.items()):
        print(f"{metric} of {device} / (clock x width x pipes): median {statistics.median(values):.3f} "
              f"({min(values):.3f} to {max(values):.3f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
