/** Plugins (KubeVirt v1.9 admitters/plugin-admitter.go). */
import { featureGateEnabled } from '../../kubevirt-config/index.ts';
import type { KubeObject } from '../../types/meta.ts';
import { invalid } from '../causes.ts';
import { bareDenial } from '../denial.ts';
import { type AdmissionRequest, type AdmissionResult, ALLOWED, denied } from '../webhook.ts';

interface Hook {
  condition?: string;
  cel?: { expression?: string };
  sidecar?: { socketPath?: string };
}

interface Plugin extends KubeObject {
  spec: { condition?: string; domainHooks?: Hook[]; nodeHooks?: Hook[] };
}

/**
 * `plugin-validator.plugin.kubevirt.io`. There is no CEL compiler here: a plugin with an expression is refused by name
 * rather than let in unjudged. The first cause alone makes the message, as upstream.
 */
export function validatePlugin({ config, object, operation }: AdmissionRequest): AdmissionResult {
  if (operation === 'CREATE' && !featureGateEnabled(config, 'Plugins')) {
    return denied(bareDenial('Plugins feature gate is not enabled'));
  }
  const { condition, domainHooks = [], nodeHooks = [] } = (object as Plugin).spec;
  if (condition || [...domainHooks, ...nodeHooks].some(hook => hook.condition || hook.cel?.expression)) {
    return denied(bareDenial('the simulator does not evaluate CEL expressions in Plugins'));
  }
  const causes = domainHooks.flatMap(({ sidecar }, index) =>
    sidecar && !isClean(sidecar.socketPath ?? '')
      ? [
          invalid(
            "socketPath must be a clean path (no '..' segments or redundant separators)",
            `spec.domainHooks[${index}].sidecar.socketPath`,
          ),
        ]
      : [],
  );
  const [first] = causes;
  if (!first) return ALLOWED;
  return denied({ code: 422, reason: 'Invalid', message: first.message ?? '', details: { causes } });
}

/** Whether a path is its own shortest spelling (Go's filepath.Clean). */
function isClean(path: string): boolean {
  if (path === '/' || path === '.') return true;
  const parts = path.split('/');
  const names = path.startsWith('/') ? parts.slice(1) : parts;
  const climb = path.startsWith('/') ? 0 : names.findIndex(name => name !== '..');
  return names.slice(Math.max(climb, 0)).every(name => name !== '' && name !== '.' && name !== '..');
}
