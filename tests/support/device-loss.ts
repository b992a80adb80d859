import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import type { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { type MockInstance, vi } from 'vitest';
import { deviceOf } from '../../plugin/device.js';

/** The moments of a frame at which a test may lose the device. */
export type FrameStep = 'begin' | 'shadow' | 'after the shadow' | 'draw' | 'end' | 'done';

/** Loses the device. @returns resolves once Babylon has another */
export function loseDevice(engine: WebGPUEngine): Promise<void> {
  const restored = new Promise<void>((resolve) => engine.onContextRestoredObservable.addOnce(() => resolve()));
  deviceOf(engine).destroy();
  return restored;
}

/** Lets so many turns of the event loop pass. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A frame, step by step; `at` is called before each. @param shadows whose map is among the steps */
export function drawFrame(scene: Scene, at: (step: FrameStep) => void = () => {}, shadows?: ShadowGenerator): void {
  const engine = scene.getEngine();
  const observers = [
    shadows?.onBeforeShadowMapRenderObservable.addOnce(() => at('shadow')),
    shadows?.onAfterShadowMapRenderObservable.addOnce(() => at('after the shadow')),
    scene.onBeforeDrawPhaseObservable.addOnce(() => at('draw')),
  ];
  at('begin');
  engine.beginFrame();
  scene.render();
  at('end');
  engine.endFrame();
  at('done');
  for (const observer of observers) observer?.remove();
}

/** Listens to the log. @returns errors and warnings from now on, but for Babylon's own warnings of a lost device */
export function listenToLog(): () => string[] {
  const [errors, warnings] = [vi.spyOn(Logger, 'Error'), vi.spyOn(Logger, 'Warn').mockImplementation(() => {})];
  const said = (spy: MockInstance) => spy.mock.calls.map(([message]) => String(message));
  return () => [...said(errors), ...said(warnings).filter((message) => !/context lost|successfully restored/.test(message))];
}
