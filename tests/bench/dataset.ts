/**
 * Preparation held to brute force, and its speed.
 *   npm run bench -- dataset [points a mesh, default 100000; 0 leaves the first part out]
 * 1. Signs and distances of twelve closed meshes, and signs of the same with 5 % of their triangles gone, against every triangle's solid
 *    angle and distance in float64. 2. Signed queries a second, and seconds a shape. Prints tables, then the same as JSON.
 * Meshes are those of ../shared/data where that is there, our own otherwise. Full size takes half an hour: the judge is brute force.
 */
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { type ChosenQuery, chooseQuery } from '../../src/dataset/choose-query.js';
import { conditionMesh } from '../../src/dataset/condition-mesh.js';
import { DEFAULT_MULTI_VIEW_OPTIONS } from '../../src/dataset/multi-view-query.js';
import { PREPARE_METHODS, type PrepareMethod } from '../../src/dataset/prepared-mesh.js';
import { readMesh } from '../../src/dataset/read-mesh.js';
import { type SampleQuery, sampleShape } from '../../src/dataset/sample-shape.js';
import { SignedDistanceQuery } from '../../src/dataset/signed-distance.js';
import { spatialOrder } from '../../src/dataset/spatial-order.js';
import { NeuralSdfError } from '../../src/errors.js';
import type { TriangleMesh } from '../../src/mesh.js';
import { Random } from '../../src/random.js';
import { closedShapes, cutHoles, dropTriangles, sphereMesh } from '../support/dataset-shapes.js';
import { judgePoints } from '../support/mesh-judge.js';

const pointCount = Number(process.argv[2] ?? 100_000);
const DATA = '../shared/data';
const FILES = [
  ...['101', '104', '107'].map((name) => `meshes/chair/${name}.off`),
  ...['61', '65', '70'].map((name) => `meshes/airplane/${name}.off`),
  ...['21', '25'].map((name) => `meshes/cup/${name}.off`),
  ...['spot', 'rocker-arm', 'homer', 'fandisk'].map((name) => `quality/meshes/${name}.obj`),
];
/** Each takes 5 % of the triangles away. The wider holes cut through a chair's legs, where nobody can tell what had been there. */
const OPENINGS: Record<string, (mesh: TriangleMesh) => TriangleMesh> = {
  'faces lost': (mesh) => dropTriangles(mesh, 0.05, new Random(2)),
  'holes 0.04': (mesh) => cutHoles(mesh, 0.05, 0.04, new Random(3)),
  'holes 0.08': (mesh) => cutHoles(mesh, 0.05, 0.08, new Random(3)),
};
/** Open3D at 5,900, 20,000 and 100,000 triangles, closest point and pseudonormal sign, one thread: ../shared/data/README.md. */
const OPEN3D = [595_000, 388_000, 177_000];

const load = async (file: string) => conditionMesh(await readMesh(readFileSync(`${DATA}/${file}`), file), file).mesh;
const meshes: Record<string, TriangleMesh> = {};
if (existsSync(`${DATA}/meshes`)) for (const file of FILES) meshes[file.replace(/^.*?meshes\/|\..*$/g, '')] = await load(file);
else for (const [name, mesh] of Object.entries(closedShapes())) meshes[name] = conditionMesh(mesh, name).mesh;

interface Row {
  readonly mesh: string;
  readonly triangles: number;
  readonly variant: string;
  readonly method: PrepareMethod;
  readonly signMethod?: string;
  /** Share of the answered points with the judge's sign. */
  readonly signs?: number;
  /** Largest difference to the judge's distance, of a closed mesh. */
  readonly distance?: number;
  /** Share that was not answered. */
  readonly dropped?: number;
  readonly microseconds?: number;
  readonly rejected?: string;
}

const rows: Row[] = [];
/** Columns; the first four stand to the left. */
const WIDTHS = [16, 10, 12, 12, 14, 14, 22, 14];
const print = (...cells: (string | number)[]) =>
  console.log(cells.map((cell, i) => (i < 4 ? String(cell).padEnd(WIDTHS[i]) : String(cell).padStart(WIDTHS[i]))).join(''));

/** Points as `prepare` would store them, and what brute force says of them. */
function judged(mesh: TriangleMesh) {
  const { positive, negative } = sampleShape({ distance: () => 1 }, mesh, { count: pointCount }, new Random(1));
  const points = Float32Array.from([...positive, ...negative].filter((_, i) => i % 4 < 3));
  return { points, ...judgePoints(mesh, points) };
}

function compare(name: string, variant: string, mesh: TriangleMesh, method: PrepareMethod, truth: ReturnType<typeof judged>): void {
  const known = { mesh: name, triangles: mesh.triangles.length / 3, variant, method };
  let chosen: ChosenQuery;
  try {
    chosen = chooseQuery(mesh, method, DEFAULT_MULTI_VIEW_OPTIONS);
  } catch (error) {
    if (!(error instanceof NeuralSdfError && error.code === 'SHAPE_REJECTED')) throw error;
    rows.push({ ...known, rejected: error.message });
    print(name, known.triangles, variant, method, `dropped: ${error.message}`);
    return;
  }
  const { query, signMethod } = chosen;
  const { points, windings, distances } = truth;
  const answers = new Float32Array(windings.length);
  const cpu = process.cpuUsage();
  for (let i = 0; i < answers.length; i++) answers[i] = query.distance(points[3 * i], points[3 * i + 1], points[3 * i + 2]);
  const { user } = process.cpuUsage(cpu);
  let right = 0;
  let answered = 0;
  let distance = 0;
  for (let i = 0; i < answers.length; i++) {
    if (Number.isNaN(answers[i])) continue;
    answered++;
    right += Number(answers[i] < 0 === windings[i] > 0.5);
    distance = Math.max(distance, Math.abs(Math.abs(answers[i]) - distances[i]));
  }
  const row = {
    ...known,
    signMethod,
    signs: right / answered,
    distance: variant === 'closed' ? distance : undefined,
    dropped: 1 - answered / answers.length,
    microseconds: user / answers.length,
  };
  rows.push(row);
  const percent = (share: number) => `${(100 * share).toFixed(3)} %`;
  print(
    name,
    known.triangles,
    variant,
    method,
    percent(row.signs),
    row.distance?.toExponential(1) ?? '',
    percent(row.dropped),
    `${row.microseconds.toFixed(1)} us`,
  );
}

