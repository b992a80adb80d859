/** Auto-decoder training, in a page as in Node. */
export * from './checkpoint.js';
export * from './choose-engine.js';
export * from './engine.js';
export * from './schedule.js';
export * from './settings.js';
export * from './specs-json.js';
export * from './state.js';
export * from './train.js';
export * from './trained-shapes.js';
