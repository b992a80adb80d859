import boxRay from '../../shaders/box-ray.wgsl';
import listTexels from '../../shaders/bricks/list-texels.wgsl';
import coverage from '../../shaders/coverage.wgsl';
import distanceGrid from '../../shaders/distance-grid.wgsl';
import editing from '../../shaders/editing.wgsl';
import faceNormal from '../../shaders/face-normal.wgsl';
import field from '../../shaders/field.wgsl';
import fragmentRay from '../../shaders/fragment-ray.wgsl';
import gridLeaps from '../../shaders/grid-leaps.wgsl';
import hiddenPixels from '../../shaders/hidden-pixels.wgsl';
import instanceSlot from '../../shaders/instance-slot.wgsl';
import inverseRows from '../../shaders/inverse-rows.wgsl';
import levelOfDetail from '../../shaders/level-of-detail.wgsl';
import levelOfDetailDither from '../../shaders/level-of-detail-dither.wgsl';
import levelOfDetailEnd from '../../shaders/level-of-detail-end.wgsl';
import listRays from '../../shaders/list-rays.wgsl';
import marchState from '../../shaders/march-state.wgsl';
import proxyVertex from '../../shaders/proxy-vertex.wgsl';
import proxyVertexDeclarations from '../../shaders/proxy-vertex-declarations.wgsl';
import proxyVertexEnd from '../../shaders/proxy-vertex-end.wgsl';
import settle from '../../shaders/settle.wgsl';
import sphereTrace from '../../shaders/sphere-trace.wgsl';
import tangentFrame from '../../shaders/tangent-frame.wgsl';
import traceDeclarations from '../../shaders/trace-declarations.wgsl';
import traceMain from '../../shaders/trace-main.wgsl';
import traceOutputs from '../../shaders/trace-outputs.wgsl';
import traceRays from '../../shaders/trace-rays.wgsl';
import traceVaryings from '../../shaders/trace-varyings.wgsl';
import upsample from '../../shaders/upsample.wgsl';
import wavefrontBlockLeaps from '../../shaders/wavefront/block-leaps.wgsl';
import wavefrontListSource from '../../shaders/wavefront/list-source.wgsl';
import wavefrontMarch from '../../shaders/wavefront/march.wgsl';
import wavefrontRings from '../../shaders/wavefront/rings.wgsl';
import wavefrontViewSource from '../../shaders/wavefront/view-source.wgsl';
import type { BakedDecoder } from './bake-decoder.js';
import { writeClipPlanes } from './clip-planes.js';
import { gridResolutionFor } from './grid-resolution.js';
import { floatLiteral } from './wgsl-literal.js';

/** What traces a ray, on a field. */
const MARCH = [gridLeaps, marchState, settle, sphereTrace].join('\n');

/** Every number that the shaders take; no string of a file ever reaches them. */
export interface TraceConstants {
  /** Half the side of the box, model units. */
  readonly halfExtent: number;
  /** Truncation distance, model units. */
  readonly delta: number;
  /** Share of min(f, delta) that is a safe step. */
  readonly stepScale: number;
  /** Cells along each side of the grid of free leaps. */
  readonly gridResolution: number;
  /** Distance that counts as a hit, model units; a quarter of the pixel's size is added to it. */
  readonly tolerance: number;
  /** Longest piece of a ray that may be left unproven where it grazes a surface, model units. */
  readonly gap: number;
  /** Cap on decoder evaluations along a ray. */
  readonly maxEvaluations: number;
}

/** Bytes from one instance's data to the next, in the table and in the grid. */
export interface SlotStrides {
  readonly table: number;
  readonly grid: number;
  /** In the grid of a shape with edits. */
  readonly editedGrid: number;
}

/** WGSL for Babylon's injection points of a material plugin. */
export interface TraceShaders {
  readonly vertexDeclarations: string;
  readonly vertexMain: string;
  readonly vertexEnd: string;
  readonly fragmentDeclarations: string;
  readonly fragmentMain: string;
}

/**
 * @param received Babylon's own code that finds the hit in each light's shadow map, rewritten for the fragment stage
 */
export function composeTraceShaders(
  decoder: BakedDecoder,
  constants: TraceConstants,
  strides: SlotStrides,
  received: string,
): TraceShaders {
  const gridStride = (bytes: number) => `const SDF_GRID_STRIDE = ${Math.trunc(bytes / 4)};\n`;
  const declarations = [
    `#ifdef NEURAL_SDF_EDITS\n${writeConstants(decoder, editedConstants(constants))}${gridStride(strides.editedGrid)}${editing}`,
    `#else\n${writeConstants(decoder, constants)}${gridStride(strides.grid)}${field}\n#endif`,
    `const SDF_TABLE_STRIDE = ${Math.trunc(strides.table / 16)};`,
    instanceSlot,
    decoder.wgsl,
    writeClipPlanes(traceDeclarations),
    writeClipPlanes(fragmentRay),
    hiddenPixels,
    `#ifdef NEURAL_SDF_UPSAMPLED\n${upsample}\n#else\n${MARCH}\n${coverage}\n#endif`,
  ];
  return {
    vertexDeclarations: `${traceVaryings}\n${proxyVertexDeclarations}\n#ifdef NEURAL_SDF\n${inverseRows}\n#endif\n`,
    vertexMain: `${proxyVertex}\n${levelOfDetail}`,
    vertexEnd: `${proxyVertexEnd}\n${levelOfDetailEnd}`,
    fragmentDeclarations: `${traceVaryings}\n${levelOfDetailDither}\n#ifdef NEURAL_SDF\n${declarations.join('\n')}\n#endif\n${tangentFrame}\n${faceNormal}`,
    fragmentMain: `${writeClipPlanes(traceMain)}\n${received}\n${traceOutputs}`,
  };
}

