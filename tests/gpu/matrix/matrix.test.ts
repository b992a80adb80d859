import { describeMatrix } from '../../support/matrix.js';
import { CAMERAS } from './cameras.js';
import { EDITS } from './edits.js';
import { INSTANCES } from './instances.js';
import { MATERIALS } from './materials.js';
import { PASSES } from './passes.js';
import { PREPASS } from './prepass.js';
import { PRESENTATION } from './presentation.js';
import { SHADOWS } from './shadows.js';
import { TRIPLANAR } from './triplanar.js';

// In one file, for one process: the engine, the mesh that is baked and many a shader serve them all.
describeMatrix({ ...CAMERAS, ...MATERIALS, ...SHADOWS, ...PASSES, ...PREPASS, ...TRIPLANAR, ...INSTANCES, ...EDITS, ...PRESENTATION });
