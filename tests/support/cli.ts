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
export function killCliAt(pattern: RegExp, ...args: string[]): Promise<boolean> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  return new Promise((resolve) => {
    let text = '';
    let killed = false;
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk;
      if (!killed && pattern.test(text)) killed = child.kill('SIGKILL');
    });
    child.on('close', () => resolve(killed));
  });
}

/** A folder of the test's own. */
export function scratchFolder(): string {
  return mkdtempSync(join(tmpdir(), 'neural-sdf-'));
}
