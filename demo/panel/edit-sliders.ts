import type { GUI } from 'lil-gui';
import { CombineEdit, CutEdit, type Edit, type EditLimits, RoundEdit, ShellEdit } from '../../plugin/index.js';
import { hint } from './hint.js';

/** What an edit's sliders need to know. */
export interface EditContext {
  readonly limits: EditLimits;
  /** Half the side of the box, model units. */
  readonly halfExtent: number;
  readonly shapeNames: readonly string[];
  /** Called after a change. */
  edited(): void;
  onError(error: unknown): void;
}

/** What an edit is called in a list. */
export function titleOf(edit: Edit): string {
  if (!(edit instanceof CombineEdit)) return edit.type;
  return `${edit.type} ${edit.operand.kind === 'shape' ? 'another shape' : edit.operand.kind}`;
}

/** A live control for each number of an edit, which `updateDisplay` brings to what the edit says. */
export function addEditSliders(gui: GUI, edit: Edit, context: EditContext): void {
  const { limits, halfExtent } = context;
  const sliders = new Sliders(gui, context);
  if (edit instanceof CombineEdit) {
    sliders.add('smoothness', 'Width of the blend; 0 is a sharp edge.', [0, limits.smoothness], {
      read: () => edit.smoothness,
      write: (smoothness) => edit.set({ smoothness }),
    });
    addPlace(sliders, edit, halfExtent);
    addSizes(sliders, edit);
    if (edit.operand.kind === 'shape') addShape(sliders, edit, context.shapeNames);
  } else if (edit instanceof CutEdit) {
    addPlane(sliders, edit, context);
  } else if (edit instanceof RoundEdit) {
    sliders.add('radius', 'By how much the shape swells.', [0, limits.offset], {
      read: () => edit.radius,
      write: (radius) => edit.set({ radius }),
    });
  } else if (edit instanceof ShellEdit) {
    sliders.add('thickness', 'Of the wall.', [0.005, 2 * limits.offset], {
      read: () => edit.thickness,
      write: (thickness) => edit.set({ thickness }),
    });
  }
  const on = sliders.bind('on', { read: () => edit.enabled, write: (enabled) => edit.set({ enabled }) });
  hint(gui.add(on, 'on'), 'An operation that is off costs nothing.');
}

/** A value of an edit. `write` throws where the edit refuses it, and then nothing has changed. */
interface Access<T> {
  read(): T;
  write(value: T): void;
}

class Sliders {
  constructor(
    readonly gui: GUI,
    private readonly _context: EditContext,
  ) {}

  add(name: string, text: string, [low, high]: readonly [number, number], access: Access<number>): void {
    const step = high - low > 10 ? 1 : 0.005;
    hint(this.gui.add(this.bind(name, access), name, low, high, step), text);
  }

  /** An object for lil-gui, whose one property is the edit's value. */
  bind<T>(name: string, { read, write }: Access<T>): Record<string, T> {
    const set = (value: T): void => {
      try {
        write(value);
        this._context.edited();
      } catch (error) {
        this._context.onError(error);
      }
    };
    return Object.defineProperty({} as Record<string, T>, name, { get: read, set, enumerable: true });
  }
}

/** Lengths of an operand, model units. */
const SIZE = [0.02, 1.2] as const;

function addPlace(sliders: Sliders, edit: CombineEdit, halfExtent: number): void {
  const { operand } = edit;
  for (const axis of ['x', 'y', 'z'] as const) {
    sliders.add(axis, 'Where the operand is. The arrows in the picture move it as well.', [-halfExtent, halfExtent], {
      read: () => operand.position[axis],
      write: (value) => {
        const position = operand.position.clone();
        position[axis] = value;
        edit.set({ operand: { position } });
      },
    });
  }
}

const SIDES = { x: 'width', y: 'height', z: 'depth' } as const;

function addSizes(sliders: Sliders, edit: CombineEdit): void {
  const { operand } = edit;
  if (operand.kind === 'box') {
    for (const axis of ['x', 'y', 'z'] as const) {
      sliders.add(SIDES[axis], 'Whole length of this side.', SIZE, {
        read: () => operand.size![axis],
        write: (value) => {
          const size = operand.size!.clone();
          size[axis] = value;
          edit.set({ operand: { size } });
        },
      });
    }
  }
  // A capsule is at least as long as its caps: what is between them is what its slider sets.
  const caps = () => (operand.kind === 'capsule' ? 2 * operand.radius! : 0);
  if (operand.radius !== undefined) {
    sliders.add('radius', 'Of the operand; of a ring, to the middle of its tube.', SIZE, {
      read: () => operand.radius!,
      write: (radius) => {
        const height = operand.kind === 'capsule' ? { height: operand.height! - caps() + 2 * radius } : {};
        edit.set({ operand: { radius, ...height } });
      },
    });
  }
  if (operand.height !== undefined) {
    sliders.add('length', 'Along the operand’s own axis, without caps.', [SIZE[0], 2], {
      read: () => operand.height! - caps(),
      write: (length) => edit.set({ operand: { height: length + caps() } }),
    });
  }
  if (operand.tube !== undefined) {
    sliders.add('tube', 'Radius of the ring’s cross-section.', SIZE, {
      read: () => operand.tube!,
      write: (tube) => edit.set({ operand: { tube } }),
    });
  }
}

function addShape(sliders: Sliders, edit: CombineEdit, names: readonly string[]): void {
  sliders.add('scale', 'Of the other shape.', [0.3, 1.5], {
    read: () => edit.operand.scale,
    write: (scale) => edit.set({ operand: { scale } }),
  });
  const shape = sliders.bind('shape', {
    read: () => edit.operand.shape as number,
    write: (value) => edit.set({ operand: { shape: value } }),
  });
  hint(sliders.gui.add(shape, 'shape', Object.fromEntries(names.map((name, i) => [name, i]))), 'Any shape of the same decoder.');
}

const DEGREES = 180 / Math.PI;

/** The normal as two angles: about the upright axis, and up from the floor. */
function addPlane(sliders: Sliders, edit: CutEdit, { limits, halfExtent }: EditContext): void {
  const turn = () => DEGREES * Math.atan2(edit.normal.x, edit.normal.z);
  const tilt = () => DEGREES * Math.asin(Math.min(1, Math.max(-1, edit.normal.y / edit.normal.length())));
  const aim = (turned: number, tilted: number): void => {
    const [t, u] = [turned / DEGREES, tilted / DEGREES];
    edit.set({ normal: [Math.sin(t) * Math.cos(u), Math.sin(u), Math.cos(t) * Math.cos(u)] });
  };
  sliders.add('offset', 'Of the plane from the middle.', [-halfExtent, halfExtent], {
    read: () => edit.offset,
    write: (offset) => edit.set({ offset }),
  });
  sliders.add('turn', 'About the upright axis, degrees.', [-180, 180], { read: turn, write: (value) => aim(value, tilt()) });
  // Straight up has no turn left to read.
  sliders.add('tilt', 'Up from level, degrees.', [-89, 89], { read: tilt, write: (value) => aim(turn(), value) });
  sliders.add('smoothness', 'Width of the blend; 0 is a sharp edge.', [0, limits.smoothness], {
    read: () => edit.smoothness,
    write: (smoothness) => edit.set({ smoothness }),
  });
}
