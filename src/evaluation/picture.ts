import type { SurfaceSamples } from '../dataset/sample-surface.js';
import type { TriangleMesh } from '../mesh.js';

/** Straight alpha, so that a page shows it on any background. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** [height, width, 4], top row first */
  readonly data: Uint8Array;
}

/** Where the camera stands: degrees around the vertical axis (0 looks at +z, the front) and above the horizon. */
export interface View {
  readonly azimuth: number;
  readonly elevation: number;
}

const DEFAULT_VIEW: View = { azimuth: 35, elevation: 25 };
/** Drawn this much larger, then averaged. */
const OVERSAMPLING = 2;
/** Two lights in the camera's frame (right, up, toward the viewer), unit length, and their strengths. */
const LIGHTS = [
  { direction: [-0.48, 0.64, 0.6], strength: 0.75 },
  { direction: [0.8, 0, 0.6], strength: 0.2 },
] as const;
const AMBIENT = 0.12;
const ALBEDO = [226, 150, 112] as const;
/** Radius of the disc drawn for a point, over the spacing of points: wide enough that neighbours overlap. */
const DISC_OVERLAP = 1.3;

/**
 * A picture of a mesh by orthographic projection, Lambert shading and a depth buffer: what a report needs, without a GPU.
 * @param mesh within the unit sphere; smooth where it has normals, flat triangles where not
 * @param size width and height, pixels
 */
export function drawMesh(mesh: TriangleMesh, size: number, view: View = DEFAULT_VIEW): Picture {
  const canvas = new Canvas(size);
  const turn = rotation(view);
  const places = turn(mesh.positions);
  const normals = mesh.normals && turn(mesh.normals);
  for (let t = 0; t < mesh.triangles.length; t += 3) {
    const [a, b, c] = [3 * mesh.triangles[t], 3 * mesh.triangles[t + 1], 3 * mesh.triangles[t + 2]];
    drawTriangle(canvas, places, a, b, c, normals);
  }
  return canvas.finish();
}

/**
 * A picture of surface points: each is a disc in its tangent plane, or a ball where there are no normals.
 * @param samples within the unit sphere
 */
export function drawPoints(samples: SurfaceSamples, size: number, view: View = DEFAULT_VIEW): Picture {
  const canvas = new Canvas(size);
  const turn = rotation(view);
  const places = turn(samples.points);
  const normals = samples.normals.length > 0 ? turn(samples.normals) : undefined;
  // The area is not known: a sphere's, which is about what shapes of this size have.
  const radius = DISC_OVERLAP * Math.sqrt((4 * Math.PI) / (samples.points.length / 3));
  for (let at = 0; at < places.length; at += 3) drawDisc(canvas, places, at, radius, normals);
  return canvas.finish();
}

/** A depth buffer and brightness, oversampled. */
class Canvas {
  readonly side: number;
  /** Pixels per model unit. */
  readonly scale: number;
  /** Toward the viewer; -Infinity where nothing is. */
  readonly depth: Float32Array;
  readonly brightness: Float32Array;

  constructor(private readonly _size: number) {
    this.side = _size * OVERSAMPLING;
    this.scale = this.side / 2;
    this.depth = new Float32Array(this.side * this.side).fill(Number.NEGATIVE_INFINITY);
    this.brightness = new Float32Array(this.side * this.side);
  }

  /** Range of pixels whose centres lie in [low, high], model units, along one axis of the picture. */
  range(low: number, high: number): [number, number] {
    const first = Math.ceil((low + 1) * this.scale - 0.5);
    const last = Math.floor((high + 1) * this.scale - 0.5);
    return [Math.max(0, first), Math.min(this.side - 1, last)];
  }

  /** Centre of a pixel, model units; rows count downward from the top. */
  centre(index: number): number {
    return (index + 0.5) / this.scale - 1;
  }

  /** @param nx the normal, any length; it is turned to the viewer, so that open surfaces show their inside */
  put(column: number, row: number, depth: number, nx: number, ny: number, nz: number): void {
    const at = (this.side - 1 - row) * this.side + column;
    if (depth <= this.depth[at]) return;
    this.depth[at] = depth;
    const inverse = (nz < 0 ? -1 : 1) / (Math.hypot(nx, ny, nz) || 1);
    let light = AMBIENT;
    for (const { direction, strength } of LIGHTS) {
      light += strength * Math.max(0, inverse * (nx * direction[0] + ny * direction[1] + nz * direction[2]));
    }
    this.brightness[at] = light;
  }

