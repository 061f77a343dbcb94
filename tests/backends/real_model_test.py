"""On a real model every CPU device continues text as llama.cpp does, token for token.

Usage: real_model_test.py INFEROMETER. Exit status 77 (skipped, by name) without the model file.

Both programs round activations to 8 bits, each in its own way, so where llama.cpp's best two tokens lie
closer together than that noise, either may come out. Then the test shows it, checks that ours is the
runner-up and just as close, and goes on behind llama.cpp's choice.
"""

import json
import math
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "tests/fixtures/real/smollm2-greedy.json"
# In units of ln p: how close two tokens must be for noise to swap them, and how far the logarithms of
# the likeliest tokens' probabilities may differ.
TIE = 0.15
FIRST = 0.25


def evaluate(program, model, device, tokens, count):
    done = subprocess.run(
        [program, "eval", "--model", str(model), "--tokens", ",".join(map(str, tokens)), "--device", device,
         "--greedy", str(count), "--json", "-"],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{device}: eval ended with {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def log_probabilities(logits):
    largest = max(logits)
    total = math.log(sum(math.exp(x - largest) for x in logits)) + largest
    return [x - total for x in logits]


def check_prompt(run, prompt):
    """Findings about one prompt; `run(tokens, count)` is the device under test."""
    findings, notes = [], []
    tokens, want = prompt["tokens"], prompt["greedy"]
    got = run(tokens, len(want))
    ours = log_probabilities(got["logits"])
    for token, wanted in prompt["first"]:
        if abs(ours[token] - wanted) > FIRST:
            findings.append(f"first step: ln p of token {token} is {ours[token]:.3f}, llama.cpp's {wanted:.3f}")
    at = 0  # where got["greedy"] begins
    while True:
        differs = next((i for i in range(at, len(want)) if got["greedy"][i - at] != want[i]), None)
        if differs is None:
            return findings, notes
        mine, gap = got["greedy"][differs - at], prompt["gap"][differs]
        here = log_probabilities(run(tokens + want[:differs], 1)["logits"])
        our_gap = here[mine] - here[want[differs]]
        step = f"step {differs}: token {mine}, llama.cpp's {want[differs]}; gaps {our_gap:.3f} and {gap:.3f}"
        if mine != prompt["runner_up"][differs] or gap > TIE or our_gap > TIE:
            return findings + [step], notes
        notes.append(f"near tie at {step}")
        at = differs + 1
        if at == len(want):
            return findings, notes
        got = run(tokens + want[:at], len(want) - at)


def main():
    program = sys.argv[1]
    fixture = json.loads(FIXTURE.read_text(encoding="utf-8"))
    model = ROOT / ".cache/models" / fixture["model"]
    if not model.is_file():
        print(f"skipped: {model.relative_to(ROOT)} is absent; ci/fetch-real-model fetches it")
        return 77
    listed = subprocess.run([program, "list", "devices"], capture_output=True, text=True, check=True).stdout
    devices = sorted(set(re.findall(r"\bcpu:\w+", listed)))
    if not devices:
        print("`inferometer list devices` names no CPU device")
        return 1
    failed = False
    for device in devices:
        for number, prompt in enumerate(fixture["prompts"]):
            findings, notes = check_prompt(
                lambda tokens, count, d=device: evaluate(program, model, d, tokens, count), prompt)
            verdict = "differs" if findings else "equal"
            print(f"{device}, prompt {number}: {len(prompt['greedy'])} tokens {verdict}")
            for line in findings + notes:
                print(f"  {line}")
            failed = failed or bool(findings)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
