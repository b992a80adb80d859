/** The loss over time as a small picture: time across, loss downward in decades. */
export class LossCurve {
  private readonly _path: SVGPathElement;
  private readonly _label: HTMLElement;
  private _points: { share: number; loss: number }[] = [];

  constructor(host: HTMLElement) {
    host.innerHTML = `<svg viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true">
<path class="grid" d="M0 10H100M0 20H100M0 30H100"/><path class="loss"/></svg><span></span>`;
    this._path = host.querySelector('.loss') as SVGPathElement;
    this._label = host.querySelector('span') as HTMLElement;
  }

  clear(): void {
    this._points = [];
    this._draw();
  }

  add(share: number, loss: number): void {
    if (loss > 0) this._points.push({ share, loss });
    this._draw();
  }

  /** Four decades, from 0.1 down to 0.00001 model units. */
  private _draw(): void {
    const y = (loss: number) => Math.min(40, Math.max(0, 10 * (-1 - Math.log10(loss))));
    this._path.setAttribute('d', this._points.map(({ share, loss }, i) => `${i ? 'L' : 'M'}${100 * share} ${y(loss)}`).join(''));
    const last = this._points.at(-1);
    this._label.textContent = last ? `mean error ${last.loss.toFixed(5)}` : '';
  }
}
