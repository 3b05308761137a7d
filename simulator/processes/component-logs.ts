/**
 * The logs of KubeVirt's components in KubeVirt's JSON form (client-go/log). Lines of the start are a table; the others
 * follow from the journal, so that each is there because something happened. Places in the source are those of v1.9.0.
 */
import { microTimestamp } from '../clock/index.ts';
import { type Domain, domains } from '../resources/internal.ts';
import { pods, virtualMachineInstances } from '../resources/refs.ts';
import type { JournalEntry } from '../store/index.ts';
import type { Container, Pod } from '../types/core.ts';
import type { VirtualMachineInstance } from '../types/kubevirt.ts';
import type { KubeObject, Millis } from '../types/meta.ts';
import { toBytes } from './bytes.ts';
import type { Run } from './containers.ts';
import { imageName } from './images.ts';
import type { LogLine, LogReader, LogSource } from './logs.ts';

interface Message {
  readonly msg: string;
  readonly pos: string;
  readonly about?: KubeObject;
  /** Of `about`, where the log names another. */
  readonly kind?: string;
  readonly uid?: string;
}

interface Component {
  readonly name: string;
  readonly startup: readonly (readonly [after: Millis, msg: string, pos: string])[];
  /** What one write makes it say. */
  readonly tell?: (entry: JournalEntry, pod: Pod, source: LogSource) => readonly Message[];
}

const COMPONENTS: Readonly<Record<string, Component>> = {
  'virt-api': {
    name: 'virt-api',
    startup: [
      [90, 'set log verbosity to 2', 'api.go:1285'],
      [95, 'setting rate limiter for the API to 5 QPS and 10 Burst', 'api.go:1294'],
      [96, 'setting rate limiter for webhooks to 200 QPS and 400 Burst', 'api.go:1298'],
      [140, 'CDI detected, DataSource integration enabled', 'api.go:1228'],
    ],
  },
  'virt-controller': {
    name: 'virt-controller',
    startup: [
      [90, 'set log verbosity to 2', 'application.go:571'],
      [95, 'setting rate limiter to 200 QPS and 400 Burst', 'application.go:562'],
      [130, 'CDI detected, DataVolume integration enabled', 'application.go:428'],
      [131, 'we are on kubernetes', 'application.go:449'],
    ],
    tell: tellController,
  },
  'virt-handler': {
    name: 'virt-handler',
    startup: [
      [90, 'set verbosity to 2', 'virt-handler.go:611'],
      [95, 'setting rate limiter to 50 QPS and 100 Burst', 'virt-handler.go:620'],
      [110, 'metrics: max concurrent requests=3', 'virt-handler.go:651'],
      [160, 'Starting virt-handler vms controller.', 'vm.go:259'],
    ],
    tell: tellHandler,
  },
  'virt-operator': { name: 'virt-operator', startup: [[150, 'Starting operator', 'application.go']] },
};

/** Undefined for containers that are none of KubeVirt's. */
export function componentLog(
  source: LogSource,
  pod: Pod,
  container: Container,
  run: Run,
): LogReader | undefined {
  const image = imageName(container.image ?? '');
  if (image === 'virt-launcher' && container.name === 'compute') return new LauncherLog(source, pod, run);
  const component =
    container.name === image && Object.hasOwn(COMPONENTS, image) ? COMPONENTS[image] : undefined;
  return component && new ComponentLog(source, pod, run, component);
}

/** Keys in the order of the alphabet, as KubeVirt's logger writes them. */
function line(component: string, at: Millis, message: Message): LogLine {
  const { msg, pos, about } = message;
  const named = about && {
    kind: message.kind ?? about.kind,
    name: about.metadata.name,
    namespace: about.metadata.namespace,
    uid: message.uid ?? about.metadata.uid,
  };
  const text = JSON.stringify({
    component,
    kind: named?.kind,
    level: 'info',
    msg,
    name: named?.name,
    namespace: named?.namespace,
    pos,
    timestamp: microTimestamp(at),
    uid: named?.uid,
  });
  return { at, stream: 'stderr', bytes: toBytes(`${text}\n`) };
}

class ComponentLog implements LogReader {
  readonly #source: LogSource;
  readonly #pod: Pod;
  readonly #run: Run;
  readonly #component: Component;
  #startup: number = 0;
  #revision = 0;

  constructor(source: LogSource, pod: Pod, run: Run, component: Component) {
    this.#source = source;
    this.#pod = pod;
    this.#run = run;
    this.#component = component;
  }

