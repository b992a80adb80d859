// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { collectLatents, collectRows, LATENT_CHUNK, sumTiles } from './gradients';
import { layerAt, Plan } from './layout';
import { runSlice } from './training';
import { clipFactor, decoderChunks, latentChunks, measureChunk, updateChunk } from './update';
import { foldRows, packRows } from './weights';

/*
 * A step is a row of phases, a phase a number of jobs that threads take from a counter. Where a job writes and in which order it adds
 * does not depend on its thread: the result has the same bits for any number of threads.
 */

const PACK: usize = 0;
const SLICES: usize = 1;
const GROUPS: usize = 2;
const COLLECT: usize = 3;
const MEASURE: usize = 4;
const UPDATE: usize = 5;
/** As ../layout.ts has it. */
const PHASES: usize = 6;

/** A phase's two counters, jobs taken and jobs done, on cache lines of their own; behind all of them, whether a thread has failed. */
const DONE: usize = 64;
const COUNTER_BYTES: usize = 128;
const FAILED: usize = PHASES * COUNTER_BYTES;

/** Rows of a layer that a job packs or collects: a multiple of 5. */
const ROWS: usize = 20;
/** Some 20 microseconds: what threads wait for mostly takes less, and waking up more. */
const SPINS: i32 = 1000;
const NAP_NANOSECONDS: i64 = 1000000;

function rowJobs(plan: Plan): usize {
  let jobs: usize = 0;
  for (let index: usize = 0; index < plan.layerCount; index++) jobs += (layerAt(plan, index).outputs + ROWS - 1) / ROWS;
  return jobs;
}

function jobsOf(plan: Plan, phase: usize): usize {
  if (phase === PACK) return rowJobs(plan);
  if (phase === SLICES) return plan.slices;
  if (phase === GROUPS) return plan.groups;
  if (phase === COLLECT) return rowJobs(plan) + (plan.codeLength + LATENT_CHUNK - 1) / LATENT_CHUNK;
  if (phase === MEASURE) return plan.gradientClip > 0 ? decoderChunks(plan) : 0;
  return decoderChunks(plan) + latentChunks(plan);
}

function runJob(plan: Plan, workspace: usize, phase: usize, job: usize, clip: f32): void {
  if (phase === SLICES) runSlice(plan, workspace, job);
  else if (phase === GROUPS) sumTiles(plan, job);
  else if (phase === MEASURE) measureChunk(plan, job);
  else if (phase === UPDATE) updateChunk(plan, job, clip);
  else runRows(plan, workspace, phase, job);
}

function runRows(plan: Plan, workspace: usize, phase: usize, job: usize): void {
  for (let index: usize = 0; index < plan.layerCount; index++) {
    const layer = layerAt(plan, index);
    const jobs = (layer.outputs + ROWS - 1) / ROWS;
    if (job < jobs) {
      const first = job * ROWS;
      const end = min(layer.outputs, first + ROWS);
      if (phase === COLLECT) collectRows(plan, index, first, end, workspace + plan.scratch);
      else {
        packRows(plan, layer, first, end, workspace + plan.scratch);
        foldRows(plan, index, first, end);
      }
      return;
    }
    job -= jobs;
  }
  collectLatents(plan, job, workspace + plan.scratch);
}

/** One training step: every thread calls this, once the counters are zero and each group's code is gathered. */
export function runStep(plan: Plan, thread: usize): void {
  const workspace = plan.workspaces + thread * plan.workspaceStride;
  for (let phase: usize = 0; phase < PHASES; phase++) {
    const taken = plan.counters + phase * COUNTER_BYTES;
    const done = taken + DONE;
    const jobs = jobsOf(plan, phase);
    const clip = phase === UPDATE ? clipFactor(plan) : 1;
    for (let job: usize = atomic.add<u32>(taken, 1); job < jobs; job = atomic.add<u32>(taken, 1)) {
      runJob(plan, workspace, phase, job, clip);
      if (atomic.add<u32>(done, 1) + 1 === <u32>jobs && plan.mayBlock) atomic.notify(done, -1);
    }
    for (let spins = 0; ; spins++) {
      const count = atomic.load<u32>(done);
      if (count >= <u32>jobs) break;
      // Whoever called says why.
      if (atomic.load<u32>(plan.counters + FAILED)) return;
      if (spins > SPINS && plan.mayBlock) atomic.wait<i32>(done, count, NAP_NANOSECONDS);
    }
  }
}
