import GUI, { type Controller } from 'lil-gui';
import { DEFAULT_TRAIN_SPEC, defaultTrainingSettings } from '../../src/training/settings.js';
import { PANEL_OPENS_FROM } from '../studio.js';
import type { TrainingJob } from './protocol.js';

export interface PanelActions {
  /** One of `examples`. */
  example(name: string): void;
  start(): void;
  stop(): void;
  /** 0 is the first shape, 1 the second. */
  morph(position: number): void;
  save(): void;
}

/** The lil-gui panel of the training page. */
export class TrainPanel {
  private readonly _gui = new GUI({ title: 'Train here' });
  private readonly _state = { example: '', width: 64, layers: 4, octaves: 2, seconds: 40, morph: 0 };
  readonly readings = { engine: '–', speed: '–', step: '–', left: '–', chamfer: '–', picture: '–' };
  private readonly _settings: Controller[];
  private readonly _start: Controller;
  private readonly _stop: Controller;
  private readonly _morph: Controller;
  private readonly _save: Controller;
  private readonly _readouts: Controller[];

  constructor(examples: readonly string[], actions: PanelActions) {
    const { _gui: gui, _state: state } = this;
    state.example = examples[0];
    const example = gui.add(state, 'example', [...examples]).onChange((name: string) => actions.example(name));
    this._settings = [
      example,
      gui.add(state, 'width', [32, 48, 64, 96]),
      gui.add(state, 'layers', 2, 6, 1),
      gui.add(state, 'octaves', 0, 4, 1).name('Fourier octaves'),
      gui.add(state, 'seconds', 10, 300, 5),
    ];
    this._start = gui.add({ start: () => actions.start() }, 'start').name('train');
    this._stop = gui.add({ stop: () => actions.stop() }, 'stop').name('enough');
    this._morph = gui.add(state, 'morph', 0, 1, 0.005).onChange((value: number) => actions.morph(value));
    this._save = gui.add({ save: () => actions.save() }, 'save').name('save as .glb');
    const folder = gui.addFolder('Readings');
    this._readouts = Object.keys(this.readings).map((name) => {
      const controller = folder.add(this.readings, name as keyof TrainPanel['readings']).disable();
      controller.domElement.classList.add('readout');
      return controller;
    });
    this.state('empty', 0);
    if (innerWidth < PANEL_OPENS_FROM) gui.close();
  }

  /** What may be pressed. @param shapes that are there to morph between */
  state(now: 'empty' | 'ready' | 'training' | 'scoring' | 'trained', shapes: number): void {
    const busy = now === 'training' || now === 'scoring';
    for (const controller of this._settings) controller.enable(!busy);
    this._start.enable(now === 'ready' || now === 'trained');
    this._stop.enable(now === 'training');
    this._morph.show(shapes > 1).max(Math.max(1, shapes - 1));
    this._save.enable(now === 'trained');
  }

  refreshReadings(): void {
    for (const readout of this._readouts) readout.updateDisplay();
  }

  job(shapes: number): TrainingJob {
    const { width, layers, octaves, seconds } = this._state;
    const dims = Array<number>(layers).fill(width);
    const spec = { ...DEFAULT_TRAIN_SPEC, codeLength: 8, dims, normLayers: [...dims.keys()], fourierOctaves: octaves };
    return {
      spec,
      settings: { ...defaultTrainingSettings(spec), shapesPerStep: Math.min(4, shapes), samplesPerShape: 1024 },
      seconds,
      seed: 1,
    };
  }
}
