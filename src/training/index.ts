/** Auto-decoder training, in a page as in Node. */
export * from './checkpoint.js';
export * from './checkpoint-plan.js';
export * from './choose-engine.js';
export * from './engine.js';
export * from './held-out-loss.js';
export * from './memory-samples.js';
export * from './probe.js';
export * from './run-clock.js';
export * from './sample-source.js';
export * from './schedule.js';
export * from './settings.js';
export * from './specs-json.js';
export * from './state.js';
export * from './train.js';
export * from './trained-shapes.js';
export * from './webgpu/hand-over.js';
export * from './webgpu/webgpu-engine.js';
