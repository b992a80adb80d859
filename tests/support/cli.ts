import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CLI = 'dist/cli/main.js';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line to its end. */
export function runCli(...args: string[]): CliResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

/** Runs it and kills it, as `kill -9` does, once it has printed `pattern` on standard error. @returns whether it was alive then */
export async function killCliAt(pattern: RegExp, ...args: string[]): Promise<boolean> {
  const { signal } = await signalCli({ signal: 'SIGKILL', after: pattern }, ...args);
  return signal === 'SIGKILL';
}

/** When a signal is sent: so many milliseconds (default 0) after `after` was printed on standard error, or after the start. */
export interface SignalMoment {
  readonly signal: NodeJS.Signals;
  readonly after?: RegExp;
  readonly delay?: number;
}

/** Runs it and sends it a signal. @returns how it ended: by a code, or by a signal */
export function signalCli(
  { signal, after, delay = 0 }: SignalMoment,
  ...args: string[]
): Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  return new Promise((resolve) => {
    let stderr = '';
    let timer: NodeJS.Timeout | undefined;
    const arm = () => {
      timer ??= setTimeout(() => child.kill(signal), delay);
    };
    if (!after) arm();
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk;
      if (after?.test(stderr)) arm();
    });
    child.on('close', (code, ended) => {
      clearTimeout(timer);
      resolve({ code, signal: ended, stderr });
    });
  });
}

/** A folder of the test's own. */
export function scratchFolder(): string {
  return mkdtempSync(join(tmpdir(), 'neural-sdf-'));
}
