import { checkCollapse } from './collapse.js';

/** Steps that the means go over. */
const SMOOTHING_STEPS = 100;

/** Moving means of a run's loss and of a constant's, model units. */
export class MovingLoss {
  loss = 0;
  baseline = 0;

  restore(loss: number, baseline: number): void {
    this.loss = loss;
    this.baseline = baseline;
  }

  /**
   * Takes a step's losses in.
   * @param step steps taken, this one included
   * @throws NeuralSdfError TRAINING_COLLAPSED
   */
  add(step: number, loss: number, constantLoss: number): void {
    const weight = Math.max(1 / SMOOTHING_STEPS, 1 / step);
    this.loss += (loss - this.loss) * weight;
    this.baseline += (constantLoss - this.baseline) * weight;
    checkCollapse(step, loss, this.loss, this.baseline);
  }
}
