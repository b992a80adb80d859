/** Everything that needs neither Babylon nor Node: decoder, asset, meshing, metrics, WGSL. */
export { type ExperimentFiles, type ImportedExperiment, readExperiment } from './asset/experiment.js';
export { formatExperiment } from './asset/experiment-export.js';
export { type MaurockFiles, readMaurockRun } from './asset/experiment-maurock.js';
export * from './asset/index.js';
export { type ImportedMlp, type MlpFiles, readMlp } from './asset/mlp/read-mlp.js';
export * from './decoder/decoder.js';
export * from './decoder/evaluator.js';
export * from './decoder/folding.js';
export * from './decoder/reference.js';
export * from './decoder/spec.js';
export * from './errors.js';
export * from './gpu/bake-decoder.js';
export * from './latent/latent-distribution.js';
export type * from './mesh.js';
export * from './meshing/index.js';
export * from './metrics/chamfer-distance.js';
export * from './random.js';
export * from './wasm/wasm-evaluator.js';
