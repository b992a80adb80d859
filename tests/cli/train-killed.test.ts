import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readShapes } from '../../src/asset/index.js';
import { Random } from '../../src/random.js';
import { parseCheckpoint } from '../../src/training/checkpoint.js';
import { runCli, scratchFolder, signalCli } from '../support/cli.js';
import { boxOff, torusOff } from '../support/mesh-files.js';

const KILLS = 20;
/** One in so many is killed while it starts, the others while they train. */
const AT_THE_START = 5;
const folder = scratchFolder();
const data = join(folder, 'data');
const run = (output: string, ...more: string[]) => [
  ...['train', data, '-o', join(folder, output), '--steps', '1200', '--backend', 'wasm', '--threads', '1', '--checkpoint-every', '0.05s'],
  ...['--width', '16', '--layers', '3', '--code-length', '4', '--baked', '1', '--json', ...more],
];
const logOf = (output: string): { step: number; seconds: number; event?: string }[] =>
  readFileSync(join(folder, `${output}.log.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line));

beforeAll(() => {
  writeFileSync(join(folder, 'torus.off'), torusOff());
  writeFileSync(join(folder, 'box.off'), boxOff(1, 1.5, 0.8));
  expect(runCli('prepare', join(folder, 'torus.off'), join(folder, 'box.off'), '-o', data, '--samples', '20000').code).toBe(0);
});

describe(`a training run killed at ${KILLS} random moments`, () => {
  it('always leaves a checkpoint that can be read, loses an interval at most, and ends with the bits of one left alone', async () => {
    const alone = runCli(...run('alone.glb'));
    expect(alone.code).toBe(0);
    const trainingSeconds = logOf('alone.glb').at(-1)!.seconds;

    const random = new Random(20);
    const checkpoint = join(folder, 'killed.glb.checkpoint');
    const steps: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const starting = kill % AT_THE_START === AT_THE_START - 1;
      // All of them together leave enough of the run for the last one, however little each loses.
      const delay = starting ? random.range(0, 1000) : random.range(0, (1000 * trainingSeconds) / KILLS);
      const resume = existsSync(checkpoint) ? ['--resume'] : [];
      const moment = { signal: 'SIGKILL', after: starting ? undefined : /training 2 shapes/, delay } as const;
      const { signal, stderr } = await signalCli(moment, ...run('killed.glb', ...resume));
      expect(signal, stderr).toBe('SIGKILL');
      expect(stderr).not.toContain('warning');
      if (existsSync(checkpoint)) steps.push(parseCheckpoint(readFileSync(checkpoint)).state.step);
    }
    // Never back behind a checkpoint; and whoever trained for some intervals got further.
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(new Set(steps).size).toBeGreaterThan(KILLS / 3);
    expect(existsSync(join(folder, 'killed.glb'))).toBe(false);

    const { code, stderr } = runCli(...run('killed.glb', '--resume'));
    expect(code, stderr).toBe(0);
    const [a, b] = await Promise.all(['alone', 'killed'].map((name) => readShapes(readFileSync(join(folder, `${name}.glb`)))));
    expect(b.decoder.layers).toEqual(a.decoder.layers);
    expect(b.shapes.map(({ latent }) => latent)).toEqual(a.shapes.map(({ latent }) => latent));
    const log = logOf('killed.glb');
    expect(log.filter(({ event }) => event === 'resumed').length).toBeGreaterThan(KILLS / 2);
    expect(log.at(-1)!.step).toBe(1200);
  }, 300_000);
});

describe('Ctrl-C', () => {
  it('finishes the step, saves, and says how to go on', async () => {
    const moment = { signal: 'SIGINT', after: /training 2 shapes/, delay: 100 } as const;
    // Nothing else would save within the hour.
    const options = run('stopped.glb', '--checkpoint-every', '1h', '--steps', '1000000');
    const { code, signal, stderr } = await signalCli(moment, ...options);
    expect([code, signal]).toEqual([130, null]);
    expect(stderr).toMatch(/stopped at step \d+; go on with the same command and --resume/);
    const { state } = parseCheckpoint(readFileSync(join(folder, 'stopped.glb.checkpoint')));
    expect(state.step).toBe(Number(/stopped at step (\d+)/.exec(stderr)?.[1]));
    expect(logOf('stopped.glb').length).toBeGreaterThan(0);
    expect(existsSync(join(folder, 'stopped.glb'))).toBe(false);
  });
});
