import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';

/** How a mesh file stands: which of its axes points up, and how far its front is turned from +z. */
export interface Pose {
  readonly up: UpAxis;
  /** Degrees by which the upright mesh stands turned about +y, counter-clockwise seen from above; it is turned back. */
  readonly yaw: number;
}

/** By the name of the mesh file, without its ending. */
export type Poses = Readonly<Record<string, Pose>>;

/** Rows of the rotation that brings each axis to +y: which coordinate each new one takes, and its sign. */
const UPRIGHT = {
  x: ['-y', 'x', 'z'],
  y: ['x', 'y', 'z'],
  z: ['x', 'z', '-y'],
  '-x': ['y', '-x', 'z'],
  '-y': ['x', '-y', '-z'],
  '-z': ['x', '-z', 'y'],
} as const;

export type UpAxis = keyof typeof UPRIGHT;

const COMMENT = 'about';

/**
 * Reads a pose file: `{"<mesh name>": {"up": "y", "yaw": 90}, ...}`. `up` is one of x, y, z, -x, -y, -z (y where it is left out), `yaw`
 * degrees (0 where it is left out); what stands under "about" is for people.
 * @param name of the file, for messages
 * @throws NeuralSdfError INVALID_ARGUMENT
 */
export function parsePoses(bytes: Uint8Array, name: string): Poses {
  const fail = (reason: string, cause?: unknown) =>
    new NeuralSdfError(
      'INVALID_ARGUMENT',
      `${name}: not a pose file, {"<mesh>": {"up": "y", "yaw": 90}, ...}: ${reason}`,
      { name },
      { cause },
    );
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw fail('not JSON', error);
  }
  if (!isObject(parsed)) throw fail('an object expected');
  const poses = new Map<string, Pose>();
  for (const [mesh, value] of Object.entries(parsed)) {
    if (mesh === COMMENT) continue;
    if (!isObject(value)) throw fail(`"${mesh}" is not an object`);
    const { up = 'y', yaw = 0, ...rest } = value;
    if (typeof up !== 'string' || !Object.hasOwn(UPRIGHT, up)) throw fail(`"${mesh}" has up = ${JSON.stringify(up)}`);
    if (typeof yaw !== 'number' || !Number.isFinite(yaw)) throw fail(`"${mesh}" has yaw = ${JSON.stringify(yaw)}`);
    const unknown = Object.keys(rest);
    if (unknown.length > 0) throw fail(`"${mesh}" has "${unknown[0]}", which is not known`);
    poses.set(mesh, { up: up as UpAxis, yaw });
  }
  return Object.fromEntries(poses);
}

/** Turns a mesh upright, then its front to +z. */
export function applyPose({ positions, triangles }: TriangleMesh, { up, yaw }: Pose): TriangleMesh {
  const rows = UPRIGHT[up].map((term) => ({ axis: 'xyz'.indexOf(term.at(-1)!), sign: term.startsWith('-') ? -1 : 1 }));
  const angle = (-yaw * Math.PI) / 180;
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const turned = new Float32Array(positions.length);
  for (let at = 0; at < positions.length; at += 3) {
    const [x, y, z] = rows.map(({ axis, sign }) => sign * positions[at + axis]);
    turned[at] = cosine * x + sine * z;
    turned[at + 1] = y;
    turned[at + 2] = cosine * z - sine * x;
  }
  return { positions: turned, triangles };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
