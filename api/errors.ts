/** What happens to whatever a request throws. */
import type { ServerResponse } from 'node:http';
import { ApiError, internalError } from '../simulator/apiserver/index.ts';
import type { Status } from '../simulator/types/meta.ts';
import { Disconnected } from './body.ts';
import { UnknownPath } from './failures.ts';
import { sendStatus, sendText } from './responses.ts';

/** The Status of a refusal; undefined for what is none. */
export function statusOf(error: unknown): Status | undefined {
  return error instanceof ApiError ? error.status : undefined;
}

/** Answers a failed request. Bugs of the simulator become 500 and are told to `report`. */
export function sendError(response: ServerResponse, error: unknown, report: (error: unknown) => void): void {
  if (error instanceof Disconnected) return;
  if (error instanceof UnknownPath) {
    sendText(response, 404, '404 page not found\n');
    return;
  }
  const status = statusOf(error);
  if (!status) report(error);
  sendStatus(
    response,
    status ?? internalError(error instanceof Error ? error.message : String(error)).status,
  );
}
