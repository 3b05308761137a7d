/** A scenario on its way: a cluster, the step that comes next, and what has been found so far. */
import {
  type Cluster,
  type ClusterOptions,
  DEFAULT_NODE_COUNT,
  DEFAULT_SETTINGS,
  LivelockError,
  createCluster,
} from '../../simulator/index.ts';
import { type Scenario, parseScenario } from '../language/scenario.ts';
import type { SourceText } from '../language/source.ts';
import type { Step } from '../language/step.ts';
import { JournalDigest } from './digest.ts';
import { lastWrites } from './history.ts';
import { Kinds } from './kinds.ts';
import type { Failure, ScenarioResult, StepResult } from './result.ts';
import { type Problem, type Session, StepFailure } from './session.ts';

export interface RunOptions {
  /** Overrides the scenario's own. */
  readonly seed?: number;
  /** Reads files that the scenario names; by default from disk. */
  readonly readFile?: (path: string) => string;
}

/** Journal entries that a node's installation may take. */
const ENTRIES_PER_NODE = 40;

export class ScenarioRun {
  readonly scenario: Scenario;
  readonly cluster: Cluster;
  readonly #session: Session;
  readonly #digest: JournalDigest;
  readonly #results: StepResult[];
  #failed = false;

  private constructor(
    scenario: Scenario,
    session: Session,
    digest: JournalDigest,
    results: StepResult[],
    failed: boolean,
  ) {
    this.scenario = scenario;
    this.cluster = session.cluster;
    this.#session = session;
    this.#digest = digest;
    this.#results = results;
    this.#failed = failed;
  }

  /**
   * Makes the cluster; no step is done yet.
   * @throws ScenarioError when a step names a kind that nobody serves.
   */
  static begin(scenario: Scenario, { seed }: RunOptions = {}): ScenarioRun {
    const cluster = createCluster(clusterOptions(scenario, seed));
    const session: Session = {
      cluster,
      kinds: new Kinds(cluster.registry),
      // Settings tell when it was installed, which was before.
      startTime: cluster.now,
    };
    for (const step of scenario.steps) step.check(session.kinds);
    return new ScenarioRun(scenario, session, JournalDigest.of(cluster), [], false);
  }

  /** Another run with the same past, in microseconds. Neither sees what the other does from here on. */
  fork(): ScenarioRun {
    const cluster = this.cluster.fork();
    const session = { ...this.#session, cluster };
    return new ScenarioRun(
      this.scenario,
      session,
      this.#digest.continueOn(cluster),
      [...this.#results],
      this.#failed,
    );
  }

  /** Does the next step; undefined when there is none left. After a failure the rest is skipped. */
  step(): StepResult | undefined {
    const step = this.scenario.steps[this.#results.length];
    if (!step) return undefined;
    const result = this.#failed ? this.#result(step, 'skipped', this.cluster.now) : this.#do(step);
    this.#failed ||= result.outcome === 'failed';
    this.#results.push(result);
    return result;
  }

  /** Does what is left, and says what the whole has come to. */
  finish(): ScenarioResult {
    while (this.step());
    const { file, name, title } = this.scenario;
    const { settings, now, revision } = this.cluster;
    return {
      file,
      name,
      title,
      seed: settings.seed,
      passed: !this.#failed,
      startTime: this.#session.startTime,
      endTime: now,
      revision,
      steps: [...this.#results],
      digest: this.#digest.hex,
    };
  }

  #do(step: Step): StepResult {
    const begin = this.cluster.now;
    try {
      const detail = step.run(this.#session);
      return { ...this.#result(step, 'passed', begin), ...(detail !== undefined && { detail }) };
    } catch (error) {
      return { ...this.#result(step, 'failed', begin), failures: this.#failures(problemsOf(error)) };
    }
  }

  #result(step: Step, outcome: StepResult['outcome'], begin: number): StepResult {
    return {
      number: this.#results.length + 1,
      verb: step.verb,
      title: step.name ?? step.title,
      place: step.place,
      ...(step.narration !== undefined && { narration: step.narration }),
      outcome,
      begin,
      end: this.cluster.now,
      failures: [],
    };
  }

  #failures(problems: readonly Problem[]): Failure[] {
    return problems.map(problem => ({
      ...problem,
      time: this.cluster.now,
      revision: this.cluster.revision,
      lastWrites: problem.subject ? lastWrites(this.cluster, problem.subject) : [],
    }));
  }
}

/** Runs a scenario from beginning to end. Reads nothing but the files that it names. */
export function runScenario(source: SourceText, options: RunOptions = {}): ScenarioResult {
  return ScenarioRun.begin(parseScenario(source, options.readFile), options).finish();
}

function clusterOptions({ cluster }: Scenario, seed: number | undefined): ClusterOptions {
  const { nodes = DEFAULT_NODE_COUNT } = cluster;
  const machines = typeof nodes === 'number' ? nodes : nodes.reduce((sum, { count }) => sum + count, 0);
  return {
    ...cluster,
    ...(seed !== undefined && { seed }),
    journalCapacity: DEFAULT_SETTINGS.journalCapacity + machines * ENTRIES_PER_NODE,
  };
}

/** What went wrong in a step; anything but a finding is a bug and is thrown on. */
function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof StepFailure) return error.problems;
  if (error instanceof LivelockError)
    return [{ message: `the cluster never comes to rest: ${error.message}` }];
  throw error;
}
