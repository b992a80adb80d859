import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import type { Decoder } from '../src/decoder/decoder.js';
import { multiplyAddsPerEvaluation } from '../src/decoder/spec.js';

/** Multiply-adds an evaluation beyond which weights as literals take minutes to compile: a 4x64 decoder has 13,000, a 4x128 one 50,000. */
const MOST_MULTIPLY_ADDS = 40_000;

const warned = new Set<string>();

/** Whether shapes of a decoder can be traced on an engine; if not, the reason is logged, once. */
export function canTrace(engine: AbstractEngine, decoder: Decoder): boolean {
  const reason = reasonAgainst(engine, decoder);
  if (reason === undefined) return true;
  if (!warned.has(reason)) {
    warned.add(reason);
    Logger.Warn(`babylon-neural-sdf: ${reason}, so baked meshes are shown instead of traced shapes`);
  }
  return false;
}

function reasonAgainst(engine: AbstractEngine, decoder: Decoder): string | undefined {
  if (!engine.isWebGPU) return 'this engine is not WebGPU';
  const cost = multiplyAddsPerEvaluation(decoder.spec);
  return cost > MOST_MULTIPLY_ADDS
    ? `a decoder of ${cost} multiply-adds is too wide to trace (the most is ${MOST_MULTIPLY_ADDS})`
    : undefined;
}
