/** What steps act on, and how they say that something is not as expected. */
import type { ApiRequest, ApiResponse, Cluster, JsonValue, Millis, UserInfo } from '../../simulator/index.ts';
import type { Kinds } from './kinds.ts';

/** A scenario asks as the person who installed the cluster does. */
export const ADMINISTRATOR: UserInfo = {
  username: 'kubernetes-admin',
  groups: ['system:masters', 'system:authenticated'],
};
/** Writes show this program as `manager`, as kubectl's show `kubectl`. */
export const FIELD_MANAGER = 'kubevirt-simulator';

export interface Session {
  readonly cluster: Cluster;
  readonly kinds: Kinds;
  /** Where the scenario's time begins. */
  readonly startTime: Millis;
}

/** Which object a failure is about, or which kind where no single object is meant. */
export interface Subject {
  readonly resource: string;
  /** `namespace/name` or `name`. */
  readonly key?: string;
}

/** Something that is not as expected. */
export interface Problem {
  readonly message: string;
  readonly expected?: JsonValue;
  /** Undefined where there is nothing. */
  readonly actual?: JsonValue;
  readonly subject?: Subject;
}

/** Thrown by steps that find something else than expected. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly problems: readonly Problem[];

  constructor(...problems: Problem[]) {
    super(problems.map(problem => problem.message).join('; '));
    this.problems = problems;
  }
}

export function ask(session: Session, request: Omit<ApiRequest, 'user'> & { user?: UserInfo }): ApiResponse {
  return session.cluster.request({ userAgent: FIELD_MANAGER, user: ADMINISTRATOR, ...request });
}
