import { Command } from 'commander';
import { formatExperiment } from '../../asset/experiment-export.js';
import { writeExperimentFolder } from '../../asset/experiment-folder-node.js';
import { readAsset } from '../files.js';
import { type CommonOptions, withCommonOptions } from '../options.js';
import { createTerminal } from '../terminal.js';

interface ExportOptions extends CommonOptions {
  readonly output: string;
}

/** `export`: an asset to what DeepSDF's PyTorch code loads. */
export function exportCommand(): Command {
  const command = new Command('export')
    .description('write an asset as a DeepSDF experiment folder, for PyTorch: specs.json, ModelParameters, LatentCodes')
    .argument('<asset>', 'a .glb with neural shapes')
    .requiredOption('-o, --output <folder>', 'where the experiment folder goes');
  return withCommonOptions(command, 'neural-sdf export cups.glb -o experiments/cups').action(
    async (path: string, options: ExportOptions) => {
      const terminal = createTerminal(options);
      const asset = await readAsset(path);
      const { beyondDeepSdf, ...files } = formatExperiment(asset);
      await writeExperimentFolder(options.output, files);
      if (beyondDeepSdf.length > 0) {
        terminal.warn(
          `this decoder has ${beyondDeepSdf.join(', ')}, which DeepSDF's own decoder class does not know: torch.load reads the tensors, but only \`import\` rebuilds the decoder`,
        );
      }
      const { length: shapes } = asset.shapes;
      terminal.result(
        { output: options.output, shapes, beyondDeepSdf },
        `${options.output}: specs.json, ModelParameters/latest.pth, LatentCodes/latest.pth of ${shapes} shapes`,
      );
    },
  );
}
