import distanceGrid from '../../shaders/distance-grid.wgsl';
import field from '../../shaders/field.wgsl';
import fragmentRay from '../../shaders/fragment-ray.wgsl';
import proxyVertex from '../../shaders/proxy-vertex.wgsl';
import proxyVertexDeclarations from '../../shaders/proxy-vertex-declarations.wgsl';
import proxyVertexEnd from '../../shaders/proxy-vertex-end.wgsl';
import sphereTrace from '../../shaders/sphere-trace.wgsl';
import traceDeclarations from '../../shaders/trace-declarations.wgsl';
import traceMain from '../../shaders/trace-main.wgsl';
import traceOutputs from '../../shaders/trace-outputs.wgsl';
import traceRays from '../../shaders/trace-rays.wgsl';
import type { BakedDecoder } from './bake-decoder.js';
import { floatLiteral } from './wgsl-literal.js';

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
export function composeTraceShaders(decoder: BakedDecoder, constants: TraceConstants, received: string): TraceShaders {
  const declarations = [writeConstants(decoder, constants), decoder.wgsl, field, traceDeclarations, fragmentRay, sphereTrace];
  return {
    vertexDeclarations: proxyVertexDeclarations,
    vertexMain: proxyVertex,
    vertexEnd: proxyVertexEnd,
    fragmentDeclarations: `#ifdef NEURAL_SDF\n${declarations.join('\n')}\n#endif\n`,
    fragmentMain: `${traceMain}\n${received}\n${traceOutputs}`,
  };
}

/** The compute module that fills a shape's grid of free leaps. */
export function composeGridShader(decoder: BakedDecoder, constants: TraceConstants): string {
  return [writeConstants(decoder, constants), decoder.wgsl, field, distanceGrid].join('\n');
}

/** The compute module that traces a list of rays. */
export function composeRayShader(decoder: BakedDecoder, constants: TraceConstants): string {
  return [writeConstants(decoder, constants), decoder.wgsl, field, sphereTrace, traceRays].join('\n');
}

function writeConstants({ biasVectors }: BakedDecoder, constants: TraceConstants): string {
  return `const SDF_BIAS_VECTORS = ${Math.trunc(biasVectors)};
const SDF_GRID = ${Math.trunc(constants.gridResolution)};
const SDF_MAX_EVALUATIONS = ${Math.trunc(constants.maxEvaluations)};
const SDF_HALF_EXTENT = ${floatLiteral(constants.halfExtent)};
const SDF_DELTA = ${floatLiteral(constants.delta)};
const SDF_STEP_SCALE = ${floatLiteral(constants.stepScale)};
const SDF_CLOSE = ${floatLiteral(2 * constants.gap)};
const SDF_GAP = ${floatLiteral(constants.gap)};
const SDF_TOLERANCE = ${floatLiteral(constants.tolerance)};
`;
}
