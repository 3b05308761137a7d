/** What `spec.conversion` may say (apiextensions-apiserver v1.35 validateCustomResourceConversion). */
import { fieldErrors } from '../apiserver/index.ts';
import type { StatusCause } from '../types/meta.ts';
import type { Conversion } from './types.ts';

const { fieldForbidden, invalidValue, notSupported, required } = fieldErrors;

const STRATEGIES = ['None', 'Webhook'];
const REVIEW_VERSIONS = ['v1', 'v1beta1'];

export function conversionErrors(conversion: Conversion | undefined): StatusCause[] {
  if (!conversion) return [];
  const { strategy, webhook } = conversion;
  const causes: StatusCause[] = [];
  if (!strategy) causes.push(required('spec.conversion.strategy'));
  else if (!STRATEGIES.includes(strategy)) {
    causes.push(notSupported('spec.conversion.strategy', strategy, STRATEGIES));
  }
  const client = webhook?.clientConfig;
  const versions = webhook?.conversionReviewVersions ?? [];
  const clientPath = 'spec.conversion.webhookClientConfig';
  const versionsPath = 'spec.conversion.conversionReviewVersions';
  if (strategy !== 'Webhook') {
    const why = 'should not be set when strategy is not set to Webhook';
    if (client) causes.push(fieldForbidden(clientPath, why));
    if (versions.length > 0) causes.push(fieldForbidden(versionsPath, why));
    return causes;
  }
  if (!client) causes.push(required(clientPath, 'required when strategy is set to Webhook'));
  else if ((client.url === undefined) === (client.service === undefined)) {
    causes.push(required(clientPath, 'exactly one of url or service is required'));
  }
  if (versions.length === 0) causes.push(required(versionsPath));
  else if (!versions.some(version => REVIEW_VERSIONS.includes(version))) {
    causes.push(
      invalidValue(versionsPath, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`),
    );
  }
  return causes;
}
