import cliProgress from 'cli-progress';
import { NeuralSdfError, type NeuralSdfErrorCode } from '../errors.js';

/** How a command talks: results on standard output, everything else on standard error. */
export interface Terminal {
  /** A line for the person waiting; silent with --quiet. */
  say(line: string): void;
  /** Something that went on but should be known; shown even with --quiet. */
  warn(line: string): void;
  /** Begins a progress display: a bar on a terminal, a line at every tenth otherwise. */
  progress(label: string): Progress;
  /** The command's result: `json` as one line with --json, `text` otherwise. Call once. */
  result(json: unknown, text: string): void;
}

export interface Progress {
  /** @param share 0 to 1 @param note shown beside the bar */
  update(share: number, note?: string): void;
  stop(): void;
}

export interface TerminalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function createTerminal(options: TerminalOptions): Terminal {
  const error = (line: string) => process.stderr.write(`${line}\n`);
  return {
    say: (line) => {
      if (!options.quiet) error(line);
    },
    warn: (line) => error(`warning: ${line}`),
    progress: (label) =>
      options.quiet ? { update() {}, stop() {} } : process.stderr.isTTY ? barProgress(label) : lineProgress(label, error),
    result: (json, text) => process.stdout.write(options.json ? `${JSON.stringify(json)}\n` : `${text}\n`),
  };
}

function barProgress(label: string): Progress {
  const bar = new cliProgress.SingleBar({
    format: `${label} [{bar}] {percentage}% {note}`,
    stream: process.stderr,
    hideCursor: true,
    barCompleteChar: '=',
    barIncompleteChar: ' ',
  });
  bar.start(1, 0, { note: '' });
  return { update: (share, note = '') => bar.update(Math.min(1, share), { note }), stop: () => bar.stop() };
}

function lineProgress(label: string, print: (line: string) => void): Progress {
  let tenth = -1;
  return {
    update(share, note = '') {
      const now = Math.floor(Math.min(1, share) * 10);
      if (now <= tenth) return;
      tenth = now;
      print(`${label} ${now * 10}% ${note}`.trimEnd());
    },
    stop() {},
  };
}

/** Exit codes, by what a script would do about them: 2 fix the call, 3 fix the input, 4 fix the disk, 5 fix the machine. */
export function exitCodeOf(code: NeuralSdfErrorCode): number {
  switch (code) {
    case 'INVALID_ARGUMENT':
    case 'RESOLUTION_TOO_LARGE':
    case 'SHAPE_NOT_FOUND':
      return 2;
    case 'WRITE_FAILED':
      return 4;
    case 'BACKEND_UNAVAILABLE':
    case 'DEVICE_LOST':
    case 'WEBGPU_UNAVAILABLE':
      return 5;
    default:
      return 3;
  }
}

/** Prints an error as this command line prints errors, and gives the exit code that goes with it. */
export function reportError(error: unknown, json: boolean): number {
  const known = error instanceof NeuralSdfError;
  const message = error instanceof Error ? error.message : String(error);
  if (json)
    process.stdout.write(
      `${JSON.stringify({ error: { code: known ? error.code : 'INTERNAL', message, details: known ? error.details : {} } })}\n`,
    );
  process.stderr.write(`neural-sdf: ${message}${known ? ` (${error.code})` : ''}\n`);
  // A bug of ours: the stack is what a report needs.
  if (!known && error instanceof Error && error.stack) process.stderr.write(`${error.stack}\n`);
  return known ? exitCodeOf(error.code) : 1;
}
