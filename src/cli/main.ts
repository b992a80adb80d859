#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { ablateCommand } from './commands/ablate.js';
import { bakeCommand } from './commands/bake.js';
import { distillCommand } from './commands/distill.js';
import { evalCommand } from './commands/eval.js';
import { exportCommand } from './commands/export.js';
import { importCommand } from './commands/import.js';
import { infoCommand } from './commands/info.js';
import { prepareCommand } from './commands/prepare.js';
import { renderCommand } from './commands/render.js';
import { trainCommand } from './commands/train.js';
import { reportError } from './terminal.js';

const program = new Command('neural-sdf')
  .description('Neural signed distance functions (DeepSDF): meshes to samples, samples to a decoder, a decoder to pixels and colliders.')
  .version(__PACKAGE_VERSION__)
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(--help shows the options, with an example)');

for (const command of [
  prepareCommand(),
  trainCommand(),
  distillCommand(),
  ablateCommand(),
  importCommand(),
  exportCommand(),
  infoCommand(),
  evalCommand(),
  bakeCommand(),
  renderCommand(),
]) {
  program.addCommand(command.exitOverride().showHelpAfterError('(--help shows the options, with an example)'));
}

try {
  await program.parseAsync();
} catch (error) {
  // Commander has already printed its own message; a call that it refuses is 2, as a shell expects of usage errors.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else process.exitCode = reportError(error, process.argv.includes('--json'));
}
