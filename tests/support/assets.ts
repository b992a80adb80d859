import { validateBytes } from 'gltf-validator';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { initializeDecoder } from '../../src/decoder/decoder.js';
import { DEFAULT_DECODER_SPEC } from '../../src/decoder/spec.js';
import { triangleNormals } from '../../src/meshing/gradient-normals.js';
import { marchingCubes } from '../../src/meshing/marching-cubes.js';
import { Random } from '../../src/random.js';
import { denseGrid, SHAPES } from './analytic-shapes.js';

/** Three shapes on an untrained decoder; the first and the last with a baked mesh. */
export function makeAsset(): NeuralShapes {
  const random = new Random(5);
  const spec = { ...DEFAULT_DECODER_SPEC, codeLength: 4, dims: [16, 16], latentIn: [], latentInAll: true };
  const { mesh } = marchingCubes(denseGrid(SHAPES.torus.distance, 12));
  const bakedMesh = { ...mesh, normals: triangleNormals(mesh) };
  return {
    decoder: initializeDecoder(spec, random),
    shapes: [0, 1, 2].map((index) => ({
      name: `chair ${index}`,
      latent: Float32Array.from({ length: spec.codeLength }, () => random.normal()),
      ...(index === 0 && { normalization: { offset: [0.1, -0.25, 3] as const, scale: 0.75 } }),
      ...(index !== 1 && { bakedMesh }),
    })),
    delta: 0.1,
    stepScale: 0.8,
    halfExtent: 1.05,
    provenance: { command: 'neural-sdf train "ä/☃"', steps: 1000 },
  };
}

interface ValidationReport {
  readonly issues: {
    readonly numErrors: number;
    readonly numWarnings: number;
    readonly messages: readonly { readonly code: string; readonly severity: number; readonly message: string; readonly pointer?: string }[];
  };
  readonly info: { readonly totalTriangleCount: number };
}

/** The Khronos validator's report. */
export async function validateGlb(file: Uint8Array): Promise<ValidationReport> {
  return (await validateBytes(file, { maxIssues: 0 })) as ValidationReport;
}

export function jsonOf(file: Uint8Array): unknown {
  const length = new DataView(file.buffer, file.byteOffset).getUint32(12, true);
  return JSON.parse(new TextDecoder().decode(file.subarray(20, 20 + length)));
}

/** The same .glb with its JSON changed. */
export function editJson(file: Uint8Array, change: (json: never) => unknown): Uint8Array {
  const json = jsonOf(file);
  change(json as never);
  const text = new TextEncoder().encode(JSON.stringify(json));
  const length = 4 * Math.ceil(text.length / 4);
  const rest = file.subarray(20 + new DataView(file.buffer, file.byteOffset).getUint32(12, true));
  const edited = new Uint8Array(20 + length + rest.length);
  edited.set(file.subarray(0, 20));
  edited.fill(0x20, 20 + text.length, 20 + length);
  edited.set(text, 20);
  edited.set(rest, 20 + length);
  const view = new DataView(edited.buffer);
  view.setUint32(8, edited.length, true);
  view.setUint32(12, length, true);
  return edited;
}
