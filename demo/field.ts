import { Color4 } from '@babylonjs/core/Maths/math.color.js';
import type { InstancedMesh } from '@babylonjs/core/Meshes/instancedMesh.js';
import { type NeuralSdfInstance, NeuralSdfMesh } from '../plugin/index.js';
import { Random } from '../src/random.js';
import { Finish, type Surface } from './finish.js';
import type { StanceTable } from './stance.js';
import type { Studio } from './studio.js';

export const MOST_IN_FIELD = 60;

/** Metres between neighbours, and from the origin to the first row. */
const APART = 1.2;
const FIRST_ROW = 1.9;
const COLUMNS = 9;
/** Muted, and darker towards none: what multiplies the paint, a field of one colour would be dull. */
const TINTS = ['#ffffff', '#c9b79c', '#9fb3a4', '#8f9fb5', '#b58f86', '#6f6a66'] as const;

/** Many more of the asset's shapes behind the row: instances of one mesh, drawn in one call, each with its own latent code and colour. */
export class Field {
  private _source: NeuralSdfMesh | undefined;
  private _finish: Finish | undefined;
  private readonly _instances: NeuralSdfInstance[] = [];
  /** Of each that there may be: shape, colour, and where it looks, 0 to 1. */
  private readonly _chances: readonly (readonly number[])[];
  private _surface: Surface = 'plain';

  /** @param _model a mesh of the asset, to clone */
  constructor(
    private readonly _model: NeuralSdfMesh,
    private readonly _stances: StanceTable,
    private readonly _studio: Studio,
    private readonly _changed: () => void,
  ) {
    const random = new Random(11);
    this._chances = Array.from({ length: MOST_IN_FIELD }, () => [0, 1, 2].map(() => random.uniform()));
  }

  /** Only what is traced by evaluating its decoder draws many latent codes at once. */
  get isPossible(): boolean {
    const { form } = this._model.traceStatus;
    return form === 'literals' || form === 'buffer';
  }

  get count(): number {
    return this._instances.length + (this._source ? 1 : 0);
  }

  /** 0 to MOST_IN_FIELD. */
  set count(count: number) {
    if (count === 0) this._clear();
    else this._source ??= this._plantSource();
    while (this.count < count) this._plant(this.count);
    while (this.count > count) this._instances.pop()?.dispose();
    this._studio.hasField = count > 0;
    this._changed();
  }

  set surface(surface: Surface) {
    this._surface = surface;
    if (this._finish) this._finish.surface = surface;
  }

  dispose(): void {
    this._clear();
    this._studio.hasField = false;
  }

  private _clear(): void {
    for (const instance of this._instances.splice(0)) instance.dispose();
    this._source?.dispose();
    this._finish?.dispose();
    this._source = undefined;
    this._finish = undefined;
  }

  private _plantSource(): NeuralSdfMesh {
    this._finish = new Finish(this._studio, 'field finish', 1);
    this._finish.material.albedoColor.set(0.8, 0.76, 0.7);
    this._finish.surface = this._surface;
    // Not a clone: instances of a mesh that was ever edited show its own latent code.
    const { material } = this._finish;
    const source = NeuralSdfMesh.Create('field', this._model.shapes, this._studio.scene, { material, lodPixels: 0 });
    source.onTracedChangedObservable.add(this._changed);
    source.receiveShadows = true;
    source.registerInstancedBuffer('color', 4);
    this._place(source, 0);
    return source;
  }

  private _plant(index: number): void {
    const instance = this._source!.createInstance(`field ${index}`);
    this._instances.push(instance);
    this._place(instance, index);
  }

  private _place(one: NeuralSdfMesh | NeuralSdfInstance, index: number): void {
    const [shape, tint, turn] = this._chances[index];
    const { shapes } = this._model.shapes;
    const { latent } = shapes[Math.floor(shape * shapes.length)];
    one.setLatent(latent);
    const { scale, height } = this._stances.at(latent);
    // From the middle of each row outwards: 0, 1, -1, 2, -2 ...
    const along = index % COLUMNS;
    const column = (along % 2 === 0 ? -1 : 1) * Math.ceil(along / 2);
    const row = Math.floor(index / COLUMNS);
    one.scaling.setAll(scale);
    one.position.set((column + 0.5 * (row % 2)) * APART, height, -FIRST_ROW - row * APART);
    one.rotationQuaternion = null;
    one.rotation.set(0, 1.2 * turn - 0.6, 0);
    one.instancedBuffers.color = Color4.FromHexString(`${TINTS[Math.floor(tint * TINTS.length)]}ff`);
    one.isPickable = false;
    this._studio.castShadow(one as NeuralSdfMesh | InstancedMesh);
  }
}
