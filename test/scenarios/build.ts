/** Scenarios written in tests. */
import { type ScenarioResult, runCommand, runScenario } from '../../scenarios/index.ts';

/** A scenario with these steps; its first step is on line 6. */
export function scenario(steps: string, cluster = '{nodes: 1}'): string {
  const head = `apiVersion: simulator.kubevirt.io/v1alpha1\nkind: Scenario\nmetadata: {name: test}\nspec:\n`;
  return `${head}  cluster: ${cluster}\n  steps:\n${steps.replace(/^(?=.)/gm, '    ')}`;
}

export function play(steps: string, options: { seed?: number; cluster?: string } = {}): ScenarioResult {
  return runScenario({ file: 'test.yaml', text: scenario(steps, options.cluster) }, { seed: options.seed });
}

/** Exit code and output of the command. */
export async function command(
  files: string[],
  options: { seed?: number } = {},
): Promise<{ code: number; out: string; error: string }> {
  let out = '';
  let error = '';
  const code = await runCommand(files, options, {
    out: text => {
      out += text;
    },
    error: text => {
      error += text;
    },
  });
  return { code, out, error };
}

export const VM = `
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: vm1}
spec:
  runStrategy: Always
  template:
    spec:
      domain:
        memory: {guest: 128Mi}
        devices: {}
`;

export const APPLY_VM = `- apply:\n${VM.trim().replace(/^/gm, '    ')}\n`;
