#!/usr/bin/env python3
"""Runs Inferometer and other engines in turn on the same files and prints how they compare.

Usage: compare.py INFEROMETER [options]; --help lists them. Each round starts a fresh process of each
engine on each case; who goes first alternates, so that drift of the machine does not land on one side.
What the others measured goes through `inferometer import`; all results stay in the folder --output.
"""

import argparse
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMPT, DECODE = 512, 128


def options():
    parser = argparse.ArgumentParser(description="Inferometer against other engines, interleaved, on the same files.",
                                     prog="ci/compare-peers")
    parser.add_argument("program", help=argparse.SUPPRESS)
    parser.add_argument("--file", action="append", default=[], help="a GGUF file; may be repeated")
    parser.add_argument("--model", help="a standard model, whose files are made in --output")
    parser.add_argument("--quants", default="q4_0,q8_0,q4_k_m,q6_k,f16", help="of --model [default: %(default)s]")
    parser.add_argument("--threads", default=str(os.cpu_count()), help="counts, with commas between")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workloads", default="prefill,decode", help="prefill, decode or both [default: both]")
    parser.add_argument("--depth", type=int, default=0,
                        help="the decode rate behind so many tokens instead: 0, 512, 1024, 2048, 4096 or 8192")
    parser.add_argument("--device", help="of Inferometer [default: the fastest of the CPU]")
    parser.add_argument("--vulkan", action="store_true",
                        help="let llama.cpp use Vulkan; name our device by --device too")
    parser.add_argument("--llama-bench", action="append", default=[], metavar="NAME=COMMAND",
                        help="another engine with llama-bench's options, as 'ik_llama.cpp=build/bin/llama-bench -rtr 1'")
    parser.add_argument("--time-budget", default="120", help="seconds for each run of Inferometer")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "build" / "peers")
    return parser.parse_args()


def run(command, text=None, **environment):
    done = subprocess.run(command, capture_output=True, text=True, input=text or "", check=False,
                          env={**os.environ, **environment})
    if done.returncode != 0:
        sys.exit(f"error: {shlex.join(command)} ended with {done.returncode}: {done.stderr.strip()[-800:]}")
    return done.stdout


def ours(args, model, threads):
    if args.depth:
        what = ["--preset", "extended", "--workload", "kv_sweep"]
    else:
        what = ["--preset", "standard", "--workload", args.workloads]
    where = ["--device", args.device] if args.device else ["--backend", "cpu"]
    return run([args.program, "run", "--model", model, "--threads", threads, *where, *what, "--no-wait",
                "--time-budget", args.time_budget, "--progress", "none", "--json", "-"])


def counts(args):
    """Tokens of a prompt and of an answer, 0 where that is left out."""
    if args.depth:
        return 0, DECODE
    return (PROMPT if "prefill" in args.workloads else 0), (DECODE if "decode" in args.workloads else 0)


def node(args, model, threads):
    prompt, decode = counts(args)
    gpu, where = [], {}
    if args.vulkan:
        # Unless a device is named, llama.cpp passes by those that compute on the processor.
        gpu, where = ["vulkan"], {"GGML_VK_VISIBLE_DEVICES": os.environ.get("GGML_VK_VISIBLE_DEVICES", "0")}
    return run(["node", str(ROOT / "ci/peers/llama_cpp.mjs"), "rate", model, str(prompt), str(decode),
                str(args.depth), threads, *gpu], PEER_MODULES=str(ROOT / ".cache/peers"), **where)


def llama_bench(command):
    def engine(args, model, threads):
        prompt, decode = counts(args)
        # llama-bench takes -p 0 and -n 0 as "not this test".
        deep = ["-d", str(args.depth)] if args.depth else []
        return run([*shlex.split(command), "-m", model, "-t", threads, "-p", str(prompt), "-n", str(decode), *deep,
                    "-r", "3", "-o", "json"])
    return engine


def rates(result, args):
    """{workload: (rate, share of its roof or None)} of the rows that are compared."""
    found = {}
    for record in result["records"]:
        params, metric = record["params"], record["metric"]
        fits = {"prefill_rate": params.get("tokens") == PROMPT and record["workload"] == "prefill",
                "decode_rate": params.get("depth", 0) == args.depth and record["workload"] in ("decode", "kv_sweep")}
        if fits.get(metric):
            if record["status"] != "ok":
                sys.exit(f"error: {record['workload']} is {record['status']}: {record['reason']}")
            found["prefill" if metric == "prefill_rate" else "decode"] = (
                record["median"], (record.get("roofline") or {}).get("fraction"))
    return found


def measure(args, model, threads):
    """{engine: [rates of each round]}"""
    engines = {"inferometer": ours, "llama.cpp": node}
    for named in args.llama_bench:
        name, _, command = named.partition("=")
        if not command:
            sys.exit(f"error: --llama-bench {named}: expected NAME=COMMAND")
        engines[name] = llama_bench(command)
    sides = {name: [] for name in engines}
    for number in range(args.rounds):
        for name in list(engines) if number % 2 == 0 else reversed(engines):
            text = engines[name](args, str(model), threads)
            if name != "inferometer":
                text = run([args.program, "import", "llama-bench", "-", "--json", "-"], text)
            place = args.output / f"{model.stem}-{threads}t-depth{args.depth}-{name}-{number + 1}.json"
            place.write_text(text)
            sides[name].append(rates(json.loads(text), args))
            said = ", ".join(f"{workload} {rate:.1f}" for workload, (rate, _) in sides[name][-1].items())
            print(f"{model.stem}, {threads} threads, round {number + 1}, {name}: {said} tok/s", file=sys.stderr)
    return sides


def row(model, threads, workload, sides):
    """A line of the table: medians, ratio to the best other with the range over the rounds, share of the roof."""
    mine = [side[workload][0] for side in sides["inferometer"]]
    roofs = [side[workload][1] for side in sides["inferometer"] if side[workload][1] is not None]
    medians = {name: statistics.median(s[workload][0] for s in side) for name, side in sides.items()
               if name != "inferometer"}
    best = max(medians, key=medians.get)
    ratios = sorted(a / b[workload][0] for a, b in zip(mine, sides[best]))
    share = f"{statistics.median(roofs):.0%}" if roofs else "-"
    others = ", ".join(f"{name} {rate:.1f}" for name, rate in medians.items())
    return (f"| {model.stem} | {threads} | {workload} | {statistics.median(mine):.1f} | {others} "
            f"| {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) | {share} |")


def main():
    args = options()
    args.output.mkdir(parents=True, exist_ok=True)
    models = [pathlib.Path(name) for name in args.file]
    for quant in args.quants.split(",") if args.model else []:
        path = args.output / f"{args.model}-{quant}.gguf"
        if not path.exists():
            run([args.program, "model", "make", "--model", args.model, "--quant", quant, "--output", str(path)])
        models.append(path)
    if not models:
        sys.exit("error: nothing to compare: name a --file or a --model")
    lines = []
    for model in models:
        for threads in args.threads.split(","):
            sides = measure(args, model, threads)
            lines += [row(model, threads, workload, sides) for workload in sides["inferometer"][0]]
    behind = f" behind {args.depth} tokens" if args.depth else ""
    print(f"Prefill of {PROMPT} tokens and decode of {DECODE}{behind}, tok/s: medians of {args.rounds} rounds in turn; the "
          "ratio is to the best other engine, with its least and largest of a round.\n")
    print("| model | threads | workload | inferometer | others | ratio | of the roof |")
    print("|---|---|---|---|---|---|---|")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
