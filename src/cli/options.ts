import { type Command, InvalidArgumentError } from 'commander';

/** Options every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly seed: number;
}

export function withCommonOptions(command: Command, example: string): Command {
  return command
    .option('--json', 'print the result as one line of JSON')
    .option('--quiet', 'no progress')
    .option('--seed <n>', 'seed of everything random', integerOption(0, 2 ** 32 - 1), 1)
    .addHelpText('after', `\nExample:\n  ${example}\n`);
}

export function integerOption(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < low || value > high)
      throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
    return value;
  };
}

export function numberOption(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= low && value <= high))
      throw new InvalidArgumentError(`It must be a number from ${low} to ${high}.`);
    return value;
  };
}

/** `90`, `90s`, `10m`, `2h`: seconds. */
export function durationOption(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  if (!match || Number(match[1]) <= 0) throw new InvalidArgumentError('It must be a duration such as 90s, 10m or 2h.');
  return Number(match[1]) * { s: 1, m: 60, h: 3600 }[(match[2] ?? 's') as 's' | 'm' | 'h'];
}

export function choiceOption<T extends string>(...choices: T[]): (text: string) => T {
  return (text) => {
    if (!choices.includes(text as T)) throw new InvalidArgumentError(`It must be one of ${choices.join(', ')}.`);
    return text as T;
  };
}
