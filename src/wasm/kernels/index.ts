// @ts-nocheck: AssemblyScript, see layout.ts.
export { evaluatePoints } from './evaluation';
export { multiply, usePairs } from './multiply';
export { runStep } from './step';
export { boundLatents } from './update';
export { foldGroups, gatherCodes, packWeights } from './weights';
