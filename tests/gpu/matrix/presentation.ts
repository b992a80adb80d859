import { PassPostProcess } from '@babylonjs/core/PostProcesses/passPostProcess.js';
import { projectedHeight } from '../../../plugin/baked/level-of-detail.js';
import { FrameBudget } from '../../../plugin/budget/frame-budget.js';
import { HiddenPixels } from '../../../plugin/material/hidden-pixels.js';
import type { Configurations, Stage } from '../../support/matrix.js';

/** Frames until the shape is drawn by the budget, and as is wanted. */
async function settle({ engine, scene, shape }: Stage, done: (budget: FrameBudget) => boolean): Promise<void> {
  const budget = FrameBudget.of(scene);
  for (let frame = 0; frame < 60; frame++) {
    engine.beginFrame();
    scene.render();
    engine.endFrame();
    await scene.whenReadyAsync();
    if (budget.shows(shape) && done(budget)) return;
    // Babylon loads parts of its shaders when they are first asked for.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('not settled after 60 frames');
}

/** Traced ahead of the picture, at a share of its resolution. */
function budgeted(stage: Stage, scale: number, sharpens: boolean): void {
  const budget = FrameBudget.of(stage.scene);
  budget.forcedScale = scale;
  budget.sharpensAtRest = sharpens;
  stage.shape.targetFrameTime = 16;
}

export const PRESENTATION: Configurations = {
  'MSAA, four samples': {
    effect: 0.003,
    differing: 0.002,
    arrange: ({ camera }) => {
      new PassPostProcess('multisampled', 1, camera).samples = 4;
    },
  },
  'frame budget, half the resolution': {
    effect: 0.0005,
    differing: 0.002,
    arrange: async (stage) => {
      budgeted(stage, 1 / 2, false);
      await settle(stage, (budget) => !budget.isSharp);
    },
  },
  'frame budget, sharpened at rest': {
    effect: 0,
    arrange: async (stage) => {
      budgeted(stage, 1 / 3, true);
      await settle(stage, (budget) => budget.isSharp);
    },
  },
  'level of detail, amid the fade': {
    effect: 0,
    arrange: ({ engine, shape, camera }) => {
      // The scene has not been rendered yet, so that its matrices are not there.
      camera.getScene().updateTransformMatrix(true);
      const height = projectedHeight(shape.computeWorldMatrix(true), shape.shapes.halfExtent, camera) * engine.getRenderHeight();
      shape.lodPixels = height / 1.25;
    },
  },
  'hidden pixels left out': ({ camera, boxes }) => {
    HiddenPixels.Enable(camera);
    boxes[0].position.set(0.4, 0.6, -0.9);
  },
};
