#!/usr/bin/env python3
"""Runs Inferometer and llama.cpp in turn and prints both medians and their ratio.

Usage: compare.py INFEROMETER MODEL THREADS ROUNDS. Each round starts a fresh process of either; who
goes first alternates, so that drift of the machine does not land on one side. Prefill 512 tokens on an
empty cache, decode 128 tokens at depth 0; the definitions are those of results/.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMPT, DECODE = 512, 128


def run(command, **environment):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
                          env={**os.environ, **environment})
    if done.returncode != 0:
        sys.exit(f"error: {command[0]} ended with {done.returncode}: {done.stderr.strip()[-800:]}")
    return json.loads(done.stdout)


def ours(program, model, threads):
    result = run([program, "run", "--model", model, "--threads", threads, "--backend", "cpu", "--preset", "standard",
                  "--workload", "prefill,decode", "--time-budget", "30", "--progress", "none", "--json", "-"])
    rates = {}
    for record in result["records"]:
        params = record["params"]
        wanted = {"prefill_rate": params.get("tokens") == PROMPT and record["workload"] == "prefill",
                  "decode_rate": params.get("depth") == 0 and record["workload"] == "decode"}
        if wanted.get(record["metric"]):
            if record["status"] != "ok":
                sys.exit(f"error: {record['workload']} is {record['status']}: {record['reason']}")
            rates[record["workload"]] = record["median"]
            rates["device"] = record["device"]
    return rates


def peer(model, threads):
    rates = run(["node", str(ROOT / "ci/peers/llama_cpp.mjs"), "rate", model, str(PROMPT), str(DECODE), threads],
                PEER_MODULES=str(ROOT / ".cache/peers"))
    return {name: statistics.median(samples) for name, samples in rates.items()}


def main():
    program, model, threads, rounds = sys.argv[1:]
    sides = {"inferometer": [], "llama.cpp": []}
    for number in range(int(rounds)):
        order = list(sides)
        for side in order if number % 2 == 0 else reversed(order):
            rates = ours(program, model, threads) if side == "inferometer" else peer(model, threads)
            sides[side].append(rates)
            print(f"round {number + 1} {side}: prefill {rates['prefill']:.1f}, decode {rates['decode']:.1f} tok/s",
                  file=sys.stderr)
    print(f"{pathlib.Path(model).name}, {threads} threads, {rounds} rounds, {sides['inferometer'][0]['device']}")
    for workload, name in (("prefill", f"prefill {PROMPT}"), ("decode", f"decode {DECODE}")):
        mine = [rates[workload] for rates in sides["inferometer"]]
        theirs = [rates[workload] for rates in sides["llama.cpp"]]
        ratios = sorted(a / b for a, b in zip(mine, theirs))
        print(f"{name}: {statistics.median(mine):.1f} against {statistics.median(theirs):.1f} tok/s; "
              f"ratio {statistics.median(ratios):.2f} (rounds {ratios[0]:.2f} to {ratios[-1]:.2f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
