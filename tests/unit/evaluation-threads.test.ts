import type { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { initializeDecoder } from '../../src/decoder/decoder.js';
import { DEFAULT_DECODER_SPEC, type DecoderSpec } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';
import { EvaluationThreads } from '../../src/wasm/evaluation-threads.js';
import { createWasmEvaluator } from '../../src/wasm/wasm-evaluator.js';

const SPEC: DecoderSpec = { ...DEFAULT_DECODER_SPEC, codeLength: 5, dims: [40, 40, 40], latentIn: [2], fourierOctaves: 1 };

describe('wasm evaluation on threads', () => {
  const decoder = initializeDecoder(SPEC, new Random(3));
  const random = new Random(4);
  const latents = [0, 1].map(() => Float32Array.from({ length: SPEC.codeLength }, () => random.normal()));
  let threads: EvaluationThreads | undefined;
  afterEach(() => threads?.dispose());

  it('gives the very bits of the calling thread, for jobs of several latent codes under way together', async () => {
    threads = await EvaluationThreads.create(decoder, 2);
    expect(threads.count).toBe(2);
    const evaluator = await createWasmEvaluator(decoder, latents[0]);
    // One of them longer than the kernels have room for at a time.
    const jobs = [300, 8192 + 77, 1, 64, 500, 129].map((count, i) => ({
      points: Float32Array.from({ length: 3 * count }, () => random.range(-1, 1)),
      latent: latents[i % 3 === 0 ? 1 : 0],
    }));
    const answers = await Promise.all(jobs.map(({ points, latent }) => threads!.evaluate(points, latent)));
    for (const [i, { points, latent }] of jobs.entries()) {
      const expected = new Float32Array(points.length / 3);
      evaluator.setLatent(latent);
      evaluator.evaluate(points, expected);
      expect(answers[i].distances).toEqual(expected);
      expect(answers[i].milliseconds).toBeGreaterThan(0);
    }
  });

  it('fails what is under way when it is disposed of, and when a worker cannot do its job', async () => {
    threads = await EvaluationThreads.create(decoder, 1);
    const unavailable = expect.objectContaining({ code: 'BACKEND_UNAVAILABLE' });
    const failing = threads.evaluate(undefined as unknown as Float32Array, latents[0]);
    const next = threads.evaluate(new Float32Array(3 * 7), latents[0]);
    await expect(failing).rejects.toEqual(unavailable);
    expect((await next).distances).toHaveLength(7);
    const answer = threads.evaluate(new Float32Array(3 * 1000), latents[0]);
    threads.dispose();
    await expect(answer).rejects.toEqual(unavailable);
  });

  it("refuses at once what comes after the end, its own or a worker's", async () => {
    threads = await EvaluationThreads.create(decoder, 1);
    const unavailable = expect.objectContaining({ code: 'BACKEND_UNAVAILABLE' });
    const [{ _thread: worker }] = (threads as unknown as { _threads: { _thread: EventEmitter }[] })._threads;
    worker.emit('error', new Error('out of memory'));
    await expect(threads.evaluate(new Float32Array(3), latents[0])).rejects.toEqual(unavailable);
    threads.dispose();
    threads = await EvaluationThreads.create(decoder, 1);
    threads.dispose();
    await expect(threads.evaluate(new Float32Array(3), latents[0])).rejects.toEqual(unavailable);
  });
});
