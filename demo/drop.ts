export interface DroppedFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** Files dropped anywhere on the page. While some hang over it, the body has the class `dragging`. */
export function acceptFiles(take: (files: readonly DroppedFile[]) => void, onError: (error: unknown) => void): void {
  const mark = (dragging: boolean): void => {
    document.body.classList.toggle('dragging', dragging);
  };
  addEventListener('dragover', (event) => {
    event.preventDefault();
    mark(true);
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) mark(false);
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    mark(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) Promise.all(files.map(readFile)).then(take, onError);
  });
}

/** Asks for a file by the browser's own dialog. */
export function chooseFile(accept: string, take: (file: DroppedFile) => void, onError: (error: unknown) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = accept;
  input.addEventListener('change', () => {
    if (input.files?.[0]) readFile(input.files[0]).then(take, onError);
  });
  input.click();
}

async function readFile(file: File): Promise<DroppedFile> {
  return { name: file.name, content: new Uint8Array(await file.arrayBuffer()) };
}
