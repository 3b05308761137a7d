/** The program: `kubevirt-simulator serve` and `kubevirt-simulator run`. Each command loads only what it needs. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { ServeOptions } from './serve.ts';
import { SetupError } from './setup-error.ts';

const TIMINGS = ['instant', 'fast', 'realistic'];

function wholeNumber(from: number, to: number): (text: string) => number {
  return text => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < from || number > to) {
      throw new InvalidArgumentError(`It is no whole number from ${from} to ${to}.`);
    }
    return number;
  };
}

/** `10`, `10x`, `0.5x`: virtual seconds a wall second. */
function speed(text: string): number {
  const match = /^(\d+(?:\.\d+)?)x?$/.exec(text.trim());
  if (!match) throw new InvalidArgumentError('It is no speed such as 10x or 0.5.');
  return Number(match[1]);
}

function program(): Command {
  const seed = () =>
    new Option('--seed <N>', 'what all names, addresses and delays follow from').argParser(
      wholeNumber(0, 2 ** 31 - 1),
    );
  const root = new Command('kubevirt-simulator')
    .description('A whole KubeVirt cluster in one process and in memory.')
    .showSuggestionAfterError()
    // One line, its suggestion included.
    .configureOutput({ outputError: (text, write) => write(text.replace(/\n\((.*)\)/, ' ($1)')) });
  root
    .command('serve')
    .description('serve a cluster to kubectl, virtctl and every other client')
    .option('--port <N>', 'port to listen on; 0: any free one', wholeNumber(0, 65_535), 6443)
    .option('--bind <ADDRESS>', 'address to listen on', '127.0.0.1')
    .option('--kubeconfig <FILE>', 'kubeconfig to write', '.kubevirt-simulator/kubeconfig')
    .option('--nodes <N|FILE>', 'number of worker nodes, or a file that describes them')
    .addOption(seed().default(1))
    .option('--speed <X>', 'virtual seconds a second, such as 10x', speed, 1)
    .addOption(new Option('--timing <PROFILE>', 'how long things take').choices(TIMINGS).default('fast'))
    .option('--load <FILE...>', 'manifests to apply at start')
    .action(async (options: ServeOptions) => {
      const { serve } = await import('./serve.ts');
      await serve(options);
    });
  root
    .command('run')
    .description('play scenarios and say whether they passed')
    .argument('<FILE...>', 'scenarios')
    .addOption(seed())
    .action(async (files: string[], options: { seed?: number }) => {
      const { runCommand } = await import('../scenarios/index.ts');
      process.exitCode = await runCommand(files, options);
    });
  return root;
}

try {
  await program().parseAsync();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exit(1);
}
