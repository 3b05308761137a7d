/** How KubeVirt's webhooks refuse (KubeVirt v1.9 pkg/util/webhooks). The API server adds the webhook's name. */
import type { StatusCause } from '../types/meta.ts';

export interface Denial {
  /** HTTP status. */
  readonly code: number;
  readonly reason?: 'Invalid';
  readonly message: string;
  readonly details?: { readonly causes: readonly StatusCause[] };
}

/** As many causes as KubeVirt names; the rest it only counts. */
const MOST_CAUSES = 10;

/** Refuses an object for one or more causes: 422, the causes joined, at most ten of them. */
export function deny(causes: readonly StatusCause[]): Denial {
  const named = causes.slice(0, MOST_CAUSES);
  let message = named.map(cause => cause.message).join(', ');
  const more = causes.length - named.length;
  if (more > 0) message += `, and ${more} more validation errors`;
  return { code: 422, reason: 'Invalid', message, details: { causes: named } };
}

/** Refuses an object for all its causes, however many: what virt-operator's webhooks answer. */
export function denyWithAllCauses(causes: readonly StatusCause[]): Denial {
  return {
    code: 422,
    reason: 'Invalid',
    message: causes.map(cause => cause.message).join(', '),
    details: { causes },
  };
}

/** Refuses with a mere message. */
export function bareDenial(message: string, code = 400): Denial {
  return { code, message };
}

/** Refuses an eviction: 429, which makes `kubectl drain` try again. */
export function tooManyRequests(message: string): Denial {
  return { code: 429, message };
}
