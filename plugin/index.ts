export type { NeuralShape, NeuralShapes, Normalization } from '../src/asset/neural-shapes.js';
export { NeuralSdfError, type NeuralSdfErrorCode } from '../src/errors.js';
export { type ColliderOptions, createCollider } from './collider.js';
export { registerNeuralSdf } from './gltf-extension.js';
export { HiddenPixels } from './hidden-pixels.js';
export { type EvaluationCount, NeuralSdfMaterialPlugin } from './material-plugin.js';
export { NeuralSdfMesh, type NeuralSdfMeshOptions, type ShowBaked } from './neural-sdf-mesh.js';
export type { TraceOptions } from './shared-decoder.js';
