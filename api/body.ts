/** Reading request bodies, bounded as kube-apiserver bounds them. */
import type { IncomingMessage } from 'node:http';
import { badRequest } from '../simulator/apiserver/index.ts';
import { entityTooLarge } from './failures.ts';

export const MAX_BODY_BYTES = 3 * 1024 * 1024;

const EMPTY = Buffer.alloc(0);

/** The client went away before its request was whole: there is nobody to answer. */
export class Disconnected extends Error {
  override readonly name = 'Disconnected';
}

/**
 * The whole body.
 * @throws ApiError 413 above three mebibytes; Disconnected when the client hangs up.
 */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  const length = request.headers['content-length'];
  if (length === '0' || (length === undefined && request.headers['transfer-encoding'] === undefined)) {
    return Promise.resolve(EMPTY);
  }
  return new Promise((resolve, reject) => {
    if (Number(length) > MAX_BODY_BYTES) {
      reject(entityTooLarge(MAX_BODY_BYTES));
      return;
    }
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      reject(badRequest(`request bodies of Content-Encoding ${JSON.stringify(encoding)} cannot be read`));
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) {
        request.removeAllListeners('data');
        request.resume();
        reject(entityTooLarge(MAX_BODY_BYTES));
      } else {
        chunks.push(chunk);
      }
    });
    request.on('end', () =>
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)),
    );
    request.on('error', () => reject(new Disconnected()));
    request.on('close', () => reject(new Disconnected()));
  });
}
