/** The NamespaceLifecycle admission plug-in (apiserver pkg/admission/plugin/namespace/lifecycle, v1.35). */
import type { Namespace } from '../types/core.ts';
import type { AdmissionAttributes, AdmissionPlugin } from './context.ts';
import { forbidden, notFound } from './errors.ts';

/** Namespaces that cannot be deleted. */
export const PROTECTED_NAMESPACES: readonly string[] = ['default', 'kube-system', 'kube-public'];

const NAMESPACES = { group: '', plural: 'namespaces' };
/** What may be created even in a namespace that is going away. */
const ALWAYS_ALLOWED = new Set([
  'localsubjectaccessreviews.authorization.k8s.io',
  'subjectaccessreviews.authorization.k8s.io',
  'selfsubjectaccessreviews.authorization.k8s.io',
]);

export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  operations: ['CREATE', 'DELETE'],
  validate(attributes: AdmissionAttributes): void {
    if (attributes.resource === 'namespaces') {
      if (attributes.operation === 'DELETE' && PROTECTED_NAMESPACES.includes(attributes.name)) {
        throw forbidden(NAMESPACES, attributes.name, 'this namespace may not be deleted');
      }
      return;
    }
    if (attributes.operation !== 'CREATE' || !attributes.namespace) return;
    if (ALWAYS_ALLOWED.has(attributes.resource)) return;
    refuseIn(attributes, attributes.namespace);
  },
  // Looked at before any other plug-in mutates, so that nothing else complains first.
  mutate(attributes: AdmissionAttributes) {
    this.validate?.(attributes);
    return attributes.object as NonNullable<typeof attributes.object>;
  },
};

function refuseIn(attributes: AdmissionAttributes, name: string): void {
  const namespace = attributes.view.find('namespaces', undefined, name) as Namespace | undefined;
  if (!namespace) throw notFound(NAMESPACES, name);
  if (namespace.metadata.deletionTimestamp === undefined) return;
  throw forbidden(
    attributes.definition,
    attributes.name,
    `unable to create new content in namespace ${name} because it is being terminated`,
    [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${name} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  );
}
