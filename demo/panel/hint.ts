import type { Controller, GUI } from 'lil-gui';

/** Says what a control does to whoever lingers over it, or has it read aloud. @returns the control */
export function hint<C extends Controller>(controller: C, text: string): C {
  controller.domElement.title = text;
  return controller;
}

/** Folders of panels that are gone, by title: whether each was closed. A panel that is made anew looks as the last one did. */
const closed = new Map<string, boolean>();

/** @param startsClosed until somebody opens or closes it */
export function addFolder(gui: GUI, title: string, startsClosed = false): GUI {
  const folder = gui.addFolder(title);
  if (closed.get(title) ?? startsClosed) folder.close();
  folder.$title.addEventListener('click', () => closed.set(title, folder._closed));
  return folder;
}