  finish(): Picture {
    const size = this._size;
    const data = new Uint8Array(size * size * 4);
    for (let pixel = 0; pixel < size * size; pixel++) {
      let covered = 0;
      let light = 0;
      for (let sample = 0; sample < OVERSAMPLING ** 2; sample++) {
        const row = Math.floor(pixel / size) * OVERSAMPLING + Math.floor(sample / OVERSAMPLING);
        const at = row * this.side + (pixel % size) * OVERSAMPLING + (sample % OVERSAMPLING);
        if (this.depth[at] === Number.NEGATIVE_INFINITY) continue;
        covered++;
        light += this.brightness[at];
      }
      if (covered === 0) continue;
      // Light adds up linearly; a screen's values are its square root, about.
      for (let channel = 0; channel < 3; channel++) data[4 * pixel + channel] = ALBEDO[channel] * Math.min(1, Math.sqrt(light / covered));
      data[4 * pixel + 3] = (255 * covered) / OVERSAMPLING ** 2;
    }
    return { width: size, height: size, data };
  }
}

/** Into the camera's frame: right, up, toward the viewer. */
function rotation({ azimuth, elevation }: View): (vectors: Float32Array) => Float32Array {
  const [sa, ca] = [Math.sin((azimuth * Math.PI) / 180), Math.cos((azimuth * Math.PI) / 180)];
  const [se, ce] = [Math.sin((elevation * Math.PI) / 180), Math.cos((elevation * Math.PI) / 180)];
  return (vectors) => {
    const turned = new Float32Array(vectors.length);
    for (let i = 0; i < vectors.length; i += 3) {
      const [x, y, z] = [vectors[i], vectors[i + 1], vectors[i + 2]];
      turned[i] = ca * x - sa * z;
      turned[i + 1] = ce * y - se * (sa * x + ca * z);
      turned[i + 2] = se * y + ce * (sa * x + ca * z);
    }
    return turned;
  };
}

function drawTriangle(canvas: Canvas, p: Float32Array, a: number, b: number, c: number, normals?: Float32Array): void {
  const area = (p[b] - p[a]) * (p[c + 1] - p[a + 1]) - (p[c] - p[a]) * (p[b + 1] - p[a + 1]);
  if (area === 0) return;
  const [ux, uy, uz, vx, vy, vz] = [
    p[b] - p[a],
    p[b + 1] - p[a + 1],
    p[b + 2] - p[a + 2],
    p[c] - p[a],
    p[c + 1] - p[a + 1],
    p[c + 2] - p[a + 2],
  ];
  let normal = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
  const [left, right] = canvas.range(Math.min(p[a], p[b], p[c]), Math.max(p[a], p[b], p[c]));
  const [bottom, top] = canvas.range(Math.min(p[a + 1], p[b + 1], p[c + 1]), Math.max(p[a + 1], p[b + 1], p[c + 1]));
  for (let row = bottom; row <= top; row++) {
    const y = canvas.centre(row);
    for (let column = left; column <= right; column++) {
      const x = canvas.centre(column);
      const wb = ((x - p[a]) * vy - (y - p[a + 1]) * vx) / area;
      const wc = ((y - p[a + 1]) * ux - (x - p[a]) * uy) / area;
      const wa = 1 - wb - wc;
      if (wa < 0 || wb < 0 || wc < 0) continue;
      if (normals) normal = [0, 1, 2].map((axis) => wa * normals[a + axis] + wb * normals[b + axis] + wc * normals[c + axis]);
      canvas.put(column, row, wa * p[a + 2] + wb * p[b + 2] + wc * p[c + 2], normal[0], normal[1], normal[2]);
    }
  }
}

function drawDisc(canvas: Canvas, p: Float32Array, at: number, radius: number, normals?: Float32Array): void {
  const [left, right] = canvas.range(p[at] - radius, p[at] + radius);
  const [bottom, top] = canvas.range(p[at + 1] - radius, p[at + 1] + radius);
  for (let row = bottom; row <= top; row++) {
    const dy = canvas.centre(row) - p[at + 1];
    for (let column = left; column <= right; column++) {
      const dx = canvas.centre(column) - p[at];
      if (normals) {
        const [nx, ny, nz] = [normals[at], normals[at + 1], normals[at + 2]];
        const dz = -(nx * dx + ny * dy) / nz;
        if (dx * dx + dy * dy + dz * dz <= radius * radius) canvas.put(column, row, p[at + 2] + dz, nx, ny, nz);
      } else {
        const squared = radius * radius - dx * dx - dy * dy;
        if (squared >= 0) canvas.put(column, row, p[at + 2] + Math.sqrt(squared), dx, dy, Math.sqrt(squared));
      }
    }
  }
}
