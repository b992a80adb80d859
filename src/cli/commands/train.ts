import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { DEFAULT_TRAIN_SPEC, engineSettings, TRAINING_BACKENDS } from '../../training/index.js';
import { choiceOption, durationOption, integerOption, withCommonOptions } from '../options.js';
import { createTerminal } from '../terminal.js';
import { finishTraining } from '../training/finish.js';
import { chooseShapes, experimentOf, openSamples } from '../training/inputs.js';
import type { TrainOptions } from '../training/options.js';
import { runTraining } from '../training/run.js';

/** `train`: samples to an asset, by the auto-decoder. */
export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a decoder and a latent code for each prepared shape, and write them as one .glb')
    .argument('<folder>', 'a folder that `prepare` made, or one in DeepSDF’s layout')
    .requiredOption('-o, --output <file>', 'where the .glb goes; checkpoints, log (.log.jsonl) and plot (.svg) stand beside it')
    .option('--spec <file>', 'a DeepSDF specs.json; decides the decoder and the settings')
    .option('--split <file>', 'train only on the shapes of this split JSON')
    .option('--validation <split or folder>', 'hold out the shapes of this split JSON, or those of another folder, and validate on them')
    .option('--backend <name>', TRAINING_BACKENDS.join(', '), choiceOption(...TRAINING_BACKENDS), 'auto')
    .option('--threads <n>', 'threads of the wasm backend', integerOption(1, 256), Math.min(8, availableParallelism()))
    .option('--time-budget <time>', 'train for this long (90s, 10m, 2h), 10m when neither this nor --steps is given', durationOption)
    .option(
      '--steps <n>',
      'train for this many steps: reproducible to the bit on the wasm and cpu backends',
      integerOption(1, 1_000_000_000),
    )
    .option('--resume', 'go on from the latest checkpoint')
    .option('--checkpoint-every <time>', 'time between checkpoints', durationOption, 30)
    .option('--use <which>', 'latest or best: the checkpoint that the .glb is made of', choiceOption('latest', 'best'), 'latest')
    .option('--memory <MiB>', 'samples that take more than this are streamed from disk', integerOption(0, 2 ** 24), 1024)
    .option('--width <n>', 'width of the hidden layers, without --spec', integerOption(4, 1024), DEFAULT_TRAIN_SPEC.dims[0])
    .option('--layers <n>', 'hidden layers, without --spec', integerOption(1, 16), DEFAULT_TRAIN_SPEC.dims.length)
    .option('--code-length <n>', 'length of the latent code, without --spec', integerOption(1, 1024), DEFAULT_TRAIN_SPEC.codeLength)
    .option('--octaves <n>', 'Fourier octaves of the point, without --spec', integerOption(0, 8), DEFAULT_TRAIN_SPEC.fourierOctaves)
    .option('--baked <n>', 'shapes that get a baked mesh in the file, spread over the list', integerOption(1, 10_000), 12)
    .option('--resolution <n>', 'grid cells along a side for the figures; fewer for wide decoders', integerOption(16, 1024), 128);
  return withCommonOptions(command, 'neural-sdf train data/cups -o cups.glb --time-budget 10m').action(train);
}

async function train(folder: string, options: TrainOptions): Promise<void> {
  const terminal = createTerminal(options);
  const experiment = await experimentOf(options);
  const { training, heldOut } = await chooseShapes(folder, options);
  const samples = await openSamples(training, options, terminal);
  const heldOutSamples = heldOut && (await openSamples(heldOut, options, terminal));
  const data = { training, samples, ...(heldOut && heldOutSamples && { heldOut: { shapes: heldOut, samples: heldOutSamples } }) };
  const outcome = await runTraining(data, experiment, options, terminal);
  await Promise.all([samples.close(), heldOutSamples?.close()]);
  if (!outcome.finished) {
    terminal.say(`stopped at step ${outcome.progress.step}; go on with the same command and --resume`);
    process.exitCode = 130;
    return;
  }
  const engine = engineSettings(experiment.spec, experiment.settings, training.instances.length);
  await finishTraining(data, engine, { outcome, settings: experiment.settings, options }, terminal);
}
