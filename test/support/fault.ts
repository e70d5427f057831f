import type { IncomingMessage, ServerResponse } from 'node:http';

/** How an endpoint of a fake engine misbehaves instead of answering. */
export type Fault =
  /** Answers with this status and text. */
  | { kind: 'STATUS'; status: number; body?: string; contentType?: string }
  /** Answers 200 with this text. */
  | { kind: 'BODY'; body: string; contentType?: string }
  /** A proxy's page. */
  | { kind: 'HTML'; status?: number }
  /** Accepts the request and never answers. */
  | { kind: 'HANG' }
  /** Sends headers and the beginning of a body, then nothing. */
  | { kind: 'HANG_IN_BODY' }
  /** Sends headers and the beginning of a body, then breaks the connection. */
  | { kind: 'DIE_IN_BODY' }
  /** Breaks the connection instead of an answer. */
  | { kind: 'DIE' }
  /** Bytes that are no HTTP. */
  | { kind: 'GARBAGE' }
  /** A body of this many bytes of JSON. */
  | { kind: 'HUGE'; bytes: number }
  /** Sends the client elsewhere. */
  | { kind: 'REDIRECT'; location: string };

/** Plays a fault on a request. */
export function playFault(fault: Fault, request: IncomingMessage, response: ServerResponse): void {
  const json = { 'Content-Type': 'application/json' };
  switch (fault.kind) {
    case 'STATUS': {
      const contentType = fault.contentType ?? 'application/json';
      const body = fault.body ?? JSON.stringify({ message: `status ${fault.status}` });
      response.writeHead(fault.status, { 'Content-Type': contentType }).end(body);
      return;
    }
    case 'BODY':
      response.writeHead(200, { 'Content-Type': fault.contentType ?? 'application/json' });
      response.end(fault.body);
      return;
    case 'HTML':
      response.writeHead(fault.status ?? 200, { 'Content-Type': 'text/html' });
      response.end('<!DOCTYPE html><html><head><title>Please log in</title></head></html>');
      return;
    case 'HANG':
      return;
    case 'HANG_IN_BODY':
      response.writeHead(200, json).write('[{"Id":"sha256:');
      return;
    case 'DIE_IN_BODY':
      response.writeHead(200, json).write('[{"Id":"sha256:', () => request.socket.destroy());
      return;
    case 'DIE':
      request.socket.destroy();
      return;
    case 'GARBAGE':
      request.socket.end('SSH-2.0-OpenSSH_9.2\r\n');
      return;
    case 'HUGE': {
      response.writeHead(200, json);
      const chunk = Buffer.alloc(1024 * 1024, ' ');
      let left = fault.bytes;
      const write = () => {
        while (left > 0 && !response.destroyed) {
          left -= chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', write);
            return;
          }
        }
        response.end('[]');
      };
      write();
      return;
    }
    case 'REDIRECT':
      response.writeHead(301, { Location: fault.location }).end();
  }
}
