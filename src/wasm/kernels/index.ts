// @ts-nocheck: AssemblyScript, see layout.ts.
export { evaluatePoints } from './evaluation';
export { multiply } from './multiply';
export { runSlice } from './training';
export { adam, boundLatents, collectGradients } from './update';
export { foldGroups, packWeights } from './weights';
