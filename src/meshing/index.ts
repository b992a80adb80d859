/** Meshing: a shape's surface as triangles, for viewers, colliders and metrics. */

export { meshVolume } from '../mesh-volume.js';
export * from './bake-mesh.js';
export * from './convex-hull.js';
export * from './evaluate-grid.js';
export * from './gradient-normals.js';
export * from './marching-cubes.js';
export * from './mesh-components.js';
export * from './scalar-grid.js';
export * from './simplify-mesh.js';
export { SparseGrid } from './sparse-grid.js';
export * from './write-mesh-glb.js';
