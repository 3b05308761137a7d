/** virt-handler's sign of life on its node, once a minute (KubeVirt v1.9 pkg/virt-handler/heartbeat). */
import { MINUTE, timestamp } from '../clock/index.ts';
import { type Controller, after, serviceAccountUser, update } from '../controller.ts';
import { nodes } from '../resources/refs.ts';
import { parseTimestamp } from '../clock/index.ts';

const HEARTBEAT = 'kubevirt.io/heartbeat';

export const heartbeatController: Controller = {
  name: 'virt-handler/heartbeat',
  author: 'virt-handler',
  user: serviceAccountUser('kubevirt', 'kubevirt-handler'),
  triggers: [{ resource: nodes.resource, keys: ({ type, key }) => (type === 'ADDED' ? [key] : []) }],
  reconcile(view, key) {
    const node = view.getByKey(nodes, key);
    const last = node?.metadata.annotations?.[HEARTBEAT];
    // A node without virt-handler has no heartbeat to keep up.
    if (!node || last === undefined) return [];
    const due = parseTimestamp(last) + MINUTE;
    if (view.now < due) return [after(due - view.now)];
    return [
      update(nodes, node, draft => {
        draft.metadata.annotations = { ...draft.metadata.annotations, [HEARTBEAT]: timestamp(view.now) };
      }),
      after(MINUTE),
    ];
  },
};
