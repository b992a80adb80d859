import type { Controller, GUI } from 'lil-gui';
import { colorOf, SURFACES, type Surface, setColor } from '../finish.js';
import type { Show } from '../show.js';
import { addFolder, hint } from './hint.js';

/** What the pieces are made of: Babylon's own PBRMaterial. */
export class MaterialFolder {
  private readonly _state = { surface: 'plain' as Surface, color: '#ffffff', roughness: 0.5, metalness: 0 };
  private readonly _controls: Controller[];

  /** @param traced whether shapes are: baked meshes without WebGPU take no triplanar textures */
  constructor(
    gui: GUI,
    private readonly _show: Show,
    private readonly _picked: () => number,
    changed: () => void,
    traced: boolean,
  ) {
    const { _state: state } = this;
    const folder = addFolder(gui, 'Material', true);
    const edit = (change: () => void): void => {
      change();
      changed();
    };
    const material = () => _show.pieces[_picked()].material;
    this._controls = [
      hint(
        folder.addColor(state, 'color').onChange((hex: string) => edit(() => setColor(material(), hex))),
        'Albedo of the picked piece.',
      ),
      hint(
        folder.add(state, 'roughness', 0.05, 1, 0.01).onChange((value: number) => edit(() => (material().roughness = value))),
        'From a mirror to chalk.',
      ),
      hint(
        folder.add(state, 'metalness', 0, 1, 0.01).onChange((value: number) => edit(() => (material().metallic = value))),
        'From lacquer to metal.',
      ),
    ];
    if (!traced) return;
    const surface = folder.add(state, 'surface', [...SURFACES]).onChange((surface: Surface) => edit(() => (_show.surface = surface)));
    hint(surface, 'Textures without texture coordinates: projected along three axes, on every piece.');
  }

  /** Shows the picked piece. */
  follow(): void {
    const { material } = this._show.pieces[this._picked()];
    Object.assign(this._state, { color: colorOf(material), roughness: material.roughness ?? 1, metalness: material.metallic ?? 0 });
    for (const control of this._controls) control.updateDisplay();
  }
}
