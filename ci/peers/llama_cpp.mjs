// Asks llama.cpp, as node-llama-cpp ships it, for greedy continuations or for rates; f16 cache.
//   node llama_cpp.mjs greedy MODEL COUNT THREADS TEXT...   greedy ids and gaps as JSON
//   node llama_cpp.mjs rate MODEL PROMPT DECODE DEPTH THREADS [GPU]
//                             three repetitions after a warm-up, as the JSON of llama-bench; a count
//                             of 0 leaves its test out; GPU is false (or vulkan, if that is there)
// node-llama-cpp is looked up in the folder named by PEER_MODULES (see ci/compare-peers).
import {createRequire} from "node:module";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {pathToFileURL} from "node:url";

const modules = path.resolve(process.env.PEER_MODULES ?? ".cache/peers");
const entry = createRequire(path.join(modules, "package.json")).resolve("node-llama-cpp");
const {getLlama} = await import(pathToFileURL(entry));
const [mode, model, ...rest] = process.argv.slice(2);

async function open(threads, contextSize, flashAttention, gpu = false) {
  const llama = await getLlama({gpu, build: "never", maxThreads: 0, logLevel: "error"});
  const loaded = await llama.loadModel({modelPath: model, gpuLayers: gpu ? "max" : 0});
  const context = await loaded.createContext(
      {contextSize, batchSize: 512, threads: {ideal: threads, min: threads}, sequences: 1, flashAttention});
  return {llama, loaded, context};
}

// The greedy continuation of each text, token by token, with the natural logarithm of how much more
// probable the choice was than the runner-up: the margin that noise would have to overcome.
async function greedy(count, threads, texts) {
  const {loaded, context} = await open(threads, 512, false);
  const sequence = context.getSequence();
  const round = (x) => Number(x.toFixed(4));
  const prompts = [];
  for (const text of texts) {
    await sequence.clearHistory();
    const tokens = [...loaded.tokenize(text, true)];
    const result = {text, tokens, greedy: [], runner_up: [], gap: [], first: []};
    let input = tokens;
    while (result.greedy.length < count) {
      const asked = [input.at(-1), {generateNext: {token: true, probabilities: true, options: {temperature: 0}}}];
      const {next} = (await sequence.controlledEvaluate([...input.slice(0, -1), asked])).at(-1);
      const best = [...next.probabilities].sort((a, b) => b[1] - a[1]).slice(0, 8);
      if (result.first.length === 0) result.first = best.map(([id, p]) => [id, round(Math.log(p))]);
      result.greedy.push(next.token);
      result.runner_up.push(best[1][0]);
      result.gap.push(round(Math.log(best[0][1] / best[1][1])));
      input = [next.token];
    }
    result.continuation = loaded.detokenize(result.greedy);
    prompts.push(result);
  }
  return prompts;
}

// Tokens per second, defined as in this project: a prompt until its last logits, then single tokens
// from the first to the last.
async function rate(prompt, decode, depth, threads, gpu) {
  const {llama, context} = await open(threads, depth + Math.max(prompt, decode) + 64, "auto", gpu);
  if (gpu && (await llama.getGpuDeviceNames()).length === 0) {
    throw new Error(`llama.cpp has no ${gpu} device here and would compute on the processor; see GGML_VK_VISIBLE_DEVICES`);
  }
  const low = context._ctx;  // single batches, as llama-bench times them; not a public interface
  low.setThreads(threads);
  const ids = Array.from({length: depth + prompt + decode}, (_, i) => 300 + (i * 7919) % 30000);
  const step = async (tokens, position) => {
    low.initBatch(tokens.length);
    low.addToBatch(0, position, Uint32Array.from(tokens), Uint32Array.from([tokens.length - 1]));
    await low.decodeBatch();
  };
  const fill = async (n) => {
    low.disposeSequence(0);
    for (let at = 0; at < n; at += 512) await step(ids.slice(at, Math.min(at + 512, n)), at);
  };
  const prefill = async () => {
    const t0 = performance.now();
    await fill(prompt);
    return prompt / (performance.now() - t0) * 1e3;
  };
  const generate = async (n) => {
    low.removeTokenCellsFromSequence(0, depth, depth + decode + 1);
    await step(ids.slice(depth, depth + 1), depth);
    const t0 = performance.now();
    for (let i = 1; i < n; i++) await step(ids.slice(depth + i, depth + i + 1), depth + i);
    return (n - 1) / (performance.now() - t0) * 1e3;
  };
  const {release} = llama.llamaCppRelease;
  const common = {
    build_commit: release, cpu_info: os.cpus()[0].model, gpu_info: gpu ? (await llama.getGpuDeviceNames()).join(", ") : "",
    backends: gpu ? "Vulkan" : "CPU", model_filename: path.basename(model), model_size: fs.statSync(model).size,
    n_batch: 512, n_threads: threads, n_gpu_layers: gpu ? 99 : 0, type_k: "f16", type_v: "f16",
  };
  const tests = [];
  const test = async (shape, warm, measure) => {
    await warm();
    const samples_ts = [await measure(), await measure(), await measure()];
    tests.push({...common, n_prompt: 0, n_gen: 0, n_depth: 0, ...shape, samples_ts});
  };
  if (prompt > 0) await test({n_prompt: prompt}, prefill, prefill);
  if (decode > 0) {
    await fill(depth);
    await test({n_gen: decode, n_depth: depth}, () => generate(8), () => generate(decode));
  }
  return tests;
}

const answer = mode === "greedy" ? await greedy(Number(rest[0]), Number(rest[1]), rest.slice(2))
                                 : await rate(...rest.slice(0, 4).map(Number), rest[4] ?? false);
console.log(JSON.stringify(answer));
process.exit(0);
