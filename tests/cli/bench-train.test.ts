import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CASES, nominalFlopPerSample } from '../bench/train-cases.js';
import { scratchFolder } from '../support/cli.js';

it('counts operations as the figures of PyTorch do: 180,000 samples/s are 53 GFLOP/s, 16,800 are 185', () => {
  const [small, , big] = CASES;
  expect((small.pytorch * nominalFlopPerSample(small.spec)) / 1e9).toBeCloseTo(53, 0);
  expect((big.pytorch * nominalFlopPerSample(big.spec)) / 1e9).toBeCloseTo(185, 0);
});

it('npm run bench:train measures every backend on both decoders, and writes it down', () => {
  const file = join(scratchFolder(), 'bench.json');
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'bench:train', '--', '--quick', '--json', file], {
    encoding: 'utf8',
  });
  expect(stderr).not.toContain('Error');
  expect(status).toBe(0);
  expect(stdout).toContain('samples/s');
  const report = JSON.parse(readFileSync(file, 'utf8'));
  expect(report).toMatchObject({
    cpu: expect.any(String),
    cores: availableParallelism(),
    node: process.version,
    started: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    quick: true,
    pytorch: expect.stringContaining('2 cores'),
  });
  for (const { decoder, dropout, pytorch } of CASES) {
    const rows = report.results.filter((row: { decoder: string; dropout: number }) => row.decoder === decoder && row.dropout === dropout);
    const backends = rows.map(({ backend, threads }: { backend: string; threads: number }) => `${backend} ${threads}`);
    expect(backends).toContain(`wasm, relaxed SIMD ${availableParallelism()}`);
    if (dropout === 0) expect(backends).toEqual(expect.arrayContaining(['wasm, plain SIMD 1', 'tfjs wasm 1', 'tfjs cpu 1']));
    for (const row of rows) {
      expect(row.pytorchSamplesPerSecond).toBe(pytorch);
      expect(row.besidePyTorch / (row.samplesPerSecond / pytorch)).toBeCloseTo(1, 1);
      for (const field of ['batch', 'samplesPerSecond', 'samplesPerProcessorSecond', 'gigaflops', 'productGigaflops', 'shareOfProduct']) {
        expect(row[field], `${row.backend}: ${field}`).toBeGreaterThan(0);
      }
    }
  }
  // What the machine does not have is listed with the reason, never left out.
  for (const { backend, why } of report.skipped) expect(`${backend}: ${why}`).toMatch(/\w+: .{10}/);
});
