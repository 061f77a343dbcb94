#!/usr/bin/env bash
# Builds a change and what it started from on this machine, runs them in turn with `inferometer ab`
# and leaves verdict, summary, comment and JUnit in one folder. The exit code is ab's. Needs nothing
# of GitHub; where its variables are set, base and folder come from them. Settings are variables:
#
#   GATE_BASE_REF       what to compare with [the pull request's base, else HEAD^]
#   GATE_BUILD          command that builds, run in either checkout
#   GATE_PROGRAM        where the build leaves an Inferometer, relative to the checkout; or
#   GATE_COMMAND        a command that prints a result, ours or llama-bench's, run in either checkout
#   GATE_INFEROMETER    the program that compares [the head's GATE_PROGRAM, else `inferometer`]
#   GATE_FLAGS          flags of `inferometer ab`: --model my.gguf --workload decode,prefill
#   GATE_POLICY         a policy file in the head's checkout
#   GATE_OUT            where reports go [$RUNNER_TEMP/inferometer-gate or ./inferometer-gate]
set -euo pipefail

say() { printf 'gate: %s\n' "$*" >&2; }
fail() {
  local code=$1
  shift
  say "$*"
  if [ "${GITHUB_ACTIONS:-}" = true ]; then printf '::error title=Performance gate::%s\n' "$*" >&2; fi
  exit "$code"
}

head="$(git rev-parse --show-toplevel)" || fail 2 "run this in a git checkout"
program=${GATE_PROGRAM:-} command=${GATE_COMMAND:-}
if [ -z "$program" ] && [ -z "$command" ]; then fail 2 "set GATE_PROGRAM or GATE_COMMAND"; fi
out=${GATE_OUT:-${RUNNER_TEMP:-$PWD}/inferometer-gate}
mkdir -p "$out"
out="$(cd "$out" && pwd)"

# The commit that the change started from: later commits of the base branch are not its fault.
ref=${GATE_BASE_REF:-}
if [ -z "$ref" ] && [ -n "${GITHUB_BASE_REF:-}" ]; then
  ref="origin/$GITHUB_BASE_REF"
  git -C "$head" rev-parse -q --verify "$ref^{commit}" >/dev/null ||
    git -C "$head" fetch -q origin "+refs/heads/$GITHUB_BASE_REF:refs/remotes/$ref" ||
    fail 2 "cannot fetch $ref; check out with fetch-depth: 0"
fi
ref=${ref:-HEAD^}
base_commit="$(git -C "$head" merge-base "$ref" HEAD 2>/dev/null)" ||
  base_commit="$(git -C "$head" rev-parse -q --verify "$ref^{commit}")" ||
  fail 2 "there is no commit '$ref' here; check out with fetch-depth: 0"
base="$out/base-checkout"
clean() { git -C "$head" worktree remove --force "$base" >/dev/null 2>&1 || true; }
trap clean EXIT
clean
rm -rf "$base"
git -C "$head" worktree add -q --detach "$base" "$base_commit"
say "base $(git -C "$base" log -1 --format='%h %s'), head $(git -C "$head" log -1 --format='%h %s')"

for tree in "$base" "$head"; do
  [ -n "${GATE_BUILD:-}" ] || continue
  say "building in $tree"
  (cd "$tree" && bash -euo pipefail -c "$GATE_BUILD") >"$out/build.log" 2>&1 || {
    tail -n 40 "$out/build.log" >&2
    fail 7 "the build failed in $tree"
  }
done

if [ -n "$program" ]; then
  arms=(--base "$base/$program" --head "$head/$program")
  tool=${GATE_INFEROMETER:-$head/$program}
else
  arms=(--base-cmd "cd '$base' && $command" --head-cmd "cd '$head' && $command")
  tool=${GATE_INFEROMETER:-inferometer}
fi
reports=(--json "$out/verdict.json" --pr-comment "$out/comment.md" --junit "$out/junit.xml"
  --bencher "$out/bencher.json" --github-action-benchmark "$out/github-action-benchmark.json")
# Without GitHub the summary is a file; there the program adds to GITHUB_STEP_SUMMARY itself.
if [ -z "${GITHUB_STEP_SUMMARY:-}" ]; then reports+=(--markdown "$out/summary.md"); fi
if [ -n "${GATE_POLICY:-}" ]; then reports+=(--policy "$head/$GATE_POLICY"); fi
read -r -a flags <<<"${GATE_FLAGS:-}"

code=0
(cd "$head" && "$tool" ab "${arms[@]}" "${reports[@]}" ${flags[@]+"${flags[@]}"}) || code=$?
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  printf 'exit-code=%s\nfolder=%s\n' "$code" "$out" >>"$GITHUB_OUTPUT"
fi
say "exit code $code, reports in $out"
exit "$code"