  read(until: Millis): LogLine[] {
    const { name, startup, tell } = this.#component;
    const lines: LogLine[] = [];
    for (let next = startup[this.#startup]; next; next = startup[this.#startup]) {
      const at = this.#run.startedAt + next[0];
      if (at > until) break;
      lines.push(line(name, at, { msg: next[1], pos: next[2] }));
      this.#startup += 1;
    }
    if (!tell || this.#startup < startup.length) return lines;
    for (const entry of this.#source.store.journal.after(this.#revision)) {
      if (entry.time > until) break;
      this.#revision = entry.revision;
      if (entry.time < this.#run.startedAt) continue;
      for (const message of tell(entry, this.#pod, this.#source)) lines.push(line(name, entry.time, message));
    }
    return lines;
  }
}

/** Only the leader works, so only it has something to say. */
function isLeader(pod: Pod, { view }: LogSource): boolean {
  const others = view
    .list(pods, pod.metadata.namespace)
    .filter(
      ({ metadata, status }) =>
        metadata.labels?.['kubevirt.io'] === 'virt-controller' && status?.phase === 'Running',
    );
  return others[0]?.metadata.uid === pod.metadata.uid;
}

function tellController(entry: JournalEntry, pod: Pod, source: LogSource): Message[] {
  if (entry.resource !== virtualMachineInstances.resource || entry.author !== 'virt-controller') return [];
  if (entry.type !== 'ADDED' || !isLeader(pod, source)) return [];
  const vmi = entry.object;
  const owner = vmi.metadata.ownerReferences?.find(
    ({ kind, controller }) => controller && kind === 'VirtualMachine',
  );
  if (!owner) return [];
  const msg = `Started VM by creating the new virtual machine instance ${vmi.metadata.name}`;
  const about = { ...vmi, kind: 'VirtualMachine', metadata: { ...vmi.metadata, name: owner.name } };
  return [{ msg, pos: 'vm.go:1341', about, uid: owner.uid }];
}

function tellHandler(entry: JournalEntry, pod: Pod): Message[] {
  if (entry.resource === domains.resource) {
    const domain = entry.object as Domain;
    const before = entry.previous as Domain | undefined;
    if (domain.nodeName !== pod.spec.nodeName || entry.type === 'DELETED' || before?.state === domain.state)
      return [];
    const msg = `Domain is in state ${domain.state} reason ${domain.reason ?? 'Unknown'}`;
    return [{ msg, pos: 'vm.go:1055', about: domain, kind: 'Domain', uid: domain.vmiUid }];
  }
  if (entry.resource !== virtualMachineInstances.resource || entry.author !== 'virt-handler') return [];
  const vmi = entry.object as VirtualMachineInstance;
  if (vmi.status?.nodeName !== pod.spec.nodeName) return [];
  const before = (entry.previous as VirtualMachineInstance | undefined)?.status?.phase;
  if (vmi.status?.phase === before) return [];
  return [
    {
      msg: `VMI is in phase: ${vmi.status?.phase} | Domain status: Running, reason: Unknown`,
      pos: 'vm.go:1459',
      about: vmi,
    },
  ];
}

/** virt-launcher and the machine in it: its start, its domain, and the signal that ends it. */
class LauncherLog implements LogReader {
  readonly #source: LogSource;
  readonly #pod: Pod;
  readonly #run: Run;
  readonly #told = new Set<string>();

  constructor(source: LogSource, pod: Pod, run: Run) {
    this.#source = source;
    this.#pod = pod;
    this.#run = run;
  }

  read(until: Millis): LogLine[] {
    return this.#all()
      .filter(({ at, msg }) => at <= until && !this.#told.has(msg))
      .map(({ at, ...message }) => {
        this.#told.add(message.msg);
        return line('virt-launcher', at, message);
      });
  }

  #all(): (Message & { at: Millis })[] {
    const { namespace, annotations } = this.#pod.metadata;
    const name = annotations?.['kubevirt.io/domain'] ?? '';
    const started = this.#run.startedAt;
    const lines = [
      { at: started, msg: 'Collected all requested hook sidecar sockets', pos: 'manager.go:88' },
      {
        at: started + 2,
        msg: 'Connecting to libvirt daemon: qemu+unix:///session?socket=/var/run/libvirt/virtqemud-sock',
        pos: 'libvirt.go:566',
      },
      { at: started + 9, msg: 'Connected to libvirt daemon', pos: 'libvirt.go:582' },
      { at: started + 10, msg: 'Registered libvirt event notify callback', pos: 'client.go:622' },
      { at: started + 11, msg: 'Marked as ready', pos: 'virt-launcher.go:85' },
    ];
    const domain = this.#source.view.get(domains, namespace, name);
    if (domain?.podName !== this.#pod.metadata.name) return lines;
    const full = `${namespace}_${name}`;
    lines.push({ at: domain.startedAt, msg: `Domain name event: ${full}`, pos: 'client.go:478' });
    lines.push({ at: domain.startedAt, msg: `Found PID for ${full}: 80`, pos: 'monitor.go:170' });
    if (domain.shutdownAt !== undefined && domain.state !== 'Running') {
      lines.push({ at: domain.shutdownAt, msg: 'Signaled graceful shutdown', pos: 'virt-launcher.go:486' });
    }
    if (domain.state === 'Shutoff' || domain.state === 'Crashed') {
      const at = this.#run.endedAt ?? domain.shutdownAt ?? domain.startedAt;
      lines.push({ at, msg: `Process ${full} and pid 80 is gone!`, pos: 'monitor.go:180' });
    }
    return lines;
  }
}
