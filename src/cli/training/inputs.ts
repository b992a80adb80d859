import { stat } from 'node:fs/promises';
import { type Instance, instanceKey, listInstances, samplesPath } from '../../dataset/index.js';
import { allHiddenLayers, type DecoderSpec } from '../../decoder/spec.js';
import { NeuralSdfError } from '../../errors.js';
import { FileSamples } from '../../training/file-samples-node.js';
import { DEFAULT_TRAIN_SPEC, defaultTrainingSettings, type Experiment, parseSpecsJson } from '../../training/index.js';
import { readInput } from '../files.js';
import type { Terminal } from '../terminal.js';
import type { TrainOptions } from './options.js';

/** Shapes of one prepared folder. */
export interface ShapeSet {
  readonly folder: string;
  readonly instances: readonly Instance[];
}

/** What decoder to train, and how: from `--spec`, or from the other options. */
export async function experimentOf(options: TrainOptions): Promise<Experiment> {
  if (options.spec) return parseSpecsJson(new TextDecoder().decode(await readInput(options.spec)));
  const dims = Array<number>(options.layers).fill(options.width);
  const spec: DecoderSpec = {
    ...DEFAULT_TRAIN_SPEC,
    dims,
    normLayers: allHiddenLayers(dims),
    codeLength: options.codeLength,
    fourierOctaves: options.octaves,
  };
  return { spec, settings: defaultTrainingSettings(spec), additionalEpochs: [] };
}

/**
 * The shapes to train on and those held out. `--validation` names the latter: a split of the folder, or a folder of their own. Without
 * `--split` they are left out of what is trained on; with it, a shape must not be in both.
 * @throws NeuralSdfError FILE_NOT_FOUND, SAMPLES_INVALID; INVALID_ARGUMENT
 */
export async function chooseShapes(folder: string, options: TrainOptions): Promise<{ training: ShapeSet; heldOut?: ShapeSet }> {
  const listed = await listInstances(folder, options.split);
  if (listed.length === 0) throw new NeuralSdfError('FILE_NOT_FOUND', `${folder}: no samples in it; \`prepare\` makes them`, { folder });
  if (options.validation === undefined) return { training: { folder, instances: listed } };
  const ownFolder = (await stat(options.validation).catch(() => undefined))?.isDirectory() ?? false;
  const heldOut: ShapeSet = ownFolder
    ? { folder: options.validation, instances: await listInstances(options.validation) }
    : { folder, instances: await listInstances(folder, options.validation) };
  if (heldOut.instances.length === 0) {
    throw new NeuralSdfError('FILE_NOT_FOUND', `${options.validation}: no shape in it to validate on`, { validation: options.validation });
  }
  if (ownFolder) return { training: { folder, instances: listed }, heldOut };
  const keys = new Set(heldOut.instances.map(instanceKey));
  const instances = listed.filter((instance) => !keys.has(instanceKey(instance)));
  if (options.split !== undefined && instances.length < listed.length) {
    const both = listed.find((instance) => keys.has(instanceKey(instance)))!;
    const message = `${instanceKey(both)} is in both --split and --validation: a shape that is trained on cannot be held out`;
    throw new NeuralSdfError('INVALID_ARGUMENT', message, { shape: instanceKey(both) });
  }
  if (instances.length === 0) throw new NeuralSdfError('INVALID_ARGUMENT', '--validation holds out every shape: none is left to train on');
  return { training: { folder, instances }, heldOut };
}

/** Nothing but the files' directories is read yet. */
export function openSamples({ folder, instances }: ShapeSet, options: TrainOptions, terminal: Terminal): Promise<FileSamples> {
  const files = instances.map((instance) => ({ name: instance.name, path: samplesPath(folder, instance) }));
  return FileSamples.open(files, {
    memoryBytes: options.memory * 2 ** 20,
    scratchBeside: options.output,
    onDroppedRows: (name, rows) => terminal.warn(`${name}: ${rows} samples hold NaN and were dropped`),
  });
}
