"""On a real model every CPU and Vulkan device continues text as llama.cpp does, token for token.

Usage: real_model_test.py INFEROMETER. Exit status 77 (skipped, by name) without the model file.

Both programs round activations to 8 bits, each in its own way, and the reference does not: how far
llama.cpp's logarithms of probabilities stray from the reference's is the noise of such rounding on this
model. A device may stray no farther. Where tokens lie within that noise of each other on the reference,
any of them may come out: then the test shows it, checks that ours lies so near llama.cpp's and the
reference's own, and goes on behind llama.cpp's choice.
"""

import json
import math
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "tests/fixtures/real/smollm2-greedy.json"
# A gap is the difference of two such logarithms, so its noise is sqrt(2) times theirs; two deviations.
TIE = 2 * math.sqrt(2)
# How much larger than llama.cpp's a device's deviation may come out by chance, over 32 logarithms.
MARGIN = 1.25


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


def rms(values):
    return math.sqrt(sum(value * value for value in values) / len(values))


def check_prompt(run, exact, noise, prompt):
    """Findings about one prompt, notes, and deviations from the reference; `run(tokens, count)` is the
    device under test, `exact(tokens)` the reference's logarithms of probabilities."""
    findings, notes = [], []
    tokens, want = prompt["tokens"], prompt["greedy"]
    got = run(tokens, len(want))
    ours, true = log_probabilities(got["logits"]), exact(tokens)
    deviations = [ours[token] - true[token] for token, _ in prompt["first"]]
    at = 0  # where got["greedy"] begins
    while True:
        differs = next((i for i in range(at, len(want)) if got["greedy"][i - at] != want[i]), None)
        if differs is None:
            return findings, notes, deviations
        mine = got["greedy"][differs - at]
        here = exact(tokens + want[:differs])
        gap = max(abs(here[mine] - here[want[differs]]), max(here) - here[mine])
        step = (f"step {differs}: token {mine}, llama.cpp's {want[differs]}; "
                f"{gap:.3f} apart on the reference, noise {noise:.3f}")
        if gap > TIE * noise:
            return findings + [step], notes, deviations
        notes.append(f"near tie at {step}")
        at = differs + 1
        if at == len(want):
            return findings, notes, deviations
        got = run(tokens + want[:at], len(want) - at)


def main():
    program = sys.argv[1]
    fixture = json.loads(FIXTURE.read_text(encoding="utf-8"))
    model = ROOT / ".cache/models" / fixture["model"]
    if not model.is_file():
        print(f"skipped: {model.relative_to(ROOT)} is absent; ci/fetch-real-model fetches it")
        return 77
    listed = subprocess.run([program, "list", "devices"], capture_output=True, text=True, check=True).stdout
    devices = sorted(set(re.findall(r"\b(?:cpu|vulkan):[\w-]+", listed)))
    if not devices:
        print("`inferometer list devices` names no device")
        return 1
    known = {}

    def exact(tokens):
        key = tuple(tokens)
        if key not in known:
            known[key] = log_probabilities(evaluate(program, model, "reference", tokens, 1)["logits"])
        return known[key]

    prompts = fixture["prompts"]
    noise = rms([wanted - exact(p["tokens"])[token] for p in prompts for token, wanted in p["first"]])
    failed = False
    for device in devices:
        deviations = []
        for number, prompt in enumerate(prompts):
            findings, notes, strays = check_prompt(
                lambda tokens, count, d=device: evaluate(program, model, d, tokens, count), exact, noise, prompt)
            deviations += strays
            verdict = "differs" if findings else "equal"
            print(f"{device}, prompt {number}: {len(prompt['greedy'])} tokens {verdict}")
            for line in findings + notes:
                print(f"  {line}")
            failed = failed or bool(findings)
        print(f"{device}: ln p strays by {rms(deviations):.3f} from the reference, llama.cpp's by {noise:.3f}")
        if rms(deviations) > MARGIN * noise:
            print("  farther than rounding explains")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