/**
 * The compute module that fills a shape's grid of free leaps.
 * @param edited for shapes with edits, which it reads from a third buffer
 */
export function composeGridShader(decoder: BakedDecoder, constants: TraceConstants, edited = false): string {
  if (!edited) return [writeConstants(decoder, constants), decoder.wgsl, field, distanceGrid].join('\n');
  // The biases are bound from the slot's own on.
  const binding = '@group(0) @binding(2) var<storage, read> sdfEdits: array<vec4f>;\nconst sdfTableStart = 0;';
  return [writeConstants(decoder, editedConstants(constants)), decoder.wgsl, editing, binding, distanceGrid].join('\n');
}

/** A decoder with its constants, for modules that stand on `decoderDistance` and declare `sdfBias` themselves. */
export function composeDistanceText(decoder: BakedDecoder, constants: TraceConstants): string {
  return `${writeConstants(decoder, constants)}${decoder.wgsl}`;
}

/** The compute module that traces a list of rays, a lane each. */
export function composeRayShader(decoder: BakedDecoder, constants: TraceConstants): string {
  return [...composeTracing(decoder, constants), listRays, traceRays].join('\n');
}

/** The compute module that traces a list of rays in waves. */
export function composeWavefrontShader(decoder: BakedDecoder, constants: TraceConstants): string {
  return [...composeTracing(decoder, constants), listRays, wavefrontListSource, wavefrontRings, wavefrontMarch].join('\n');
}

/**
 * The compute module that traces a camera's view of a shape in waves.
 * @param edited for shapes with edits, which it reads from one more buffer
 */
export function composeViewShader(decoder: BakedDecoder, constants: TraceConstants, edited: boolean): string {
  const edits = edited ? '@group(0) @binding(6) var<storage, read> sdfEdits: array<vec4f>;' : '';
  return [
    ...composeTracing(decoder, constants, edited),
    edits,
    wavefrontViewSource,
    wavefrontBlockLeaps,
    wavefrontRings,
    wavefrontMarch,
  ].join('\n');
}

/** The compute module that lists the hits of a shape in bricks among a view's texels, and writes them back. */
export function composeTexelShader(bricks: BakedDecoder, constants: TraceConstants): string {
  return [...composeTracing(bricks, constants), wavefrontViewSource, listTexels].join('\n');
}

/** Up to sphere tracing of one shape, without slots. */
function composeTracing(decoder: BakedDecoder, constants: TraceConstants, edited = false): string[] {
  const written = writeConstants(decoder, edited ? editedConstants(constants) : constants);
  return [written, decoder.wgsl, edited ? editing : field, 'const sdfTableStart = 0;\nconst sdfGridStart = 0;', MARCH, boxRay];
}

/** Of the shaders that trace shapes with edits. */
interface WrittenConstants extends TraceConstants {
  /** Distance up to which the decoder is trusted, where `delta`, that of the traced field, is another. */
  readonly decoderDelta?: number;
  /** Cells of the grid that a table of bricks is laid out by, where `gridResolution`, that of the traced field, is another. */
  readonly decoderGrid?: number;
}

/** Of a shape with edits: its grid has to span a box that grows with them, and its distance is safe to step by whatever its size. */
export function editedConstants(constants: TraceConstants): WrittenConstants {
  const roomier = { ...constants, halfExtent: 1.25 * constants.halfExtent };
  return {
    ...constants,
    decoderDelta: constants.delta,
    decoderGrid: constants.gridResolution,
    delta: 2 * constants.halfExtent,
    gridResolution: gridResolutionFor(roomier, constants.gridResolution),
  };
}

/**
 * Of the values in the grid, which have 12 bits: they reach to twice the truncation distance; of edited shapes, which have none, to where
 * cells are leapt over anyway.
 */
const valueStep = ({ delta, halfExtent }: TraceConstants): number => Math.min(2 * delta, 0.25 * halfExtent) / 2047;

function writeConstants({ biasVectors }: BakedDecoder, constants: WrittenConstants): string {
  return `const SDF_BIAS_VECTORS = ${Math.trunc(biasVectors)};
const SDF_GRID = ${Math.trunc(constants.gridResolution)};
const SDF_DECODER_GRID = ${Math.trunc(constants.decoderGrid ?? constants.gridResolution)};
const SDF_MAX_EVALUATIONS = ${Math.trunc(constants.maxEvaluations)};
const SDF_HALF_EXTENT = ${floatLiteral(constants.halfExtent)};
const SDF_DELTA = ${floatLiteral(constants.delta)};
const SDF_DECODER_DELTA = ${floatLiteral(constants.decoderDelta ?? constants.delta)};
const SDF_STEP_SCALE = ${floatLiteral(constants.stepScale)};
const SDF_CLOSE = ${floatLiteral(1.5 * constants.gap)};
const SDF_NEAR = ${floatLiteral(0.3 * constants.gap)};
const SDF_GAP = ${floatLiteral(constants.gap)};
const SDF_VALUE_STEP = ${floatLiteral(valueStep(constants))};
const SDF_TOLERANCE = ${floatLiteral(constants.tolerance)};
`;
}
