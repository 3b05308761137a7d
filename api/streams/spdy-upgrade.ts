/** Turns a raw connection into SPDY. */
import type { UpgradeRequest } from './context.ts';
import { SpdyConnection } from './spdy.ts';

export function acceptSpdy({ socket, head }: UpgradeRequest, protocol: string): SpdyConnection {
  const chosen = protocol === '' ? '' : `X-Stream-Protocol-Version: ${protocol}\r\n`;
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n${chosen}\r\n`,
  );
  return new SpdyConnection(socket, head);
}
