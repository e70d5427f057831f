import type { IncomingMessage, ServerResponse } from 'node:http';
import { CancelledError } from '../../common/errors.ts';
import type { ByteCounter } from './byte-counter.ts';

/**
 * Leads a request's body into a meter. A body that breaks off breaks the meter; but what breaks
 * behind the meter leaves the request whole, so that it can be answered.
 */
export function feed(request: IncomingMessage, meter: ByteCounter): void {
  const brokeOff = () => {
    if (!request.complete) {
      meter.destroy(
        new CancelledError(`The client broke off its upload after ${meter.bytes} bytes`),
      );
    }
  };
  request.on('error', brokeOff).once('close', brokeOff);
  meter.once('close', () => request.unpipe(meter));
  if (request.destroyed) brokeOff();
  else request.pipe(meter);
}

/**
 * Lets a client whose upload was refused in the middle read why. A connection that is closed while
 * it sends is reset, and the answer lost with it; so for a while, what comes is read and dropped.
 */
export function linger(request: IncomingMessage, response: ServerResponse, ms: number): void {
  const { headers, socket } = request;
  // Else Node closes when the answer is written, also where it is the client that wants no more.
  response.shouldKeepAlive = true;
  response.once('finish', () => {
    if (request.complete) return;
    request.resume();
    const cut = setTimeout(() => socket.destroy(), ms);
    request.once('close', () => {
      clearTimeout(cut);
      if (/\bclose\b/i.test(headers.connection ?? '')) socket.end();
    });
  });
}
