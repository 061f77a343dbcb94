"""Three validators judge one corpus alike: valijson in C++, python3-jsonschema, and ajv under Node.

Usage: judges_test.py MAKE_CORPUS python|ajv. Exit status 77: the other validator is not installed.
"""

import json
import math
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCHEMAS = {name: ROOT / "results" / "schema" / f"{name}-1.0.json" for name in ("result", "publish")}


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def by_python(folder):
    try:
        import jsonschema
    except ImportError:
        skip("python3-jsonschema is not installed: ci/setup test installs it")

    def pattern(_, wanted, text, __):
        # As ECMA-262 has it: $ is the end, not the place before a last line break.
        if isinstance(text, str) and not re.search(re.sub(r"\$$", r"\\Z", wanted), text):
            yield jsonschema.ValidationError("does not match")

    kind = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": pattern})
    judges = {name: kind(json.loads(path.read_text("utf-8"))) for name, path in SCHEMAS.items()}
    return {file.name: {name: judge.is_valid(json.loads(file.read_text("utf-8")))
                        for name, judge in judges.items()}
            for file in sorted(folder.glob("*.json"))}


def by_ajv(folder):
    if shutil.which("node") is None:
        skip("there is no Node on this system")
    if not any((ROOT / folder / "node_modules" / "ajv").is_dir() for folder in ("ci/scale", "dashboard")):
        skip("ajv is not installed: ci/fetch-node-tools or ci/dashboard packages installs it")
    judge = pathlib.Path(__file__).with_name("judge.mjs")
    done = subprocess.run(["node", judge, folder, *SCHEMAS.values()], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def strict(data):
    """JSON as the program reads it, in Python: what is wrong with the bytes, or nothing."""
    def pairs(members):
        if len(dict(members)) != len(members):
            raise ValueError("a key twice")
        return dict(members)

    def number(text):
        if not math.isfinite(float(text)):
            raise ValueError("out of range")
        return float(text)

    def word(text):
        raise ValueError(text)

    if len(data) > 4 << 20:
        return "too large"
    try:
        text = data.decode("utf-8")
        depth = deepest = 0
        for bracket in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
            depth += (bracket in "[{") - (bracket in "]}")
            deepest = max(deepest, depth)
        if text.startswith("\ufeff") or deepest > 16:
            return "a byte order mark, or too deep"
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=word, parse_float=number, parse_int=number)
        return "" if isinstance(value, dict) and "schema" in value and value["schema"].isprintable() else "no result"
    except (ValueError, OverflowError) as error:
        return str(error)


def hostile_texts():
    """What every reader refuses, one by one; in the fixture a character is a byte."""
    fixture = ROOT / "tests" / "fixtures" / "results" / "hostile.json"
    for entry in json.loads(fixture.read_text("utf-8"))["texts"]:
        parts = [part if isinstance(part, str) else part["repeat"] * part["times"] for part in entry["text"]]
        yield entry["what"], "".join(parts).encode("latin-1")


def main():
    make, other = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([make, folder], check=True)
        ours = json.loads((folder / "verdicts").read_text("utf-8"))
        theirs = by_python(folder) if other == "python" else by_ajv(folder)
    differences = [f"{file}: {schema}: we say {verdict}, {other} says {theirs[file][schema]}"
                   for file, verdicts in ours.items() for schema, verdict in verdicts.items()
                   if theirs[file][schema] != verdict]
    if other == "python":
        differences += [f"{what}: is refused, {other} takes it" for what, data in hostile_texts() if not strict(data)]
    good = sum(verdicts["publish"] for verdicts in ours.values())
    print(f"{len(ours)} documents, {good} of them may be published")
    print("\n".join(differences))
    return 1 if differences or not 0 < good < len(ours) else 0


if __name__ == "__main__":
    sys.exit(main())
