/** From the options of a command line to a cluster. */
import { readFile } from 'node:fs/promises';
import {
  type Cluster,
  DEFAULT_NODE_COUNT,
  type NodeSpec,
  type TimingProfileName,
  createCluster,
  parseNodesFile,
} from '../simulator/index.ts';
import { SetupError } from './setup-error.ts';

const MAX_NODES = 10_000;

export interface StartOptions {
  /** A number, or the name of a file that describes machines. */
  readonly nodes?: string;
  readonly seed: number;
  readonly timing: TimingProfileName;
}

/**
 * A cluster whose virtual time begins now.
 * @throws SetupError for a file of nodes that cannot be read.
 */
export async function startCluster({ nodes, seed, timing }: StartOptions): Promise<Cluster> {
  return createCluster({ nodes: await readNodes(nodes), seed, timing, startTime: Date.now() });
}

async function readNodes(nodes: string | undefined): Promise<number | readonly NodeSpec[]> {
  if (nodes === undefined) return DEFAULT_NODE_COUNT;
  if (/^\d+$/.test(nodes)) {
    const count = Number(nodes);
    if (count < 1 || count > MAX_NODES) throw new SetupError(`--nodes ${nodes}: give 1 to ${MAX_NODES}`);
    return count;
  }
  let text: string;
  try {
    text = await readFile(nodes, 'utf8');
  } catch (error) {
    throw new SetupError(
      `--nodes ${nodes}: cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
    );
  }
  try {
    return parseNodesFile(text);
  } catch (error) {
    throw new SetupError(`--nodes ${nodes}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
