/** From mesh files to signed distance samples, and back from disk. For Node: the layout's reader and writer use its file system. */
export * from './folder-node.js';
export * from './inspect-mesh.js';
export { preparedPose } from './manifest-node.js';
export * from './multi-view-query.js';
export * from './normalize-mesh.js';
export * from './poses.js';
export * from './prepare-mesh-node.js';
export * from './prepare-node.js';
export * from './prepared-mesh.js';
export * from './read-mesh.js';
export * from './sample-shape.js';
export * from './sample-surface.js';
export * from './samples.js';
export * from './signed-distance.js';
export * from './split.js';
