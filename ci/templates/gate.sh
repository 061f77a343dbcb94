#!/bin/sh
# A gate for any CI, or for your own machine: two builds of one program, run in turn here.
set -eu
git worktree add --detach ../base "${1:-origin/main}"
(cd ../base && make)
make
inferometer ab --base-cmd '../base/llama-bench -m model.gguf -o json' \
  --head-cmd './llama-bench -m model.gguf -o json' \
  --markdown gate.md --junit gate.xml --json gate.json
