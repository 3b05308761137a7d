/**
 * Scenarios: scripts in YAML that apply, start, let virtual time pass, wait and expect, and give the same journal to
 * the last byte for the same seed. A first form: left out are console, fault, repeat, parallel, at, checkpoint, branch
 * and templates; expectations over an interval and in CEL; reports other than text; directories; recordings.
 *
 * `language/` reads a file with positions, `steps/` is the table of what can be done, `checks/` says what is expected,
 * `run/` plays it, `report/` prints it.
 */
export { type Output, type RunCommandOptions, runCommand } from './command.ts';
export { API_VERSION, type Scenario, parseScenario, scenarioSchema } from './language/scenario.ts';
export { type Place, ScenarioError, type SourceText } from './language/source.ts';
export {
  ManifestError,
  type YamlDocument,
  objectsOf,
  readManifest,
  readYaml,
} from './manifests.ts';
export { textReport } from './report/text.ts';
export { JournalDigest, combineDigests } from './run/digest.ts';
export type { Failure, ScenarioResult, StepResult, WriteRecord } from './run/result.ts';
export { type RunOptions, ScenarioRun, runScenario } from './run/run.ts';
export { STEP_KINDS, applyRequest } from './steps/index.ts';
