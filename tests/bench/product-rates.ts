import { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { loadOnnxRuntime, sessionOptions } from '../../src/training/onnxruntime/load-onnxruntime.js';
import { OnnxGraph } from '../../src/training/onnxruntime/onnx-graph.js';
import { activateTfjsBackend, openTfjsBackend, type TfjsBackend } from '../../src/training/tfjs/tfjs-backend.js';
import { nodeTfjsPlatform } from '../../src/training/tfjs/tfjs-platform-node.js';
import { type KernelVariant, loadKernels } from '../../src/wasm/module.js';

/** Square weights this wide, as the paper's decoder has them. */
const WIDTH = 512;
const SAMPLES = 128;

/** One thread: the kernel over and over, on a memory of its own. The message it is started with: the module and a time in milliseconds. */
const PROGRAM = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { module, milliseconds, width, samples } = workerData;
  const memory = new WebAssembly.Memory({ initial: 256, maximum: 65536 });
  const { multiply } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  new Float32Array(memory.buffer).fill(0.5);
  const stride = width * 32 + 64;
  const run = (time) => {
    const start = performance.now();
    let runs = 0;
    for (; performance.now() - start < time; runs++) multiply(0, width / 4, width, 4 << 20, stride, samples / 8, 8 << 20, stride, 0, 12 << 20, 0);
    return (runs * 2 * width * width * samples) / (performance.now() - start) / 1e6;
  };
  run(milliseconds / 2);
  parentPort.postMessage(run(milliseconds));
`;

/** GFLOP/s of our kernel alone, all threads together. */
export async function wasmProductRate(variant: KernelVariant, threads: number, seconds: number): Promise<number> {
  const { module } = await loadKernels({ variant });
  const workerData = { module, milliseconds: seconds * 1000, width: WIDTH, samples: SAMPLES };
  const rates = Array.from({ length: threads }, () => {
    const worker = new Worker(PROGRAM, { eval: true, workerData });
    return new Promise<number>((resolve, reject) => worker.on('message', resolve).on('error', reject));
  });
  return (await Promise.all(rates)).reduce((sum, rate) => sum + rate, 0);
}

/** GFLOP/s of onnxruntime's product. @throws NeuralSdfError BACKEND_UNAVAILABLE */
export async function onnxRuntimeProductRate(threads: number, seconds: number): Promise<number> {
  const { InferenceSession, Tensor } = loadOnnxRuntime();
  const rows = 2048;
  const graph = new OnnxGraph();
  const product = graph.add('MatMul', [graph.input('a', [-1, WIDTH]), graph.input('b', [WIDTH, WIDTH])]);
  graph.output('product', product, [-1, WIDTH]);
  const session = await InferenceSession.create(graph.serialize(), sessionOptions(threads));
  const matrix = (height: number) => new Tensor('float32', new Float32Array(height * WIDTH).fill(0.5), [height, WIDTH]);
  const inputs = { a: matrix(rows), b: matrix(WIDTH) };
  const rate = await rateOf(2 * rows * WIDTH * WIDTH, seconds, async () => void (await session.run(inputs)));
  await session.release();
  return rate;
}

/** GFLOP/s of tfjs's own product. @throws NeuralSdfError BACKEND_UNAVAILABLE */
export async function tfjsProductRate(backend: TfjsBackend, seconds: number): Promise<number> {
  await openTfjsBackend(backend, nodeTfjsPlatform());
  activateTfjsBackend(backend);
  const rows = { cpu: 16, wasm: 2048, webgpu: 16384 }[backend];
  const [a, b] = [tf.fill([rows, WIDTH], 0.5), tf.fill([WIDTH, WIDTH], 0.5)] as [tf.Tensor2D, tf.Tensor2D];
  // On a GPU they are only queued until one is read back.
  const products = 8;
  const rate = await rateOf(products * 2 * rows * WIDTH * WIDTH, seconds, async () => {
    for (let i = 1; i < products; i++) tf.matMul(a, b).dispose();
    const last = tf.tidy(() => tf.sum(tf.matMul(a, b)));
    await last.data();
    last.dispose();
  });
  tf.dispose([a, b]);
  return rate;
}

async function rateOf(flop: number, seconds: number, run: () => Promise<void>): Promise<number> {
  await run();
  let runs = 0;
  const start = performance.now();
  for (; runs === 0 || performance.now() - start < seconds * 1000; runs++) await run();
  return (runs * flop) / (performance.now() - start) / 1e6;
}