print('mesh', 'triangles', 'variant', 'method', 'right signs', 'distance off', 'dropped', 'CPU a query');
for (const [name, mesh] of pointCount > 0 ? Object.entries(meshes) : []) {
  const truth = judged(mesh);
  for (const method of PREPARE_METHODS) compare(name, 'closed', mesh, method, truth);
  for (const [variant, open] of Object.entries(OPENINGS)) compare(name, variant, open(mesh), 'auto', truth);
}

const worst = (variant: string, method: PrepareMethod) => {
  const group = rows.filter((row) => row.variant === variant && row.method === method && row.signs !== undefined);
  return {
    meshes: group.length,
    signs: Math.min(...group.map((row) => row.signs!)),
    distance: variant === 'closed' ? Math.max(...group.map((row) => row.distance!)) : undefined,
  };
};
const summary = {
  closed: Object.fromEntries(PREPARE_METHODS.map((method) => [method, worst('closed', method)])),
  ...Object.fromEntries(Object.keys(OPENINGS).map((variant) => [variant, worst(variant, 'auto')])),
};
if (pointCount > 0) console.log('\nworst of all', JSON.stringify(summary, undefined, 1));

/** Signed queries a second of processor time. */
function queriesPerSecond(query: SampleQuery, rows: Float32Array, order: ArrayLike<number>): number {
  const run = () => {
    const cpu = process.cpuUsage();
    for (let i = 0; i < order.length; i++) query.distance(rows[4 * order[i]], rows[4 * order[i] + 1], rows[4 * order[i] + 2]);
    return Math.round((order.length / process.cpuUsage(cpu).user) * 1e6);
  };
  run();
  return run();
}

/** Each triangle into four. */
function divided({ positions, triangles }: TriangleMesh): TriangleMesh {
  const places = [...positions];
  const made: number[] = [];
  const middles = new Map<number, number>();
  const middle = (a: number, b: number): number => {
    const key = Math.min(a, b) * 2 ** 26 + Math.max(a, b);
    const known = middles.get(key);
    if (known !== undefined) return known;
    for (let axis = 0; axis < 3; axis++) places.push((positions[3 * a + axis] + positions[3 * b + axis]) / 2);
    middles.set(key, places.length / 3 - 1);
    return places.length / 3 - 1;
  };
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = triangles.subarray(t, t + 3);
    const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
    made.push(a, ab, ca, b, bc, ab, c, ca, bc, ab, bc, ca);
  }
  return { positions: Float32Array.from(places), triangles: Uint32Array.from(made) };
}

const speedMeshes = [
  meshes.spot ?? sphereMesh(0.9, 5),
  meshes['rocker-arm'] ?? divided(closedShapes().knot),
  divided(meshes['chair/107'] ?? divided(closedShapes().knot)),
];
console.log(
  '\nsigned queries a second, one thread, pseudonormals: DeepSDF’s mix in the order `prepare` asks, in random order; cube in random order',
);
print('triangles', '', '', '', 'as prepared', 'random', 'cube', 'Open3D');
const speed = speedMeshes.map((mesh, i) => {
  const query = new SignedDistanceQuery(mesh);
  const rowsOf = (uniformShare: number) =>
    sampleShape({ distance: () => 1 }, mesh, { count: 200_000, uniformShare }, new Random(1)).positive;
  const [mix, cube] = [rowsOf(0.06), rowsOf(1)];
  const asDrawn = Uint32Array.from({ length: 200_000 }, (_, row) => row);
  const row = {
    triangles: mesh.triangles.length / 3,
    prepared: queriesPerSecond(query, mix, spatialOrder(mix, 4)),
    random: queriesPerSecond(query, mix, asDrawn),
    cube: queriesPerSecond(query, cube, asDrawn),
    open3d: OPEN3D[i],
  };
  print(row.triangles, '', '', '', ...[row.prepared, row.random, row.cube, row.open3d].map((value) => value.toLocaleString('en')));
  return row;
});

console.log('\nCPU seconds a shape of 500,000 samples');
print('triangles', '', '', '', ...PREPARE_METHODS);
const shapeSeconds = speedMeshes.map((mesh) => {
  const seconds = PREPARE_METHODS.map((method) => {
    const cpu = process.cpuUsage();
    const { query, surface } = chooseQuery(mesh, method, DEFAULT_MULTI_VIEW_OPTIONS);
    sampleShape(query, surface, {}, new Random(1));
    return process.cpuUsage(cpu).user / 1e6;
  });
  print(mesh.triangles.length / 3, '', '', '', ...seconds.map((value) => value.toFixed(1)));
  return { triangles: mesh.triangles.length / 3, ...Object.fromEntries(PREPARE_METHODS.map((method, i) => [method, seconds[i]])) };
});
console.log(JSON.stringify({ machine: cpus()[0]?.model, node: process.version, pointCount, summary, speed, shapeSeconds, rows }));
