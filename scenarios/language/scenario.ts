/** A scenario file as a whole, and its JSON schema. */
import {
  type ClusterOptions,
  HardwareError,
  type JsonObject,
  type NodeSpec,
  TIMING_PROFILES,
  type TimingProfileName,
  parseNodesFile,
} from '../../simulator/index.ts';
import { type ReadFields, mapping, optional, required } from './mapping.ts';
import { type Definitions, type Shape, byForm, choice, list, moment, text, wholeNumber } from './shapes.ts';
import { Source, type SourceText, type Spot } from './source.ts';
import { type Step, step } from './step.ts';

export const API_VERSION = 'simulator.kubevirt.io/v1alpha1';

export interface Scenario {
  readonly file: string;
  readonly name: string;
  readonly title: string;
  readonly cluster: Pick<ClusterOptions, 'nodes' | 'seed' | 'startTime' | 'timing'>;
  readonly steps: readonly Step[];
}

const MOST_NODES = 10_000;
export const MOST_SEED = 2 ** 31 - 1;

/** A list of machines, as the file of `serve --nodes` has it. */
const nodeList: Shape<NodeSpec[]> = {
  read: (spot, source) => {
    try {
      return parseNodesFile(JSON.stringify(source.valueOf(spot)));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const path = error.cause instanceof HardwareError ? error.cause.path : [];
      const problem = error.cause instanceof HardwareError ? error.cause.problem : error.message;
      return source.fail(nearest(spot, path, source), problem);
    }
  },
  schema: () => ({
    type: 'array',
    minItems: 1,
    items: { type: 'object', properties: { profile: {}, count: { type: 'integer', minimum: 1 } } },
  }),
};

/** The place of a value inside another, or of the nearest thing around it. */
function nearest(spot: Spot, path: readonly (string | number)[], source: Source): Spot {
  const [first, ...rest] = path;
  if (first === undefined) return spot;
  const map = source.mapOf(spot);
  const entry = map && source.entries(map, spot.path).find(({ key }) => key === first);
  const inner = entry?.value ?? (typeof first === 'number' ? source.items(spot)?.[first] : undefined);
  if (inner) return nearest(inner, rest, source);
  return { ...spot, path: `${spot.path}${typeof first === 'number' ? `[${first}]` : `.${first}`}` };
}

const timings = Object.keys(TIMING_PROFILES) as TimingProfileName[];

const clusterFields = {
  nodes: optional(
    'how many ordinary servers, or a list of machines by hardware profile',
    byForm({ scalar: wholeNumber(1, MOST_NODES), list: nodeList }),
  ),
  timing: optional('how long things take', choice(timings)),
  seed: optional('what all names, addresses and delays follow from', wholeNumber(0, MOST_SEED)),
  startTime: optional('where virtual time begins', moment),
};

const scenarioFields = {
  apiVersion: required('the version of the language', choice([API_VERSION])),
  kind: required('what the file is', choice(['Scenario'])),
  metadata: required(
    'who it is',
    mapping({
      name: required('a short name', text),
      title: optional('one line that says what it shows', text),
    }),
  ),
  spec: required(
    'what happens',
    mapping({
      cluster: optional('the cluster at the beginning', mapping(clusterFields)),
      steps: required('what is done, in order', list(step, 1)),
    }),
  ),
};

const scenario: Shape<ReadFields<typeof scenarioFields>> = mapping(scenarioFields);

/**
 * Reads a scenario. Kinds are looked up when it is run.
 * @throws ScenarioError with file, line and column for the first thing that is wrong.
 */
export function parseScenario(text_: SourceText, readFile?: (path: string) => string): Scenario {
  const source = new Source(text_, readFile);
  const { metadata, spec } = scenario.read(source.root, source);
  return {
    file: source.file,
    name: metadata.name,
    title: metadata.title ?? metadata.name,
    cluster: spec.cluster ?? {},
    steps: spec.steps,
  };
}

/** The language as a JSON schema, for editors: what `schema.json` holds. */
export function scenarioSchema(): JsonObject {
  const definitions: Definitions = new Map();
  const schema = scenario.schema(definitions);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `https://${API_VERSION.replace('/', '/schemas/')}/scenario.json`,
    title: 'Scenario of the KubeVirt simulator',
    ...schema,
    $defs: Object.fromEntries(definitions),
  };
}
