/** The asset: a .glb that carries a decoder and its shapes beside ordinary baked meshes. */
export * from './extension-schema.js';
export * from './find-shape.js';
export type * from './neural-shapes.js';
export * from './read-shapes.js';
export * from './write-shapes.js';
