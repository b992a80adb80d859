import type { MaterialDefines } from '@babylonjs/core/Materials/materialDefines.js';

/** As they stand while a mesh is not traced. */
export const NO_DEFINES = {
  NEURAL_SDF: false,
  NEURAL_SDF_DECODER: 0,
  NEURAL_SDF_COUNT: false,
  NEURAL_SDF_OUTPUT: 0,
  NEURAL_SDF_EDITS: false,
  NEURAL_SDF_SLOTS: false,
  NEURAL_SDF_LOD: 0,
  NEURAL_SDF_HIDDEN: false,
  NEURAL_SDF_UPSAMPLED: false,
};

/** Babylon's own, with ours. */
export type TraceDefines = MaterialDefines & typeof NO_DEFINES & { NONUNIFORMSCALING?: boolean };
